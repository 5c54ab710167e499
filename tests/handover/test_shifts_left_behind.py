"""Cases whose holder does not come back go to the role by themselves; the clock is moved (SHF, ASY-09)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from cases import commands as case_commands
from cases.models import Case, Message
from direkt1177.accounts import manage_commands
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, Shift
from direkt1177.units.clock import moved
from direkt1177.units.models import StaffedHours, Unit
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, Interval
from handover.models import Notice
from handover.shifts import rules
from handover.shifts.commands import end_shift
from handover.shifts.invariants import orphans
from handover.timers.sweep import sweep
from tests import factories
from tests.accounts.test_commands import make_admin
from tests.factories import key

pytestmark = pytest.mark.django_db
WEEK = Calendar(tuple((Interval(time(8), time(17)),) if day < 5 else () for day in range(7)))


def local(day: int, clock: str, month: int = 9) -> datetime:
    """A moment in September 2026 (the 7th is a Monday), local time."""
    hour, minute = clock.split(".")
    return datetime(2026, month, day, int(hour), int(minute), tzinfo=STOCKHOLM)


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse at a unit that is staffed on weekdays 8 to 17."""
    unit = factories.make_unit(always_open=False)
    StaffedHours.objects.bulk_create(
        StaffedHours(unit=unit, weekday=day, start=time(8), end=time(17)) for day in range(5)
    )
    with moved(local(7, "09.00")):
        return factories.make_staff(unit)


def coordinator_of(unit_id: int) -> int:
    """User id of the unit's coordinator."""
    actor = factories.make_staff(Unit.objects.get(pk=unit_id), on_shift=False)
    AdminPermission.objects.create(user_id=actor.user_id, unit_id=unit_id, kind="coordinator")
    return actor.user_id


def pause_until(nurse: StaffActor, at: datetime) -> Case:
    """A case paused to a moment, and the nurse gone home."""
    with moved(local(7, "10.00")):
        case = factories.make_started_case(nurse)
        case_commands.pause_visit(actor=nurse, case_id=case.public_id, resume_at=at, message="Hej", key=key())
        end_shift(actor=nurse, satisfied=True, key=key())
    return case


def tick(at: datetime) -> int:
    """One sweep at a moment."""
    with moved(at):
        return sweep()


@pytest.mark.req("CAS-06", "CAS-12")
def test_a_paused_case_waits_one_staffed_hour_for_its_holder(nurse: StaffActor) -> None:
    told = coordinator_of(nurse.unit_id)
    case = pause_until(nurse, local(8, "16.30"))
    for early in (local(8, "16.31"), local(8, "17.01"), local(9, "08.29")):
        tick(early)
        case.refresh_from_db()
        assert case.state == "paused", early
    tick(local(9, "08.31"))
    case.refresh_from_db()
    assert (case.state, case.released_from_id, case.role_id) == ("waiting", nurse.user_id, nurse.role_id)
    assert Notice.objects.filter(user_id=told, kind="ownerless", case=case).count() == 1
    tick(local(9, "08.40"))
    assert Notice.objects.filter(user_id=told, kind="ownerless", case=case).count() == 1


def test_a_holder_on_shift_keeps_a_paused_case(nurse: StaffActor) -> None:
    case = pause_until(nurse, local(8, "09.00"))
    shift = Shift.objects.create(
        user_id=nurse.user_id, unit_id=nurse.unit_id, role_id=nurse.role_id, shift_type="primary_on_call",
        started_at=local(8, "08.00"),
    )  # fmt: skip
    tick(local(8, "10.01"))
    case.refresh_from_db()
    assert case.state == "paused"
    # Ended without Avsluta skift, by whatever way: the timer has not let go.
    Shift.objects.filter(pk=shift.pk).update(ended_at=local(8, "10.05"))
    tick(local(8, "10.30"))
    case.refresh_from_db()
    assert case.state == "waiting"


def test_a_resumed_case_stays(nurse: StaffActor) -> None:
    case = pause_until(nurse, local(8, "09.00"))
    with moved(local(8, "09.05")):
        Shift.objects.create(
            user_id=nurse.user_id, unit_id=nurse.unit_id, role_id=nurse.role_id, shift_type="primary_on_call",
            started_at=local(8, "09.05"),
        )  # fmt: skip
        case_commands.resume_visit(actor=nurse, case_id=case.public_id, key=key())
    tick(local(8, "12.00"))
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", nurse.user_id)


@pytest.mark.req("ASY-09")
def test_an_unread_message_in_follow_up_waits_one_staffed_day(nurse: StaffActor) -> None:
    with moved(local(11, "10.00")):  # a Friday
        case = factories.make_closed_case(nurse, follow_up_days=10)
        end_shift(actor=nurse, satisfied=True, key=key())
    with moved(local(11, "15.00")):
        case_commands.send_message(
            actor=factories.resident(case.patient), case_id=case.public_id, client_id=key(), text="Det svider"
        )
    tick(local(14, "14.59"))
    case.refresh_from_db()
    assert case.state == "asynchronous"
    tick(local(14, "15.01"))
    case.refresh_from_db()
    assert (case.state, case.released_from_id) == ("waiting", nurse.user_id)
    assert case.last_patient_seq > case.staff_seen_seq
    assert Message.objects.filter(case=case, author="system").exists()
    # Whoever takes it has the follow-up, still open.
    with moved(local(14, "15.30")):
        other = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
        case_commands.receive_case(actor=other, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("asynchronous", other.user_id)


def test_a_read_message_keeps_its_holder(nurse: StaffActor) -> None:
    with moved(local(7, "10.00")):
        case = factories.make_closed_case(nurse, follow_up_days=10)
        case_commands.send_message(
            actor=factories.resident(case.patient), case_id=case.public_id, client_id=key(), text="Tack"
        )
    tick(local(7, "10.01"))
    with moved(local(8, "09.00")):
        case.refresh_from_db()
        case_commands.mark_seen(actor=nurse, case_id=case.public_id, seq=case.last_seq)
    tick(local(10, "12.00"))
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("asynchronous", nurse.user_id)


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (local(7, "10.00"), 1, local(8, "10.00")),
        (local(7, "18.00"), 1, local(9, "08.00")),  # first readable on Tuesday at 8
        (local(11, "15.00"), 1, local(14, "15.00")),  # over a weekend
        (local(12, "12.00"), 2, local(16, "08.00")),  # from Monday at 8
    ],
)
def test_staffed_days(since: datetime, days: int, due: datetime) -> None:
    assert rules.unread_is_ownerless_at(WEEK, since.astimezone(UTC), days) == due


def test_without_hours_nothing_is_due() -> None:
    never = Calendar(((),) * 7)
    at = local(7, "10.00").astimezone(UTC)
    assert rules.unread_is_ownerless_at(never, at, 1) is None
    assert rules.paused_is_ownerless_at(never, at, 60) is None
    assert rules.resume_moment(never, date(2026, 9, 8), at) is None
    assert rules.next_staffed_day(never, at) is None


def test_resume_is_the_days_first_staffed_minute() -> None:
    at = local(7, "10.00").astimezone(UTC)
    assert rules.resume_moment(WEEK, date(2026, 9, 8), at) == local(8, "08.00")
    assert rules.resume_moment(WEEK, date(2026, 9, 12), at) is None  # a Saturday
    assert rules.resume_moment(WEEK, date(2026, 9, 7), at) is None  # today
    assert rules.resume_moment(WEEK, date(2026, 9, 22), at) is None  # too far
    always = Calendar(((Interval(time(0), time(23, 59)),),) * 7, open_on_red_days=True)
    assert rules.resume_moment(always, date(2026, 9, 8), at) == local(8, "08.00")


@pytest.mark.req("SHF-04")
def test_ended_role_and_closed_account_let_go(nurse: StaffActor) -> None:
    unit = Unit.objects.get(pk=nurse.unit_id)
    admin = make_admin(unit, "user_admin")
    other = factories.make_staff(unit)
    for holder, end in (
        (nurse, lambda: manage_commands.end_membership(
            actor=admin, membership_id=nurse.membership_id, reason="Slutat")),
        (other, lambda: manage_commands.set_user_active(
            actor=admin, user_id=other.user_id, active=False, reason="Slutat")),
    ):  # fmt: skip
        started = factories.make_started_case(holder)
        follow_up = factories.make_closed_case(holder, follow_up_days=3)
        end()
        for case in (started, follow_up):
            case.refresh_from_db()
            assert (case.state, case.holder_id, case.released_from_id) == ("waiting", None, holder.user_id)
        if holder is nurse:
            assert orphans() == []
    # Now nobody has the role: exactly that is what the check finds.
    assert {one.why for one in orphans()} == {"empty_role"}
    Membership.objects.create(user_id=admin.user_id, unit=unit, role_id=nurse.role_id)
    assert orphans() == []
