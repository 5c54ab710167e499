"""Fever in a child, urinary symptoms and rash: each criterion of the outlines gives its urgency."""

from __future__ import annotations

import re

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.questions import kinds
from direkt1177.questions.kinds import UNKNOWN, AnswerValue
from direkt1177.questions.rendering import PLACES
from direkt1177.questions.voice import Voice
from tests.triage.material import calm
from triage.commands import publish_bundled
from triage.engine.assess import Assessment, Person, assess, next_step
from triage.engine.loader import bundled, common_data
from triage.engine.model import CareLevel, Protocol
from triage.models import ProtocolVersion
from triage.search import reasons, search
from triage.steps import BUNDLED_APPROVER, protocol_of

pytestmark = pytest.mark.req("TRI-02")
NAMES = ("fever_child", "urinary", "rash_skin")
#: What somebody with the plain, harmless form of the trouble answers besides no.
MILD: dict[str, dict[str, AnswerValue]] = {
    "fever_child": {"symptoms": ["cold"], "fever": 38.6},
    "urinary": {"symptoms": ["burning", "often"]},
    "rash_skin": {"mild": ["eczema"]},
}
Changed = dict[str, AnswerValue]


def years(age: int, *, sex: str = "female", **more: bool) -> Person:
    return Person(age_days=age * 365 + 30, age_years=age, sex=sex, by_guardian=age < 13, **more)


def days(age: int) -> Person:
    return Person(age_days=age, age_years=age // 365, sex="female", by_guardian=True)


TODDLER, CHILD, WOMAN, MAN, OLD = years(2), years(6), years(30), years(30, sex="male"), years(80)
NORMAL = {"fever_child": CHILD, "urinary": WOMAN, "rash_skin": WOMAN}


def result(name: str, changed: Changed, person: Person | None = None) -> Assessment:
    protocol = bundled()[name]
    return assess(protocol, {**calm(protocol), **MILD[name], **changed}, person or NORMAL[name])


@pytest.mark.parametrize("name", NAMES)
def test_the_plain_form_is_self_care_with_advice_and_a_safety_net(name: str) -> None:
    found = result(name, {})
    assert (found.urgency, found.care_level, found.advice_112) == (None, CareLevel.SELF_CARE, False)
    protocol = bundled()[name]
    assert protocol.self_care is not None and len(protocol.self_care.advice) >= 4
    assert any(line.call == "112" for line in protocol.safety_net)


@pytest.mark.parametrize(
    ("changed", "person", "urgency"),
    [
        ({"alert": ["limp"]}, CHILD, 1),
        ({"alert": ["cry"]}, TODDLER, 1),
        ({"colour": ["mottled"]}, CHILD, 1),
        ({"breathing": ["grunting"]}, CHILD, 1),
        ({"danger": ["spots"]}, CHILD, 1),
        ({"danger": ["fontanelle"]}, TODDLER, 1),
        ({"alert": ["confused"]}, CHILD, 1),
        ({"seizure": ["first"]}, TODDLER, 1),
        ({"seizure": ["known", "not_back"]}, TODDLER, 1),
        ({"background": ["chemo"]}, CHILD, 1),
        ({"illness": ["sickle"]}, CHILD, 1),
        ({"fever": UNKNOWN, "feels_feverish": "yes", "illness": ["spleen"]}, CHILD, 1),
        ({"fever": 38.0}, days(60), 2),
        ({"fever": 37.0}, days(60), 2),
        ({"fever": 39.0}, days(120), 2),
        ({"seizure": ["known"]}, TODDLER, 2),
        ({"affected": ["no_play"]}, CHILD, 2),
        ({"affected": ["pallor"]}, CHILD, 2),
        ({"breathing": ["fast"]}, CHILD, 2),
        ({"drinking": ["no_urine"]}, CHILD, 2),
        ({"limb": "yes"}, CHILD, 2),
        ({"chills": "yes"}, CHILD, 2),
        ({"malaria": "yes"}, CHILD, 2),
        ({"duration": "days5", "kawasaki": ["lips"]}, CHILD, 2),
        ({"belly": "yes"}, CHILD, 2),
        ({"pain": 7, "pain_stays": "yes", "pain_stops": "no"}, CHILD, 2),
        ({"fever": 38.9}, days(120), 3),
        ({"duration": "days4"}, CHILD, 3),
        ({"duration": "days5", "kawasaki": []}, CHILD, 3),
        ({"returned": "yes"}, CHILD, 3),
        ({"symptoms": [], "duration": "days2"}, years(1), 3),
        ({"urine": "yes"}, CHILD, 3),
        ({"symptoms": ["cold", "ear"]}, days(300), 3),
        ({"symptoms": ["ear"], "pain": 7, "pain_stays": "no", "pain_stops": "no"}, CHILD, 3),
        ({"measles": ["rash", "unvaccinated"]}, CHILD, 3),
        ({"measles": ["exposed"]}, CHILD, 3),
        ({"measles": ["unvaccinated"]}, CHILD, None),
        ({"illness": ["chronic"]}, CHILD, 3),
        ({"episodes": "yes", "fever": 37.5}, CHILD, 4),
        ({"duration": "weeks2", "kawasaki": [], "fever": 37.6}, CHILD, 4),
        ({"fever": 38.5}, days(300), 3),
        ({"symptoms": ["vaccine"], "duration": "yesterday"}, TODDLER, None),
        ({"background": ["immune"]}, CHILD, 2),
        ({"worry": "yes"}, CHILD, 3),
        ({}, WOMAN, 3),
    ],
)
def test_each_criterion_of_fever_in_a_child(changed: Changed, person: Person, urgency: int | None) -> None:
    assert result("fever_child", changed, person).urgency == urgency


@pytest.mark.parametrize(
    ("changed", "person", "urgency"),
    [
        ({"severe": ["confused"]}, WOMAN, 1),
        ({"kidney_signs": ["flank"], "fever": 38.2, "conditions": ["single"]}, WOMAN, 1),
        ({"kidney_signs": ["flank"], "fever": UNKNOWN, "feels_feverish": "yes", "conditions": ["blocked"]}, WOMAN, 1),
        ({"retention": "yes"}, MAN, 2),
        ({"fever": 38.0}, WOMAN, 2),
        ({"kidney_signs": ["vomiting"]}, WOMAN, 2),
        ({"pregnancy": "pregnant", "kidney_signs": ["flank"]}, WOMAN, 2),
        ({"fever": 38.4}, MAN, 2),
        ({"fever": 38.4, "conditions": ["catheter"]}, WOMAN, 2),
        ({}, days(60), 2),
        ({"fever": 38.1}, days(300), 2),
        ({"blood": ["clots"]}, WOMAN, 2),
        ({"conditions": ["transplant"]}, WOMAN, 2),
        ({"background": ["immune"]}, WOMAN, 2),
        ({"pregnancy": "pregnant"}, WOMAN, 3),
        ({"pregnancy": "pregnant", "conditions": ["diabetes"]}, WOMAN, 2),
        ({"pregnancy": "postpartum"}, WOMAN, 2),
        ({"pregnancy": "postpartum", "fever": 38.0}, WOMAN, 2),
        ({}, MAN, 3),
        ({"symptoms": ["wetting"]}, CHILD, 3),
        ({"symptoms": [], "blood_painless": "yes"}, CHILD, 3),
        ({"blood": ["painful"]}, WOMAN, 3),
        ({"conditions": ["diabetes"]}, WOMAN, 3),
        ({"conditions": ["catheter"]}, WOMAN, 3),
        ({"treated": "yes"}, WOMAN, 3),
        ({"strong": "yes"}, WOMAN, 3),
        ({"symptoms": [], "blood_painless": "yes"}, years(55), 4),
        ({"symptoms": [], "blood_painless": "yes", "background": ["thinners"]}, years(55), 2),
        ({"recurrent": "yes"}, WOMAN, 4),
        ({"symptoms": ["weak", "night"]}, years(60, sex="male"), 4),
        ({"discharge": ["sti"]}, WOMAN, 4),
        ({"duration": "days3"}, WOMAN, 3),
        ({"duration": "week"}, WOMAN, 4),
        ({}, years(70), 3),
        ({}, Person(age_days=30 * 365, age_years=30, sex=None), 3),
        ({}, years(30, protected=True), 3),
    ],
)
def test_each_criterion_of_urinary_symptoms(changed: Changed, person: Person, urgency: int | None) -> None:
    assert result("urinary", {"older_worse": "no", **changed}, person).urgency == urgency


@pytest.mark.parametrize(
    ("changed", "person", "urgency"),
    [
        ({"spots": "yes", "fever": 38.0}, CHILD, 1),
        ({"spots": "yes", "ill": "yes"}, WOMAN, 1),
        ({"allergy": ["tongue"]}, WOMAN, 1),
        ({"allergy": ["vomiting"], "mild": ["hives"]}, WOMAN, 1),
        ({"allergy": ["vomiting"]}, WOMAN, 3),
        ({"blisters": ["peeling", "mucosa"], "fever": 38.5}, WOMAN, 1),
        ({"blisters": ["peeling", "mucosa"]}, WOMAN, 2),
        ({"deep": ["spreading", "extreme"]}, WOMAN, 1),
        ({"deep": ["extreme", "dusky"]}, WOMAN, 1),
        ({"deep": ["spreading"]}, WOMAN, 2),
        ({"hot": "yes", "fever": 38.0}, WOMAN, 2),
        ({"hot": "yes", "site": ["hand"]}, WOMAN, 2),
        ({"hot": "yes", "diabetes": "yes"}, WOMAN, 2),
        ({"looks": ["band"], "site": ["eye"]}, WOMAN, 2),
        ({"looks": ["band"], "background": ["immune"], "duration": "week"}, WOMAN, 2),
        ({"mild": ["pox"], "dry": "no", "pregnancy": "pregnant"}, WOMAN, 2),
        ({"mild": ["pox"], "dry": "no"}, days(20), 2),
        ({"spots": "yes"}, WOMAN, 2),
        ({"eczema_sores": "yes", "fever": 38.3}, WOMAN, 2),
        ({"medicine": ["new", "face"]}, WOMAN, 2),
        ({"medicine": ["new"]}, WOMAN, 3),
        ({"looks": ["all_red"]}, WOMAN, 2),
        ({"infant_blisters": "yes"}, days(60), 2),
        ({"looks": ["band"]}, WOMAN, 3),
        ({"hot": "yes"}, WOMAN, 3),
        ({"looks": ["crust"]}, WOMAN, 3),
        ({"looks": ["abscess"]}, WOMAN, 3),
        ({"eczema_sores": "yes"}, WOMAN, 3),
        ({"looks": ["hives_wide"]}, WOMAN, 3),
        ({"looks": ["scarlet"]}, CHILD, 3),
        ({"calf": "yes"}, WOMAN, 3),
        ({"longer": ["mole"]}, WOMAN, 4),
        ({"longer": ["sore"]}, WOMAN, 4),
        ({"longer": ["chronic"]}, WOMAN, 4),
        ({"longer": ["hives_long"]}, WOMAN, 4),
        ({"longer": ["mole"], "pregnancy": "pregnant"}, WOMAN, 3),
        ({"mild": ["pox"], "dry": "no", "fever": 38.5}, CHILD, None),
        ({"mild": ["pox"], "dry": "yes"}, CHILD, 3),
        ({"mild": ["pox"], "dry": "no"}, WOMAN, 3),
        ({"mild": ["nappy"]}, TODDLER, None),
        ({"mild": ["nappy"]}, days(300), 3),
        ({"fever": 38.5}, WOMAN, 3),
        ({}, OLD, 3),
    ],
)
def test_each_criterion_of_rash(changed: Changed, person: Person, urgency: int | None) -> None:
    assert result("rash_skin", {"older_worse": "no", **changed}, person).urgency == urgency


@pytest.mark.parametrize("name", NAMES)
def test_urgency_1_by_unknown_alone_is_2_and_a_control_rules_it_out(name: str) -> None:
    protocol = bundled()[name]
    first = protocol.questions[0]
    control = next(item for item in protocol.questions if item.controls == first.id)
    unsure = result(name, {first.id: UNKNOWN, control.id: UNKNOWN})
    assert (unsure.urgency, unsure.advice_112, unsure.could_not_answer) == (2, True, (first.short,))
    assert result(name, {first.id: UNKNOWN, control.id: "no"}).care_level is CareLevel.SELF_CARE
    assert result(name, {first.id: UNKNOWN, control.id: "yes"}).urgency == 2


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("fever_child", {"alert": ["wake"]}),
        ("urinary", {"severe": ["rigors_ill"]}),
        ("rash_skin", {"allergy": ["breathing"]}),
    ],
)
def test_a_certain_sign_of_urgency_1_stops_the_interview_at_once(name: str, answers: Changed) -> None:
    step = next_step(bundled()[name], answers, NORMAL[name])
    assert step.question is None and step.emergency is not None


@pytest.mark.req("TRI-10")
def test_the_anamnesis_speaks_the_words_of_staff() -> None:
    text = result("fever_child", {"drinking": ["dry_mouth"], "duration": "days4", "fever": 39.4}).anamnesis
    assert text.startswith("Feber hos barn.\n")
    assert "Feber sedan: 4 dagar." in text and "Temperatur 39,4 °C." in text
    assert "Torr mun eller inga tårar." in text
    assert "förstagångskramp vid feber" in text.partition("Nekar till")[2]


def _own_texts(protocol: Protocol) -> list[str]:
    """Every text the resident reads that the protocol does not share with others."""
    shared = {item.id for item in (*common_data().questions, *common_data().post_triage)}
    found = []
    for item in (*protocol.questions, *protocol.post_triage):
        if item.id not in shared:
            found += [item.text, item.hint, item.why, *(o.text for o in kinds.options_of(item))]
    assert protocol.self_care is not None
    found += [protocol.self_care.title, protocol.self_care.text]
    found += [text for advice in protocol.self_care.advice for text in (advice.title, advice.text)]
    return found + [line.text for line in protocol.safety_net]


@pytest.mark.parametrize("name", NAMES)
def test_every_text_can_be_read_about_a_child(name: str) -> None:
    """With the child's name in place nothing may still speak of "dig" or "din"."""
    for text in _own_texts(bundled()[name]):
        spoken = Voice("Alma")(text)
        assert "{" not in spoken
        assert re.search(r"\b(dig|din|ditt|dina)\b", spoken, re.IGNORECASE) is None, spoken


@pytest.mark.parametrize("name", NAMES)
def test_questions_are_explained_and_red_flags_can_be_told_by_staff(name: str) -> None:
    protocol = bundled()[name]
    flags = [item for item in protocol.questions if item.red_flag]
    assert len(flags) >= 10
    assert sum(1 for item in protocol.questions if item.why) >= len(protocol.questions) // 2
    for item in protocol.questions:
        assert item.short
        assert all(option.place is None or option.place in PLACES for option in kinds.options_of(item))
        if isinstance(item, kinds.Several):
            assert all(option.short for option in item.options), item.id
    assert len(protocol.post_triage) > 3


@pytest.mark.req("TRI-01")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("min son har feber", "fever_child"),
        ("bebis feber", "fever_child"),
        ("det svider när jag kissar", "urinary"),
        ("blåskatarr", "urinary"),
        ("kliande utslag på magen", "rash_skin"),
        ("vattkoppor", "rash_skin"),
        ("nässelutslag", "rash_skin"),
    ],
)
def test_own_words_lead_to_the_protocol(text: str, reason: str) -> None:
    assert search(text)[0].reason.id == reason
    assert reasons()[reason].protocol == reason


@pytest.mark.req("TRI-17")
@pytest.mark.django_db
def test_publishing_takes_them_up_once_with_the_demo_approver() -> None:
    publish_bundled(actor=SYSTEM)
    publish_bundled(actor=SYSTEM)
    for name in NAMES:
        row = ProtocolVersion.objects.get(protocol=name)
        assert (row.version, row.sha256) == ("2025.1-1", bundled()[name].sha256)
        assert row.approved_by == BUNDLED_APPROVER and "ej för klinisk användning" in row.approved_by
        assert protocol_of(row) == bundled()[name]
