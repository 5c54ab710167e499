"""Ending a shift: what is left, the question, signing out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import commands as case_commands
from cases.errors import ShiftEnded
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.units.models import Unit
from handover.shifts.commands import end_shift
from handover.shifts.errors import CasesRemain, NoActiveShift
from tests import factories
from tests.signing_in import staff_client

URL = "/personal/avsluta-skift/"


@pytest.fixture
def nurse(db: None) -> StaffActor:
    """A nurse on shift."""
    return factories.make_staff()


@pytest.mark.req("SHF-05")
@pytest.mark.parametrize("make", [factories.make_received_case, factories.make_started_case])
def test_a_shift_does_not_end_while_a_case_is_left(nurse: StaffActor, make: object) -> None:
    make(nurse)  # type: ignore[operator]
    with pytest.raises(CasesRemain):
        end_shift(actor=nurse, satisfied=True, key=factories.key())
    assert Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).exists()


@pytest.mark.req("SHF-03", "SHF-06")
def test_ending_stores_the_answer_and_the_time(nurse: StaffActor) -> None:
    factories.make_closed_case(nurse, follow_up_days=2)
    key = factories.key()
    shift = end_shift(actor=nurse, satisfied=False, key=key).shift_id
    row = Shift.objects.get(pk=shift)
    assert row.ended_at is not None
    assert row.satisfied is False
    assert ChangeLog.objects.filter(event="shift_ended", actor_key=nurse.key).count() == 1
    assert end_shift(actor=nurse, satisfied=False, key=key).shift_id == shift
    with pytest.raises(NoActiveShift):
        end_shift(actor=nurse, satisfied=True, key=factories.key())


def test_nothing_can_be_taken_after_the_shift(nurse: StaffActor) -> None:
    case = factories.make_case(Unit.objects.get(pk=nurse.unit_id))
    end_shift(actor=nurse, satisfied=True, key=factories.key())
    with pytest.raises(ShiftEnded):
        case_commands.receive_case(actor=nurse, case_id=case.public_id, key=factories.key())


@pytest.mark.req("SHF-05")
def test_page_lists_what_is_left_and_refuses(nurse: StaffActor) -> None:
    started = factories.make_started_case(nurse)
    follow_up = factories.make_closed_case(nurse, follow_up_days=2)
    browser = staff_client(nurse)
    html = browser.get(URL).content.decode()
    assert html.index("Dina pågående ärenden") < html.index(str(started.public_id), html.index("Dina pågående ärenden"))
    assert str(follow_up.public_id) in html.split('id="stay-title"')[1]
    assert "1 anteckning att signera" in html
    answer = browser.post(URL, {"satisfied": "yes", "form_key": factories.key()})
    assert answer.status_code == 409
    assert "Du har kvar pågående ärenden" in answer.content.decode()


@pytest.mark.req("SHF-03", "SHF-06")
def test_page_ends_the_shift_and_signs_out(nurse: StaffActor) -> None:
    browser = staff_client(nurse)
    answer = browser.post(URL, {"satisfied": "no", "form_key": factories.key()})
    assert answer.status_code == 302
    assert answer["Location"] == "/personal/logga-in/"
    assert "storage" in answer["Clear-Site-Data"]
    assert Shift.objects.get(user_id=nurse.user_id).satisfied is False
    assert browser.get("/personal/")["Location"].startswith("/personal/logga-in/")
    assert "Ditt skift är avslutat" in browser.get("/personal/logga-in/").content.decode()


@pytest.mark.parametrize("body", [{}, {"satisfied": ""}, {"satisfied": "kanske"}, {"satisfied": "\x00"}])
def test_the_question_must_be_answered(nurse: StaffActor, body: dict[str, str]) -> None:
    browser = staff_client(nurse)
    answer = browser.post(URL, body | {"form_key": factories.key()})
    assert answer.status_code == 422
    assert "Välj nöjd eller missnöjd" in answer.content.decode()
    assert not Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=False).exists()


def test_changing_unit_asks_the_same(nurse: StaffActor) -> None:
    from direkt1177.accounts import leaving

    assert leaving.held_at(nurse.user_id, nurse.unit_id) == 0
    factories.make_received_case(nurse)
    assert leaving.held_at(nurse.user_id, nurse.unit_id) == 1


def test_page_costs_the_same_at_one_and_many(nurse: StaffActor) -> None:
    browser = staff_client(nurse)
    _make_each(nurse)
    few = _queries(browser)
    for _ in range(17):
        _make_each(nurse)
    assert _queries(browser) == few


def _make_each(nurse: StaffActor) -> None:
    factories.make_started_case(nurse)
    factories.make_closed_case(nurse, follow_up_days=2)
    factories.make_closed_case(nurse)


def _queries(browser: Client) -> int:
    browser.get(reverse("handover:end_shift"))
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(URL).status_code == 200
    return len(captured)
