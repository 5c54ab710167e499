"""Every page and panel of a case costs the same number of queries when little and when much has happened in it."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands
from cases.models import Case, Upload
from direkt1177.accounts.actors import StaffActor
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests import factories
from tests.signing_in import resident_client, staff_client

WAITING = ["cases:preview", "triage:result_panel"]
STARTED = [
    ("cases:case", ""),
    ("cases:case", "?flik=patientinfo"),
    ("cases:case", "?flik=besok"),
    ("cases:case_head", ""),
    ("triage:result_panel", ""),
    ("journal:note_panel", ""),
]
RESIDENT = ["cases:mine_case", "cases:chat_state"]
AT_MOST = 24


@pytest.fixture
def patient(unit: Unit) -> Person:
    """With a parent's family around, so that relations have something to read."""
    person = factories.make_person(listed_unit=unit)
    factories.make_child(person)
    return person


def _images(case: Case, number: int) -> None:
    Upload.objects.bulk_create(
        Upload(
            case=case, origin="triage", by_person=case.started_by, file_key=uuid.uuid4().hex, thumb_key="t",
            content_type="image/webp", width=10, height=10, bytes=99, sha256="0" * 64,
        )
        for _ in range(number)
    )  # fmt: skip


def _change_urgency(nurse: StaffActor, case: Case, times: int) -> None:
    for turn in range(times):
        case.refresh_from_db()
        commands.change_urgency(
            actor=nurse, case_id=case.public_id, urgency=2 + turn % 2 * 2, reason="Nya uppgifter", key=factories.key(),
            version=case.version,
        )  # fmt: skip


def _cost(browser: Client, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


@pytest.mark.req("QUE-09")
@pytest.mark.parametrize("name", WAITING)
def test_what_staff_read_before_taking(name: str, nurse: StaffActor, unit: Unit, patient: Person) -> None:
    case = factories.make_case(unit, patient=patient)
    _images(case, 1)
    _change_urgency(nurse, case, 1)
    browser, url = staff_client(nurse), reverse(name, args=[case.public_id])
    few = _cost(browser, url)
    _images(case, 49)
    _change_urgency(nurse, case, 6)
    for _ in range(5):
        factories.make_closed_case(nurse, patient=patient)
        factories.make_child(patient)
    assert _cost(browser, url) == few <= AT_MOST


@pytest.mark.req("JOU-01")
@pytest.mark.parametrize(("name", "more"), STARTED)
def test_what_the_holder_works_in(name: str, more: str, nurse: StaffActor, patient: Person) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    factories.make_closed_case(nurse, patient=patient)
    _images(case, 1)
    _change_urgency(nurse, case, 1)
    browser, url = staff_client(nurse), reverse(name, args=[case.public_id]) + more
    few = _cost(browser, url)
    _images(case, 49)
    _change_urgency(nurse, case, 6)
    for number in range(50):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text=f"Rad {number}")
    for _ in range(5):
        factories.make_closed_case(nurse, patient=patient)
        factories.make_child(patient)
    assert _cost(browser, url) == few <= AT_MOST


@pytest.mark.parametrize("name", RESIDENT)
def test_what_the_resident_sees(name: str, nurse: StaffActor, patient: Person) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    browser, url = resident_client(patient), reverse(name, args=[case.public_id])
    few = _cost(browser, url)
    for number in range(50):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text=f"Rad {number}")
    _images(case, 50)
    assert _cost(browser, url) == few <= AT_MOST
