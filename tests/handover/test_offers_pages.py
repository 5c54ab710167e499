"""Pages and panels of offers: what they show, what they ask for, what stays when something is wrong."""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership
from direkt1177.units.clock import now
from direkt1177.units.models import StaffedHours, Unit
from direkt1177.units.staffed_time import STOCKHOLM
from handover.models import Handover
from handover.offers import picker
from handover.offers.picker import Purpose
from journal import commands as journal
from tests import factories
from tests.factories import key, make_started_case
from tests.handover.offering import TOLD, Place, close, make_place, to_role
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def place() -> Place:
    """Two units; a colleague may be chosen by name."""
    return make_place(handover_target=["role", "signed_in_colleague"])


@pytest.fixture
def case(place: Place) -> Case:
    """A started visit of the nurse."""
    return make_started_case(place.nurse)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def url(name: str, *args: Any) -> str:
    """An address of handover."""
    return reverse(f"handover:{name}", args=args)


def form(to: str, **more: str) -> dict[str, str]:
    """A whole form."""
    return {"to": to, "urgency": "2", "patient_message": TOLD, "message": "Svullen.", "form_key": key(), **more}


def leaf(html: str, value: str) -> str:
    """The row of one choice."""
    found = re.search(
        rf'<label class="leaf[^>]*><input type="radio" name="to" value="{value}".*?</label>', html, re.DOTALL
    )
    assert found, value
    return found[0]


@pytest.mark.req("ORG-01", "HOV-04", "HOV-16")
def test_the_form_has_resource_urgency_and_words_and_other_providers_get_a_ticket(place: Place, case: Case) -> None:
    stranger = factories.make_staff(factories.make_unit(region=place.unit.provider.region, name="Främmande enheten"))
    html = text(staff_client(place.nurse).get(url("offer", case.public_id)))
    assert "Lämna över besök" in html
    assert "Slutför" in html
    for actor in (place.doctor, place.other_nurse):
        assert "disabled" not in leaf(html, to_role(actor).value)
    assert f"user:{place.unit.pk}:{place.doctor.user_id}" in html
    assert f"user:{place.unit.pk}:{place.nurse.user_id}" not in html
    assert f'value="role:{stranger.unit_id}' not in html
    assert "Främmande enheten" in html
    assert "Skapa biljett" in html
    assert "samma vårdgivare" in html
    assert "annan vårdgivare" in html
    assert re.search(r'name="urgency" value="3" checked', html)


@pytest.mark.req("HRS-14", "HOV-03")
def test_closed_unstaffed_and_empty_are_marked_with_when_somebody_is_there_next(place: Place, case: Case) -> None:
    doctor_role = place.doctor.role_id
    StaffedHours.objects.bulk_create(
        StaffedHours(unit=place.unit, role_id=doctor_role, weekday=day, start=time(13), end=time(16))
        for day in range(7)
    )
    off = factories.make_staff(place.unit, "physiotherapist", on_shift=False)
    shut = factories.make_unit(provider=place.unit.provider)
    factories.make_staff(shut)
    with time_machine.travel(datetime(2026, 11, 24, 9, 0, tzinfo=STOCKHOLM), tick=False):
        from direkt1177.accounts.models import Shift

        close(shut)
        Shift.objects.filter(user_id=place.doctor.user_id).update(ended_at=now())
        groups = picker.tree(place.nurse, purpose=Purpose.OFFER)
    marks = {leaf.value: leaf for group in groups for node in group.nodes for leaf in node.leaves}
    doctor = marks[to_role(place.doctor).value]
    assert (doctor.mark, doctor.enabled) == ("unstaffed", True)
    assert "13.00" in doctor.words
    assert marks[to_role(off).value].mark == "unstaffed"
    assert marks[to_role(place.colleague).value].mark == "staffed"
    closed = next(leaf for value, leaf in marks.items() if value.startswith(f"role:{shut.pk}:"))
    assert (closed.mark, closed.enabled) == ("closed", False)
    empty = factories.make_unit(provider=place.unit.provider)
    found = picker.tree(place.nurse, purpose=Purpose.OFFER)
    (nobody,) = next(node for group in found for node in group.nodes if node.unit_id == empty.pk).leaves
    assert (nobody.mark, nobody.enabled) == ("empty", False)


@pytest.mark.req("ORG-01")
def test_the_picker_costs_the_same_for_one_unit_and_for_many(place: Place) -> None:
    few = _cost(place.nurse)
    for _ in range(8):
        unit = factories.make_unit(provider=place.unit.provider)
        factories.make_staff(unit)
        factories.make_staff(unit, "doctor")
        factories.make_staff(place.unit, "doctor")
        factories.make_staff(factories.make_unit(region=place.unit.provider.region))
    assert _cost(place.nurse) == few
    assert few <= 25


def _cost(actor: StaffActor) -> int:
    with CaptureQueriesContext(connection) as captured:
        picker.tree(actor, purpose=Purpose.OFFER)
    return len(captured)


@pytest.mark.req("HOV-01", "CAS-14")
def test_finishing_offers_and_the_case_page_says_so(place: Place, case: Case) -> None:
    browser = staff_client(place.nurse)
    answer = browser.post(url("offer", case.public_id), form(to_role(place.doctor).value))
    assert answer.status_code == 302
    row = Handover.objects.get()
    assert (row.to_role_id, row.urgency, row.message) == (place.doctor.role_id, 2, "Svullen.")
    panel = text(browser.get(url("offer_panel", case.public_id), headers=HTMX))
    assert "Överlämningen väntar på att tas emot" in panel
    assert "Ta tillbaka överlämningen" in panel
    again = browser.post(url("offer", case.public_id), form(to_role(place.colleague).value))
    assert again.status_code == 409
    assert "Återkalla överlämningen först" in text(again)
    done = browser.post(url("withdraw_offer", row.public_id), {"key": key()})
    assert done.status_code == 302
    assert text(browser.get(url("offer_panel", case.public_id), headers=HTMX)).strip() == ""


@pytest.mark.req("CAS-14", "HOV-15")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"to": ""}, "Välj vem som ska ta över"),
        ({"to": "role:1"}, "Välj vem som ska ta över"),
        ({"patient_message": " "}, "Din region kräver det"),
        ({"urgency": "9"}, "Välj en prioritet från 1 till 5"),
        ({"message": "x" * 2001}, "högst 2000 tecken"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    place: Place, case: Case, change: dict[str, str], words: str
) -> None:
    browser = staff_client(place.nurse)
    sent = form(to_role(place.doctor).value, message="Detta skrev jag.") | change
    answer = browser.post(url("offer", case.public_id), sent)
    assert answer.status_code == 422
    html = text(answer)
    assert words in html
    assert sent["message"][:40] in html
    if sent["patient_message"].strip():
        assert TOLD in html
    assert not Handover.objects.exists()


@pytest.mark.req("HOV-06", "HOV-15")
def test_another_unit_asks_for_the_note_first_and_shows_how_it_stands(place: Place, case: Case) -> None:
    browser = staff_client(place.nurse)
    answer = browser.post(url("offer", case.public_id), form(to_role(place.other_nurse).value))
    assert answer.status_code == 422
    html = text(answer)
    assert "Skriv besöksanteckningen först" in html
    assert "Ingen besöksanteckning är sparad" in html
    journal.save_note(actor=place.nurse, case_id=case.public_id, texts=["Halsont"], version=0)
    words = text(
        browser.get(url("offer", case.public_id), {"del": "ord", "to": to_role(place.other_nurse).value}, headers=HTMX)
    )
    assert "är ett utkast" in words
    assert "#note-panel" in words
    assert "ser du inte längre patienten" in words
    sent = form(to_role(place.other_nurse).value, documented_first="on")
    assert browser.post(url("offer", case.public_id), sent).status_code == 302
    assert Handover.objects.get().documented_first


@pytest.mark.req("REH-03", "REH-04", "REH-06", "CAS-15")
def test_rehab_shows_its_decision_aid_role_and_reply_time_and_puts_it_in_the_phrase() -> None:
    place = make_place(
        rehab_decision_aid="Ja: smärta i rörelseapparaten sedan minst 6 veckor.",
        rehab_hours=["10.00-12.00"],
        interunit_handover_role="any",
    )
    rehab = factories.make_unit(
        provider=place.unit.provider, type=Unit.Type.REHAB, name="Rehabiliteringsenheten", always_open=False
    )
    physio = factories.make_staff(rehab, "physiotherapist")
    factories.make_staff(rehab, "doctor")
    case = make_started_case(place.nurse)
    browser = staff_client(place.nurse)
    page = text(browser.get(url("offer", case.public_id)))
    assert re.findall(rf'value="(role:{rehab.pk}:\d+)"', page) == [to_role(physio).value]
    asked = {"del": "ord", "to": to_role(physio).value, "phrase": "x", "patient_message": "x"}
    with time_machine.travel(datetime(2026, 11, 24, 13, 0, tzinfo=STOCKHOLM), tick=True):
        browser = staff_client(place.nurse)
        words = text(browser.get(url("offer", case.public_id), asked, headers=HTMX))
    assert "smärta i rörelseapparaten" in words
    assert "Rehabiliteringsenheten" in words
    box = re.search(r"<textarea[^>]*>(.*?)</textarea>", words, re.DOTALL)
    assert box
    assert "i morgon mellan" in box[1]
    assert "1177" in box[1]
    edited = asked | {"patient_message": "Mina egna ord."}
    assert "Mina egna ord." in text(browser.get(url("offer", case.public_id), edited, headers=HTMX))
    doctor = Membership.objects.get(unit=rehab, role__code="doctor")
    sent = form(f"role:{rehab.pk}:{doctor.role_id}", documented_first="on")
    answer = browser.post(url("offer", case.public_id), sent)
    assert answer.status_code == 422
    assert "Den rollen tar inte emot" in text(answer)


@pytest.mark.req("HOV-19")
def test_where_tickets_go_to_all_units_no_other_unit_can_be_chosen() -> None:
    place = make_place(interunit_mechanism="ticket_for_all")
    case = make_started_case(place.nurse)
    browser = staff_client(place.nurse)
    html = text(browser.get(url("offer", case.public_id)))
    assert f'value="role:{place.other.pk}' not in html
    assert "Skapa biljett" in html
    answer = browser.post(url("offer", case.public_id), form(to_role(place.other_nurse).value, documented_first="on"))
    assert answer.status_code == 422
    assert "Skapa en biljett" in text(answer)
