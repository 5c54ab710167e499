"""Closing time with the clock moved: reminders, SMS, who was told, the automatic return (SHF-08, HRS-05, NOT-08)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from cases import commands as case_commands
from cases.calls.models import Call
from cases.models import Case, Message
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Shift, User
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit.record import command
from direkt1177.outbox.effects import handler_for
from direkt1177.outbox.models import Effect, SimulatedSms
from direkt1177.units.changed import announce
from direkt1177.units.clock import moved
from direkt1177.units.models import StaffedHours, Unit
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, Interval
from handover.models import Notice
from handover.shifts.closing_commands import go_on_after_closing, note_writing, tell_closing
from handover.shifts.closing_rules import Unfinished, last_closing, may_return, next_closing
from handover.shifts.commands import end_shift
from handover.shifts.errors import NothingCloses
from handover.shifts.invariants import orphans
from handover.shifts.rules import Choice
from handover.shifts.settle import Wish
from handover.timers.sweep import sweep
from tests import factories
from tests.factories import key, set_policy
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
WEEK = Calendar(
    tuple((Interval(time(8), time(16)),) if day < 5 else () for day in range(7)), tail=timedelta(minutes=30)
)


def local(clock: str, day: int = 7) -> datetime:
    """A moment in September 2026 (the 7th is a Monday), local time."""
    hour, minute = clock.split(".")
    return datetime(2026, 9, day, int(hour), int(minute), tzinfo=STOCKHOLM)


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse at a unit that is staffed on weekdays 8 to 16 with half an hour's tail."""
    unit = factories.make_unit(always_open=False)
    StaffedHours.objects.bulk_create(
        StaffedHours(unit=unit, weekday=day, start=time(8), end=time(16)) for day in range(5)
    )
    set_policy(unit, "staffed_tail_minutes", 30)
    with moved(local("08.00")):
        actor = factories.make_staff(unit, mobile="+46701234567")
        sweep()  # the unit gets its timers
    return actor


def started(nurse: StaffActor, clock: str = "10.00") -> Case:
    """A visit that the nurse has started."""
    with moved(local(clock)):
        return factories.make_started_case(nurse)


def tick(clock: str, day: int = 7) -> None:
    """One sweep at a moment."""
    with moved(local(clock, day)):
        sweep()


def kinds_of(user_id: int) -> list[str]:
    """Kinds of the user's notices."""
    return sorted(Notice.objects.filter(user_id=user_id).values_list("kind", flat=True))


def sms_to(number: str) -> list[str]:
    """Texts that were sent to a number, once everything due is done."""
    for effect in Effect.objects.filter(state="due", kind__in=("staff_sms", "resident_sms")).order_by("pk"):
        handler_for(effect.kind)(effect)
    return list(SimulatedSms.objects.filter(to=number).order_by("pk").values_list("text", flat=True))


@pytest.mark.req("SHF-08", "HRS-03")
def test_at_closing_with_tail_holders_on_shift_are_reminded_once(nurse: StaffActor) -> None:
    started(nurse)
    with moved(local("10.00")):
        idle = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
        follow_up = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
        factories.make_closed_case(follow_up, follow_up_days=3)
    tick("16.01")
    assert "closing_time" not in kinds_of(nurse.user_id)
    tick("16.31")
    tick("16.32")
    assert kinds_of(nurse.user_id).count("closing_time") == 1
    assert "closing_time" not in kinds_of(idle.user_id) + kinds_of(follow_up.user_id)


def test_a_tick_that_was_down_two_hours_reminds_later(nurse: StaffActor) -> None:
    started(nurse)
    tick("18.30")
    assert kinds_of(nurse.user_id).count("closing_time") == 1
    tick("16.31", day=8)
    assert kinds_of(nurse.user_id).count("closing_time") == 2


def test_two_closings_a_day(nurse: StaffActor) -> None:
    StaffedHours.objects.filter(unit_id=nurse.unit_id).update(end=time(12))
    StaffedHours.objects.bulk_create(
        StaffedHours(unit_id=nurse.unit_id, weekday=day, start=time(13), end=time(16)) for day in range(5)
    )
    with moved(local("09.00")):
        command(announce)([nurse.unit_id])
        sweep()
    started(nurse)
    tick("12.31")
    tick("16.31")
    assert kinds_of(nurse.user_id).count("closing_time") == 2


@pytest.mark.req("NOT-08", "INA-09")
def test_the_holder_gets_an_sms_signed_in_or_not(nurse: StaffActor) -> None:
    started(nurse)
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=local("15.00"))
    tick("16.31")
    assert "closing_time" not in kinds_of(nurse.user_id)
    texts = sms_to("+46701234567")
    assert [t for t in texts if "inte är avslutat" in t]
    tick("16.40")
    assert sms_to("+46701234567") == texts


@pytest.mark.req("NOT-08")
def test_patients_of_open_visits_get_an_sms_the_protected_none(nurse: StaffActor) -> None:
    case = started(nurse)
    with moved(local("10.00")):
        hidden = factories.make_person(protected="yes")
        factories.make_started_case(nurse, patient=hidden)
        closed = factories.make_closed_case(nurse, follow_up_days=2)
    tick("16.31")
    assert [t for t in sms_to(case.patient.mobile) if "stängt för i dag" in t]
    assert not [t for t in sms_to(hidden.mobile) if "stängt" in t]
    assert not [t for t in sms_to(closed.patient.mobile) if "stängt" in t]


@pytest.mark.req("HRS-05")
def test_one_click_tells_the_untold_when_we_answer_again(nurse: StaffActor) -> None:
    case, other = started(nurse), started(nurse)
    with moved(local("15.50")):
        browser = staff_client(nurse)
        html = browser.get("/personal/avsluta-skift/").content.decode()
        assert "Patienter som inte fått veta att vi stänger" in html and "Vi stänger kl. 16.30" in html
        assert tell_closing(actor=nurse, case_ids=[case.public_id], key=key()) == 1
        assert tell_closing(actor=nurse, case_ids=[case.public_id], key=key()) == 0
        answer = browser.post("/personal/vi-stanger/", {"key": key(), "next": "/personal/avsluta-skift/"})
        assert answer["Location"] == "/personal/avsluta-skift/"
        assert "inte fått veta att vi stänger" not in browser.get("/personal/avsluta-skift/").content.decode()
    for one in (case, other):
        text = Message.objects.get(case=one, text__contains="Vi stänger för i dag").text
        assert "tisdag 8 september kl. 08.00" in text
        one.refresh_from_db()
        assert one.told_closing_at is not None
    with moved(local("15.50", day=8)):
        assert tell_closing(actor=nurse, case_ids=[case.public_id], key=key()) == 1


@pytest.mark.req("HRS-05")
def test_the_coordinator_tells_everybody_in_the_services_name(nurse: StaffActor) -> None:
    case = started(nurse)
    with moved(local("15.50")):
        colleague = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
        assert tell_closing(actor=colleague, case_ids=[case.public_id], key=key()) == 0
        AdminPermission.objects.create(user_id=colleague.user_id, unit_id=nurse.unit_id, kind="coordinator")
        coordinator = staff_actor(user_id=colleague.user_id, membership_id=colleague.membership_id)
        assert coordinator is not None
        browser = staff_client(coordinator)
        assert str(case.public_id) in browser.get("/personal/pagaende-pa-enheten/").content.decode()
        browser.post("/personal/vi-stanger/", {"key": key(), "all": "unit"})
    assert Message.objects.get(case=case, text__contains="Vi stänger för i dag").author == "system"


def test_a_unit_that_never_closes_has_nothing_to_tell() -> None:
    nurse = factories.make_staff()
    case = factories.make_started_case(nurse)
    with pytest.raises(NothingCloses):
        tell_closing(actor=nurse, case_ids=[case.public_id], key=key())


@pytest.fixture
def returning(nurse: StaffActor) -> StaffActor:
    """The nurse, where the unit wants unfinished cases back."""
    unit = Unit.objects.select_related("provider__region").get(pk=nurse.unit_id)
    set_policy(unit, "return_unfinished_at_closing", True)
    return nurse


@pytest.mark.req("HRS-05")
def test_off_by_default_nothing_goes_back(nurse: StaffActor) -> None:
    case = started(nurse)
    for clock in ("16.31", "16.50", "18.00", "23.00"):
        tick(clock)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", nurse.user_id)
    assert "returning" not in kinds_of(nurse.user_id)


def test_after_warning_the_unfinished_goes_back_and_all_are_told(returning: StaffActor) -> None:
    case = started(returning)
    manager = User.objects.create_user("SE2321000000-MGR01", first_name="Max", last_name="Chef")
    AdminPermission.objects.create(user=manager, unit_id=returning.unit_id, kind="statistics")
    tick("16.31")
    assert "returning" in kinds_of(returning.user_id)
    tick("16.40")
    case.refresh_from_db()
    assert case.state == "started"
    tick("16.47")
    case.refresh_from_db()
    assert (case.state, case.released_from_id) == ("waiting", returning.user_id)
    assert Message.objects.filter(case=case, author="system").exists()
    assert "returned" in kinds_of(returning.user_id) and "returned" in kinds_of(manager.pk)
    assert orphans() == []


def test_i_go_on_keeps_it_until_the_next_closing(returning: StaffActor) -> None:
    case = started(returning)
    tick("16.31")
    with moved(local("16.35")):
        go_on_after_closing(actor=returning)
    for clock in ("16.47", "17.30", "22.00"):
        tick(clock)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", returning.user_id)
    tick("16.31", day=8)
    tick("16.50", day=8)
    case.refresh_from_db()
    assert case.state == "waiting"


@pytest.mark.parametrize("way", ["writes", "types", "talks"])
def test_whoever_is_at_work_is_left_alone(returning: StaffActor, way: str) -> None:
    case = started(returning)
    tick("16.31")
    with moved(local("16.44")):
        if way == "writes":
            case_commands.send_message(actor=returning, case_id=case.public_id, client_id=key(), text="Hej")
        elif way == "types":
            assert note_writing(actor=returning)
        else:
            at = local("16.44")
            Call.objects.create(
                case=case, kind="video", state="ended", requested_by_id=returning.user_id, requested_at=at,
                answered_by=case.patient, answered_at=at, connected_at=at, ended_at=at,
            )  # fmt: skip
    tick("16.47")
    tick("16.58")
    case.refresh_from_db()
    assert case.state == "started"
    tick("17.05")
    case.refresh_from_db()
    assert case.state == "waiting"


def test_typing_is_noted_only_where_it_matters(nurse: StaffActor, returning: StaffActor) -> None:
    with moved(local("12.00")):
        assert not note_writing(actor=returning)
    set_policy(
        Unit.objects.select_related("provider__region").get(pk=nurse.unit_id), "return_unfinished_at_closing", False
    )
    with moved(local("16.40")):
        assert not note_writing(actor=nurse)


def test_ending_the_shift_before_closing_leaves_nothing_to_remind_of(nurse: StaffActor) -> None:
    case = started(nurse)
    with moved(local("16.10")):
        end_shift(actor=nurse, satisfied=True, key=key(), wishes=[Wish(str(case.public_id), Choice.CLOSE)])
    tick("16.31")
    assert kinds_of(nurse.user_id) == []


def test_closings_of_a_week() -> None:
    friday = datetime(2026, 9, 11, 12, tzinfo=STOCKHOLM)
    assert next_closing(WEEK, friday) == local("16.30", day=11)
    assert next_closing(WEEK, local("16.30", day=11)) == local("16.30", day=14)
    assert last_closing(WEEK, local("12.00", day=12)) == local("16.30", day=11)
    assert last_closing(WEEK, friday) is None
    always = Calendar(((Interval(time(0), time(23, 59)),),) * 7, open_on_red_days=True)
    assert next_closing(always, friday) is None and last_closing(always, friday) is None
    never = Calendar(((),) * 7)
    assert next_closing(never, friday) is None and last_closing(never, friday) is None


def test_return_needs_all_conditions() -> None:
    at = datetime(2026, 9, 7, 15, tzinfo=UTC)
    ok = {"wanted": True, "closed": True, "warned_at": at - timedelta(minutes=15), "goes_on": False, "active_at": None}
    assert may_return(Unfinished(**ok), at)  # type: ignore[arg-type]
    for other in (
        {"wanted": False},
        {"closed": False},
        {"warned_at": None},
        {"warned_at": at - timedelta(minutes=14, seconds=59)},
        {"goes_on": True},
        {"active_at": at - timedelta(minutes=14, seconds=59)},
    ):
        assert not may_return(Unfinished(**(ok | other)), at)  # type: ignore[arg-type]
