"""The pure engine on the bundled protocols: the promises of design §5 and the criteria of the outlines."""

from __future__ import annotations

import pytest

from direkt1177.questions.flow import walk
from direkt1177.questions.kinds import UNKNOWN
from tests.triage.material import ADULT, CHILD, calm
from triage.engine.assess import Person, assess, facts_of, next_step
from triage.engine.loader import bundled
from triage.engine.model import CareLevel

pytestmark = pytest.mark.req("TRI-02")
THROAT = bundled()["sore_throat"]
CHEST = bundled()["chest_pain"]


def test_a_mild_sore_throat_is_self_care_and_has_no_urgency() -> None:
    result = assess(THROAT, calm(THROAT), ADULT)
    assert (result.urgency, result.care_level) == (None, CareLevel.SELF_CARE)
    assert result.advice_112 is False
    assert result.protocol_sha256 == THROAT.sha256


@pytest.mark.parametrize(
    ("changed", "urgency"),
    [
        ({"airway": ["breathing"]}, 1),
        ({"airway": ["swelling"]}, 1),
        ({"danger": ["stiff_neck", "headache"]}, 1),
        ({"danger": ["spots"]}, 1),
        ({"danger": ["stiff_neck"]}, 3),
        ({"abscess": ["trismus"]}, 2),
        ({"dry": "yes"}, 2),
        ({"medicine_risk": ["thyroid"]}, 2),
        ({"abscess": ["neck"], "fever": 38.2}, 2),
        ({"fever": 38.6, "cough": "no", "signs": ["coating"]}, 3),
        ({"fever": 38.6, "cough": "yes", "signs": ["coating"]}, None),
        ({"scarlet": "yes"}, 3),
        ({"pain": 7, "pain_stays": "yes", "pain_stops": "no"}, 3),
        ({"pain": 9, "pain_stays": "yes", "pain_stops": "no"}, 2),
        ({"pain": 5, "pain_stops": "yes"}, 3),
        ({"duration": "week", "mono": [], "fever": 38.0}, 3),
        ({"duration": "week", "mono": ["belly"]}, 3),
        ({"fish_bone": "yes"}, 3),
        ({"duration": "weeks3", "mono": []}, 4),
        ({"longer": ["lump"]}, 4),
        ({"longer": ["recurrent"]}, 4),
        ({"background": ["chemo"], "fever": 38.0}, 1),
        ({"background": ["immune"]}, 2),
        ({"course": ["worse"]}, 4),
        ({"course": ["worse"], "longer": ["lump"]}, 3),
        ({"pregnancy": "pregnant"}, 4),
        ({"pregnancy": "postpartum", "fever": 38.0}, 2),
    ],
)
def test_each_criterion_of_sore_throat_gives_its_urgency(changed: dict[str, object], urgency: int | None) -> None:
    person = Person(age_days=30 * 365, age_years=30, sex="female")
    assert assess(THROAT, {**calm(THROAT), **changed}, person).urgency == urgency  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("changed", "urgency"),
    [
        ({"timing": "now_long", "local": "no"}, 1),
        ({"timing": "now_long"}, None),
        ({"timing": "rest12", "risk": ["smoking"]}, 1),
        ({"with_pain": ["sweat"]}, 1),
        ({"with_pain": ["tearing"]}, 1),
        ({"with_pain": ["blood"]}, 1),
        ({"heart_disease": "yes", "nitro": "yes"}, 1),
        ({"timing": "rest72"}, 2),
        ({"effort_pain": "new"}, 2),
        ({"breath_pain": "yes", "clot_risk": ["leg"]}, 2),
        ({"fever": 38.5, "affected": "yes"}, 2),
        ({"leaning": "yes"}, 2),
        ({"pregnancy": "pregnant"}, 2),
        ({"vomited": "yes"}, 2),
        ({"breath_pain": "yes", "strain": "no"}, 3),
        ({"rash_band": "yes"}, 3),
        ({"palpitations": "yes"}, 3),
        ({"effort_pain": "stable"}, 4),
        ({"known": ["reflux"]}, 4),
        ({"known": ["anxiety"]}, 4),
        ({"background": ["thinners"], "trauma": "yes"}, 2),
    ],
)
def test_each_criterion_of_chest_pain_gives_its_urgency(changed: dict[str, object], urgency: int | None) -> None:
    person = Person(age_days=30 * 365, age_years=30, sex="female")
    assert assess(CHEST, {**calm(CHEST), **changed}, person).urgency == urgency  # type: ignore[dict-item]


def test_a_young_person_with_pain_on_effort_is_seen_within_a_day() -> None:
    young = Person(age_days=15 * 365, age_years=15, sex="male")
    assert assess(CHEST, {**calm(CHEST), "effort_pain": "stable"}, young).urgency == 3


def test_pain_at_rest_over_40_is_never_excused_by_a_sore_spot() -> None:
    older = Person(age_days=45 * 365, age_years=45, sex="male")
    assert assess(CHEST, {**calm(CHEST), "timing": "now_long"}, older).urgency == 1


def test_upper_belly_with_cold_sweat_over_40_fires_the_rule_of_atypical_infarction() -> None:
    older = Person(age_days=45 * 365, age_years=45)
    result = assess(CHEST, {**calm(CHEST), "place": "upper_belly", "with_pain": ["sweat"]}, older)
    assert "atypical_infarction" in {item.id for item in result.fired}


def test_unknown_on_a_criterion_counts_as_yes_unless_the_control_says_no() -> None:
    answers = {**calm(THROAT), "abscess": UNKNOWN, "abscess_control": UNKNOWN}
    raised = assess(THROAT, answers, ADULT)
    assert raised.urgency == 2
    assert raised.could_not_answer == ("svårt att gapa, grötigt tal eller ensidig svullnad",)
    assert assess(THROAT, {**answers, "abscess_control": "no"}, ADULT).care_level is CareLevel.SELF_CARE
    assert assess(THROAT, {**answers, "abscess_control": "yes"}, ADULT).urgency == 2


def test_urgency_1_by_unknown_answers_alone_becomes_2_with_the_112_advice_and_a_mark() -> None:
    result = assess(THROAT, {**calm(THROAT), "airway": UNKNOWN, "airway_control": UNKNOWN}, ADULT)
    assert (result.urgency, result.advice_112) == (2, True)
    assert result.could_not_answer == ("svårt att andas eller svälja saliv",)
    certain = assess(THROAT, {**calm(THROAT), "airway": UNKNOWN, "airway_control": UNKNOWN, "danger": ["spots"]}, ADULT)
    assert (certain.urgency, certain.advice_112) == (1, True)


def test_unknown_is_neutral_for_urgency_4_but_self_care_needs_definite_answers() -> None:
    unknown_longer = assess(THROAT, {**calm(THROAT), "longer": UNKNOWN}, ADULT)
    assert unknown_longer.care_level is CareLevel.SELF_CARE
    unknown_duration = assess(THROAT, {**calm(THROAT), "duration": UNKNOWN, "mono": []}, ADULT)
    assert unknown_duration.urgency == 3


@pytest.mark.parametrize(("duration", "urgency"), [("days2", 3), ("week", 4)])
def test_nothing_matched_is_never_self_care(duration: str, urgency: int) -> None:
    answers = {**calm(THROAT), "duration": duration, "mono": [], "fever": UNKNOWN, "feels_feverish": "no"}
    small = Person(age_days=2 * 365 + 30, age_years=2, by_guardian=True)  # self-care only over 3 years
    result = assess(THROAT, {**answers, "worry": "no"}, small)
    assert result.urgency == urgency
    assert "not_matched" in {item.id for item in result.fired}


def test_an_incomplete_interview_is_never_self_care() -> None:
    answers = calm(THROAT)
    for missing in walk(THROAT.questions, answers, facts_of(ADULT)).answers:
        partial = {key: value for key, value in answers.items() if key != missing}
        assert assess(THROAT, partial, ADULT).care_level is not CareLevel.SELF_CARE, missing


@pytest.mark.parametrize(
    "person",
    [
        Person(age_days=80 * 365, age_years=80, sex="male"),
        Person(age_days=15 * 365, age_years=15, sex="male"),
        Person(age_days=30 * 365, age_years=30, sex="male", protected=True),
    ],
)
def test_who_never_gets_automatic_self_care(person: Person) -> None:
    result = assess(THROAT, {**calm(THROAT), "older_worse": "no"}, person)
    assert result.urgency == 3


def test_infants_are_at_least_urgency_2_when_ill() -> None:
    newborn = Person(age_days=40, age_years=0, by_guardian=True)
    assert assess(THROAT, {**calm(THROAT), "worry": "no"}, newborn).urgency == 2


def test_a_guardians_strong_worry_counts() -> None:
    assert assess(THROAT, {**calm(THROAT), "worry": "no"}, CHILD).care_level is CareLevel.SELF_CARE
    assert assess(THROAT, {**calm(THROAT), "worry": "yes"}, CHILD).urgency == 3


def test_a_red_flag_word_raises_read_now_and_forbids_self_care() -> None:
    result = assess(THROAT, calm(THROAT), ADULT, red_flag_words=("andnöd",))
    assert (result.urgency, result.flags, result.red_flag_words) == (3, ("read_now",), ("andnöd",))
    dry = assess(THROAT, {**calm(THROAT), "dry": "yes"}, ADULT, red_flag_words=("andnöd",))
    assert dry.urgency == 2


def test_the_general_interview_never_assesses() -> None:
    general = bundled()["general"]
    result = assess(general, calm(general), ADULT, red_flag_words=("andnöd",))
    assert (result.urgency, result.care_level) == (None, CareLevel.NOT_ASSESSED)
    assert result.flags == ("read_now",)


def test_the_interview_stops_as_soon_as_a_rule_of_urgency_1_is_certain() -> None:
    step = next_step(THROAT, {"airway": ["saliva"]}, ADULT)
    assert step.question is None
    assert step.emergency is not None and step.emergency.id == "airway_threatened"
    onward = next_step(THROAT, {"airway": ["saliva"]}, ADULT, go_past=True)
    assert onward.question is not None and onward.question.id == "danger"
    unsure = next_step(THROAT, {"airway": UNKNOWN}, ADULT)
    assert unsure.question is not None and unsure.question.id == "airway_control"


@pytest.mark.req("TRI-10")
def test_the_anamnesis_tells_denies_and_says_what_was_not_known() -> None:
    answers = {**calm(THROAT), "fever": 38.7, "signs": ["coating", "glands"], "cough": "no", "pain": UNKNOWN}
    text = assess(THROAT, {**answers, "pain_stays": "no", "pain_stops": "no"}, ADULT).anamnesis
    assert text.startswith("Halsont.\n")
    assert "Temperatur 38,7 °C." in text
    assert "Beläggning på halsmandlarna, ömma körtlar i käkvinklarna." in text
    assert "Nekar till" in text and "hosta eller snuva" in text
    assert "Kunde inte svara: smärta." in text


def test_an_exception_nobody_confirmed_does_not_lower_a_certain_urgency() -> None:
    person = Person(age_days=30 * 365, age_years=30, sex="male")
    pain_now = {**calm(CHEST), "timing": "now_long"}
    said_no = assess(CHEST, {**pain_now, "local": "no"}, person)
    unknown = assess(CHEST, {**pain_now, "local": UNKNOWN}, person)
    assert (said_no.urgency, unknown.urgency) == (1, 1)
    assert not any(item.by_unknown for item in unknown.fired if item.urgency == 1)
    likely = {**calm(THROAT), "fever": 38.6, "signs": ["glands"]}
    assert assess(THROAT, {**likely, "cough": UNKNOWN}, ADULT).urgency == 3
