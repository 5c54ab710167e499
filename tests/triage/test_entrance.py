"""The resident's way in, page by page through the real views, commands and database (ENT, TRI)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cases.models import Case, Consent
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import make_child, make_person, make_unit
from tests.signing_in import resident_client, staff_client
from tests.triage.material import calm, throat
from tests.triage.walking import Walk
from triage.engine.loader import bundled
from triage.models import Interview, ProtocolVersion

pytestmark = pytest.mark.django_db
THROAT = bundled()["sore_throat"]
CHEST = bundled()["chest_pain"]


def frozen(interview: Interview) -> dict[str, Any]:
    assert interview.assessment is not None
    return dict(interview.assessment)


@pytest.mark.req("ENT-01", "ENT-07", "ENT-12", "TRI-01", "TRI-02", "ENT-32", "ENT-36")
def test_the_whole_way_to_a_case_with_urgency_in_words_only(walk: Walk, person: Person, unit: Unit) -> None:
    walk.begin(person)
    walk.describe()
    assert walk.answer_all(throat(dry="yes")) > 15
    assert walk.page == "resultat"
    assert "inom några timmar" in walk.html
    assert not any(word in walk.html for word in ("angelägenhet", "Angelägenhet", "prio 2"))
    walk.to_summary()
    assert "Granbackens hälsocentral" in walk.html
    assert "Jag har ont i halsen" in walk.html
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.computed_urgency, case.state) == (2, 2, "waiting")
    assert (case.unit, case.role.code, case.patient, case.started_by) == (unit, "nurse", person, person)
    assert (case.contact_reason, case.contact_reason_code) == ("Halsont", "sore_throat")
    assert case.free_text == "Jag jobbar natt."
    assert case.fee_accepted_at is not None and case.fee_text_version
    assert set(Consent.objects.values_list("item", "allowed")) == {("care_history", True), ("medication_list", False)}
    interview = Interview.objects.get()
    assert interview.case == case and interview.outcome == "case"
    assert frozen(interview)["protocol_sha256"] == THROAT.sha256
    assert interview.protocol_version == ProtocolVersion.objects.get(sha256=THROAT.sha256)


@pytest.mark.req("TRI-05")
def test_self_care_and_satisfied_stores_the_interview_without_a_case(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    assert "Du kan troligen klara det här hemma" in walk.html
    assert "får svårt att andas" in walk.html
    walk.post(choice="satisfied")
    assert walk.page == "klart"
    interview = walk.interview
    assert (interview.outcome, interview.case, Case.objects.count()) == ("self_care", None, 0)
    assert frozen(interview)["care_level"] == "self_care"


@pytest.mark.req("TRI-05", "ENT-11")
def test_only_going_on_after_self_care_gives_urgency_5(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.computed_urgency) == (5, None)


@pytest.mark.req("TRI-02")
def test_a_reason_without_protocol_is_not_assessed_and_still_reaches_staff(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.post(text="Jag har ont i knät sedan en vecka")
    assert walk.response.status_code == 200 and 'value="limb_joint"' in walk.html
    walk.describe("Jag har ont i knät sedan en vecka", "limb_joint")
    walk.answer_all(calm(bundled()["general"]))
    assert "Personalen behöver läsa" in walk.html
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.computed_urgency, case.contact_reason_code) == (None, None, "limb_joint")
    assert case.sort_rank < 30


def test_a_grown_up_who_chooses_a_childs_reason_gets_general_questions(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe("Jag har feber", reason="fever_child")
    version = walk.interview.protocol_version
    assert version is not None and version.protocol == "general"
    assert walk.interview.contact_reason == "Feber hos barn"


def test_a_red_flag_word_raises_read_now_and_never_lowers(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe("Ont i halsen och får ingen luft", "sore_throat")
    walk.answer_all(throat())
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.read_now) == (3, True)


@pytest.mark.req("ENT-12")
def test_sending_twice_gives_one_case(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    url, key = walk.url, walk.key()
    walk.post(url, key=key)
    first = walk.url
    walk.post(url, key=key)
    assert (walk.url, Case.objects.count()) == (first, 1)
    walk.post(url, key="0" * 32)
    assert (walk.url, Case.objects.count()) == (first, 1)


def test_resume_leads_to_the_first_open_question_after_a_new_sign_in(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.post(question="airway", q_airway="none")
    walk.post(question="danger", q_danger="none")
    again = Walk(resident_client(person))
    again.get("/sok-vard/")
    draft = f"/sok-vard/{walk.interview.public_id}/"
    assert draft in again.html
    again.get(draft)
    assert again.page == "3" and "Hur länge har du haft ont i halsen?" in again.html
    again.get(f"/sok-vard/{walk.interview.public_id}/fraga/1/")
    assert 'value="none" id="id_q_airway_4" checked' in again.html


def test_a_changed_answer_opens_the_result_again(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    walk.to_summary()
    public_id = walk.interview.public_id
    walk.post(f"/sok-vard/{public_id}/fraga/1/", question="airway", q_airway=["breathing"])
    assert walk.page == "112"
    walk.post(f"/sok-vard/{public_id}/fraga/1/", question="airway", q_airway="none")
    walk.get(f"/sok-vard/{public_id}/skicka/")
    assert walk.page == "resultat"
    assert not walk.interview.chose_staff_after_self_care


def test_nothing_can_be_skipped_by_address(walk: Walk, person: Person) -> None:
    walk.begin(person)
    base = f"/sok-vard/{walk.interview.public_id}/"
    for page in ("resultat/", "mer/", "samtycke/", "avgift/", "skicka/", "fraga/1/", "112/", "klart/"):
        walk.get(base + page)
        assert walk.page == "beratta", page
    walk.describe()
    walk.get(base + "fraga/9/")
    assert walk.page == "1"
    walk.post(base + "skicka/", key="0" * 32)
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("akut/", {}),
        ("akut/", {"answer": "perhaps"}),
        ("beratta/", {"text": ""}),
        ("beratta/", {"text": "x" * 5000, "reason": "sore_throat"}),
        ("beratta/", {"text": "ont", "reason": "no_such"}),
        ("beratta/", {"text": "\x00 \x0b"}),
    ],
)
def test_bad_input_is_told_in_swedish_with_what_was_typed_kept(
    walk: Walk, person: Person, path: str, data: dict[str, str]
) -> None:
    walk.begin(person)
    walk.post(f"/sok-vard/{walk.interview.public_id}/{path}", **data)
    assert walk.response.status_code == 422
    assert "Fel:" in walk.html or 'role="alert"' in walk.html
    assert data.get("text", "")[:300].strip("\x00 \x0b") in walk.html


def test_a_bad_answer_is_told_and_kept(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    for question_id in ("airway", "danger"):
        walk.post(question=question_id, **{f"q_{question_id}": "none"})
    walk.post(question="duration", q_duration="days2")
    walk.post(question="fever", q_fever="385")
    assert walk.response.status_code == 422
    assert "Menade du 38,5?" in walk.html and 'value="385"' in walk.html
    assert "<title>Fel:" in walk.html


@pytest.mark.req("ENT-15", "ENT-16", "ENT-17", "ENT-18", "ENT-24")
def test_who_can_be_chosen(walk: Walk, person: Person) -> None:
    today = now().date()
    child = make_child(person, first_name="Alma", birth_date=date(today.year - 5, 1, 1))
    baby = make_child(person, first_name="Love", birth_date=today - timedelta(days=120))
    teen = make_child(person, first_name="Tuva", birth_date=date(today.year - 14, 1, 1))
    make_child(person, first_name="Hemlig", birth_date=date(today.year - 6, 1, 1), protected="yes")
    walk.get("/sok-vard/")
    assert "Alma" in walk.html and "Hemlig" not in walk.html
    assert str(child.public_id) in walk.html
    assert "Love" in walk.html and str(baby.public_id) not in walk.html
    assert "Tuva" in walk.html and str(teen.public_id) not in walk.html
    for forbidden in (baby, teen, make_person()):
        walk.post("/sok-vard/", who=str(forbidden.public_id), key="0" * 32)
        assert walk.response.status_code == 422
    assert Interview.objects.count() == 0


@pytest.mark.req("ENT-19")
def test_a_guardian_answers_about_the_child_by_name(walk: Walk, person: Person) -> None:
    child = make_child(person, first_name="Alma", sex="female")
    walk.begin(child)
    assert "Berätta vad Alma behöver hjälp med" in walk.html and "Gäller Alma" in walk.html
    walk.describe("Alma har ont i halsen", "sore_throat")
    assert "Har Alma svårt att andas eller svälja just nu?" in walk.html
    walk.answer_all(throat(worry="no", dry="yes"))
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.patient, case.started_by) == (child, person)
    assert "Alma" not in frozen(Interview.objects.get(case=case))["anamnesis"]


@pytest.mark.req("ENT-02", "QUE-20", "TRI-14")
def test_an_administrative_question_goes_to_its_own_queue_without_assessment(person: Person) -> None:
    walk = Walk(resident_client(person), "/fraga/")
    walk.get()
    walk.post(who=str(person.public_id), key=walk.key())
    assert "Här görs ingen medicinsk bedömning" in walk.html
    walk.post(subject="", text="", key=walk.key())
    assert walk.response.status_code == 422
    walk.post(subject="Intyg", text="Jag behöver ett intyg.", key=walk.key())
    case = Case.objects.get()
    assert (case.kind, case.role.code, case.urgency, case.computed_urgency) == (
        "admin_question",
        "medical_admin",
        None,
        None,
    )
    assert (case.contact_reason, case.free_text) == ("Intyg", "Jag behöver ett intyg.")


@pytest.mark.req("ORG-07", "ORG-09", "QUE-20")
def test_the_role_and_not_the_title_decides_who_sees_a_new_case(walk: Walk, person: Person, unit: Unit) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    walk.post(key=walk.key())
    asking = Walk(walk.client, "/fraga/")
    asking.get()
    asking.post(who=str(person.public_id), key=asking.key())
    asking.post(subject="Intyg", text="Jag behöver ett intyg.", key=asking.key())
    care, question = (Case.objects.get(kind=kind) for kind in ("seek_care", "admin_question"))

    def seen(role: str, title: str) -> set[Case]:
        staff = staff_client(factories.make_staff(unit, role, title=title))
        html = staff.get("/personal/drop-in/").content.decode()
        return {case for case in (care, question) if f"case:{case.public_id}" in html}

    assert seen("nurse", "Barnmorska") == seen("nurse", "Specialistläkare") == {care}
    assert seen("medical_admin", "Legitimerad sjuksköterska") == {question}
    assert seen("doctor", "Legitimerad sjuksköterska") == set()


@pytest.mark.req("TRI-06", "TRI-07")
@pytest.mark.parametrize(("dry", "urgency"), [("yes", 2), ("no", 5)])
def test_what_is_told_after_the_result_is_read_but_changes_no_urgency(
    walk: Walk, person: Person, unit: Unit, dry: str, urgency: int
) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry=dry))
    walk.post(choice="go_on")
    worst = "Jag kan inte andas och har ont i bröstet."
    walk.post(q_strep_contact="yes", q_rheumatic="yes", q_oral_sex="yes", added_text=worst, go="1")
    walk.consent_and_fee()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert case.urgency == urgency
    html = staff_client(factories.make_staff(unit)).get(f"/personal/triage/{case.public_id}/").content.decode()
    marked = html.partition("Ingår inte i prioriteringen")[2]
    assert worst in marked and "reumatisk feber" in marked


@pytest.mark.req("ENT-06", "ENT-09")
def test_the_link_of_a_contact_card_and_the_choice_of_an_unlisted_resident(unit: Unit) -> None:
    unlisted = make_person(birth_date=date(1990, 1, 1))
    other = make_unit(name="Tallåsens hälsocentral", provider=unit.provider)
    walk = Walk(resident_client(unlisted))
    walk.get("/sok-vard/")
    walk.post(who=str(unlisted.public_id), key=walk.key())
    assert walk.response.status_code == 422 and "Välj en mottagning." in walk.html
    walk.post(who=str(unlisted.public_id), unit=str(other.public_id), key=walk.key())
    assert walk.interview.unit == other
    linked = Walk(resident_client(unlisted))
    linked.get(f"/sok-vard/?enhet={unit.slug}")
    linked.post("/sok-vard/", who=str(unlisted.public_id), key=linked.key())
    assert linked.interview.unit == unit


def test_another_resident_never_sees_an_interview(walk: Walk, person: Person) -> None:
    walk.begin(person)
    stranger = resident_client(make_person(birth_date=date(1990, 1, 1)))
    for page in ("", "akut/", "beratta/", "resultat/", "skicka/", "klart/"):
        assert stranger.get(f"/sok-vard/{walk.interview.public_id}/{page}", follow=True).status_code == 404
    assert Client().get(f"/sok-vard/{walk.interview.public_id}/akut/").status_code == 302


def test_drafts_live_24_hours_and_are_then_closed_by_the_tick(walk: Walk, person: Person) -> None:
    from triage.commands import abandon_drafts

    walk.begin(person)
    Interview.objects.update(updated_at=walk.interview.updated_at - timedelta(hours=25))
    assert walk.client.get(walk.url, follow=True).status_code == 404
    assert abandon_drafts() == 1
    assert walk.interview.outcome == "abandoned"
    assert abandon_drafts() == 0


@pytest.mark.req("TRI-17")
def test_an_interview_keeps_the_version_it_began_with(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    version = ProtocolVersion.objects.get(protocol="sore_throat")
    assert walk.interview.protocol_version == version
    assert version.approved_by.startswith("Medföljande demo")
    assert version.body["id"] == "sore_throat"


@pytest.mark.req("TRI-07", "TRI-09", "TRI-10", "TRI-11")
def test_staff_see_the_result_the_original_answers_and_what_came_after(walk: Walk, person: Person, unit: Unit) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    nurse = staff_client(factories.make_staff(unit))
    html = nurse.get(f"/personal/triage/{case.public_id}/").content.decode()
    assert "Kan inte dricka, risk för uttorkning" in html
    assert "Har patienten svårt att andas eller svälja just nu?" in html
    assert "Nej: Svårt att andas, eller ett pipande ljud när patienten andas in;" in html
    assert "Ingår inte i prioriteringen" in html and "Jag jobbar natt." in html
    assert "Nekar till" in html and "Demo, ej för klinisk användning" in html
    elsewhere = staff_client(factories.make_staff(make_unit(provider=unit.provider)))
    assert elsewhere.get(f"/personal/triage/{case.public_id}/").status_code == 404


def test_suggestions_come_as_a_fragment_and_save_the_words(walk: Walk, person: Person) -> None:
    walk.begin(person)
    url = f"/sok-vard/{walk.interview.public_id}/forslag/"
    response = walk.client.post(url, {"text": "ont i halsen"}, headers={"HX-Request": "true"})
    assert response.status_code == 200 and "Halsont" in response.content.decode()
    assert walk.interview.own_words == "ont i halsen"
    assert walk.client.get(url).status_code == 405
