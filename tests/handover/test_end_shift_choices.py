"""Every choice at the end of a shift, per region; several at once, each outcome told (CAS-11, ASY-10, HOV-11)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cases import commands as case_commands
from cases.models import Case, Message
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import KeyReused
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.staffed_time import STOCKHOLM
from handover.models import Handover
from handover.shifts.commands import end_shift
from handover.shifts.errors import CasesRemain, NoActiveShift
from handover.shifts.invariants import orphans
from handover.shifts.rules import Choice
from handover.shifts.settle import Wish
from tests import factories
from tests.factories import key, set_policy

pytestmark = pytest.mark.django_db
ALL = ["hand_over_to_role", "make_asynchronous", "pause", "close_and_book"]


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse on shift in a region that allows everything."""
    actor = factories.make_staff()
    set_policy(unit_of(actor), "end_of_day_options", ALL)
    set_policy(unit_of(actor), "allow_sync_to_async_at_shift_end", "yes")
    return actor


def unit_of(actor: StaffActor) -> Unit:
    """The actor's unit, read anew."""
    return Unit.objects.select_related("provider__region").get(pk=actor.unit_id)


def wish(case: Case, choice: Choice, **more: object) -> Wish:
    """A choice for a case."""
    return Wish(str(case.public_id), choice, **more)  # type: ignore[arg-type]


def tomorrow() -> datetime:
    """The same time on the next day."""
    return now().astimezone(STOCKHOLM) + timedelta(days=1)


@pytest.mark.req("SHF-05", "CAS-11", "CAS-13", "ASY-10", "HOV-11", "CAS-10")
def test_six_cases_get_six_ends_in_one_submit(nurse: StaffActor) -> None:
    doctor = factories.make_staff(unit_of(nurse), "doctor")
    received = factories.make_received_case(nurse)
    closed, left, paused, followed, booked = (factories.make_started_case(nurse) for _ in range(5))
    when = tomorrow()
    result = end_shift(
        actor=nurse,
        satisfied=True,
        key=key(),
        wishes=[
            wish(received, Choice.PUT_BACK),
            wish(closed, Choice.CLOSE),
            wish(left, Choice.HAND_OVER, role_id=doctor.role_id, text="En läkare tar över."),
            wish(paused, Choice.PAUSE, day=when.date(), text="Vi fortsätter i morgon."),
            wish(followed, Choice.ASYNCHRONOUS, days=2),
            wish(booked, Choice.BOOK, booked_for=when, booked_where="Cosmic"),
        ],
    )
    assert result.ended and result.left == 0 and not [one for one in result.outcomes if one.reason]
    assert not Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).exists()
    for case in (received, closed, left, paused, followed, booked):
        case.refresh_from_db()
    assert (received.state, received.holder_id, received.released_at) == ("waiting", None, None)
    assert closed.state == "closed"
    assert (left.state, left.role_id, left.holder_id, left.released_at) == ("waiting", doctor.role_id, None, None)
    assert (paused.state, paused.holder_id) == ("paused", nurse.user_id)
    assert paused.resume_at is not None and paused.resume_at.astimezone(STOCKHOLM).date() == when.date()
    assert (followed.state, followed.holder_id) == ("asynchronous", nurse.user_id)
    assert (booked.state, booked.close_kind, booked.booked_where) == ("closed", "booked", "Cosmic")
    assert booked.booked_for == when
    assert Message.objects.get(case=left, text="En läkare tar över.").author_key == nurse.key
    assert Message.objects.filter(case=paused, text="Vi fortsätter i morgon.").exists()
    assert Handover.objects.get(case=left).state == "queued"
    assert orphans() == []


def test_what_fails_stays_with_its_reason_and_the_rest_is_done(nurse: StaffActor) -> None:
    closed, paused = factories.make_started_case(nurse), factories.make_started_case(nurse)
    result = end_shift(
        actor=nurse,
        satisfied=True,
        key=key(),
        wishes=[wish(closed, Choice.CLOSE), wish(paused, Choice.PAUSE, day=now().date(), text="Hej")],
    )
    assert not result.ended and result.left == 1
    reasons = {one.case: one.reason for one in result.outcomes}
    assert reasons[str(closed.public_id)] == ""
    assert "14 dagarna" in reasons[str(paused.public_id)]
    for one in (closed, paused):
        one.refresh_from_db()
    assert (closed.state, paused.state, paused.holder_id) == ("closed", "started", nurse.user_id)
    assert Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).exists()


@pytest.mark.req("CAS-11")
@pytest.mark.parametrize(
    ("options", "sync", "allowed"),
    [
        (["hand_over_to_role"], "by_closing", {"close", "hand_over"}),  # Jönköping
        (["hand_over_to_role", "make_asynchronous"], "yes", {"close", "hand_over", "asynchronous"}),  # Kalmar
        (["pause", "hand_over_to_role", "close_and_book"], "by_closing", {"close", "hand_over", "pause", "book"}),
    ],
)
def test_only_what_the_region_allows(nurse: StaffActor, options: list[str], sync: str, allowed: set[str]) -> None:
    unit = unit_of(nurse)
    set_policy(unit, "end_of_day_options", options)
    set_policy(unit, "allow_sync_to_async_at_shift_end", sync)
    when = tomorrow()
    done = set()
    for choice in (Choice.CLOSE, Choice.HAND_OVER, Choice.PAUSE, Choice.ASYNCHRONOUS, Choice.BOOK):
        staff = factories.make_staff(unit)
        case = factories.make_started_case(staff)
        values = {
            "role_id": nurse.role_id, "text": "Hej", "day": when.date(), "days": 1, "booked_for": when,
            "booked_where": "Cosmic",
        }  # fmt: skip
        if end_shift(actor=staff, satisfied=True, key=key(), wishes=[wish(case, choice, **values)]).ended:
            done.add(str(choice))
    assert done == allowed


@pytest.mark.req("ASY-10")
def test_by_closing_the_chat_may_stay_open(nurse: StaffActor) -> None:
    set_policy(unit_of(nurse), "allow_sync_to_async_at_shift_end", "by_closing")
    case = factories.make_started_case(nurse)
    assert end_shift(actor=nurse, satisfied=True, key=key(), wishes=[wish(case, Choice.CLOSE, days=3)]).ended
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("asynchronous", nurse.user_id)


@pytest.mark.parametrize(
    ("choice", "values", "words"),
    [
        (Choice.HAND_OVER, {"role_id": None, "text": "Hej"}, "Ingen på enheten har den rollen"),
        (Choice.HAND_OVER, {"role_id": 987654, "text": "Hej"}, "Ingen på enheten har den rollen"),
        (Choice.HAND_OVER, {"own_role": True, "text": " "}, "Skriv till patienten"),
        (Choice.PAUSE, {"text": "Hej"}, "14 dagarna"),
        (Choice.ASYNCHRONOUS, {"days": 0}, "dagar"),
        (Choice.ASYNCHRONOUS, {"days": 1000}, "dagar"),
        (Choice.BOOK, {"booked_where": "Cosmic"}, "bokat"),
        (Choice.PUT_BACK, {}, "Välj igen"),
        (Choice.KEEP, {}, "Välj igen"),
    ],
)
def test_each_missing_value_is_named(nurse: StaffActor, choice: Choice, values: dict[str, object], words: str) -> None:
    case = factories.make_started_case(nurse)
    if values.pop("own_role", False):
        values["role_id"] = nurse.role_id
    result = end_shift(actor=nurse, satisfied=True, key=key(), wishes=[wish(case, choice, **values)])
    assert not result.ended
    assert words in result.outcomes[0].reason
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", nurse.user_id)
    assert not Handover.objects.filter(case=case).exists()


def test_pausing_needs_words_to_the_patient(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    wanted = [wish(case, Choice.PAUSE, day=tomorrow().date(), text=" ")]
    assert "Skriv till patienten" in end_shift(actor=nurse, satisfied=True, key=key(), wishes=wanted).outcomes[0].reason


def test_a_colleagues_case_is_not_settled(nurse: StaffActor) -> None:
    other = factories.make_started_case(factories.make_staff(unit_of(nurse)))
    result = end_shift(actor=nurse, satisfied=True, key=key(), wishes=[wish(other, Choice.CLOSE)])
    assert not result.ended and result.outcomes[0].reason
    other.refresh_from_db()
    assert other.state == "started"


@pytest.mark.req("SHF-05", "CAS-06")
def test_a_pause_whose_day_has_come_needs_a_choice_again(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    case_commands.pause_visit(
        actor=nurse, case_id=case.public_id, resume_at=now() + timedelta(hours=1), message="Hej", key=key()
    )
    Case.objects.filter(pk=case.pk).update(resume_at=now() - timedelta(minutes=1))
    with pytest.raises(CasesRemain):
        end_shift(actor=nurse, satisfied=True, key=key())
    Case.objects.filter(pk=case.pk).update(resume_at=now() + timedelta(hours=1))
    assert end_shift(actor=nurse, satisfied=True, key=key()).ended


def test_same_key_same_outcome_and_nothing_twice(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    again, wanted = key(), [wish(case, Choice.CLOSE)]
    first = end_shift(actor=nurse, satisfied=True, key=again, wishes=wanted)
    assert end_shift(actor=nurse, satisfied=True, key=again, wishes=wanted) == first
    assert ChangeLog.objects.filter(event="visit_closed", object_id=str(case.public_id)).count() == 1
    with pytest.raises(KeyReused):
        end_shift(actor=nurse, satisfied=False, key=again, wishes=wanted)
    with pytest.raises(NoActiveShift):
        end_shift(actor=nurse, satisfied=True, key=key(), wishes=wanted)


@pytest.mark.req("HOV-11")
def test_left_to_a_role_the_chat_goes_on_for_the_next(nurse: StaffActor) -> None:
    doctor = factories.make_staff(unit_of(nurse), "doctor")
    case = factories.make_started_case(nurse)
    wanted = [wish(case, Choice.HAND_OVER, role_id=doctor.role_id, text="Läkare tar över.")]
    assert end_shift(actor=nurse, satisfied=True, key=key(), wishes=wanted).ended
    patient = factories.resident(case.patient)
    case_commands.send_message(actor=patient, case_id=case.public_id, client_id=key(), text="Är någon där?")
    case_commands.receive_case(actor=doctor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", doctor.user_id)
    assert Message.objects.filter(case=case, kind="welcome").count() == 1
