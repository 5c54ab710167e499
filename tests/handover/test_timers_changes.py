"""Settings change while timers run: what is due moves with them, what has fired does not fire again (design §2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM, StaffActor
from direkt1177.units import clock
from direkt1177.units.commands import set_policy_value
from direkt1177.units.models import StaffedHours, Unit
from handover.models import Notice, Timer
from handover.timers import sweep
from tests import factories

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # a Wednesday, 10.00 in Sweden
HOUR = timedelta(hours=1)


@pytest.fixture
def unit() -> Unit:
    """Silence of 24 hours by the clock, the documented default."""
    return factories.make_unit()


def _set(unit: Unit, key: str, value: Any, at: datetime, *, first: date = date(2026, 1, 1)) -> None:
    with clock.moved(at):
        set_policy_value(
            actor=SYSTEM, region_id=unit.provider.region_id, key=key, value=value, source="beslut", valid_from=first
        )


def _silent(unit: Unit) -> tuple[StaffActor, Case]:
    with clock.moved(AT):
        nurse = factories.make_staff(unit)
        case = factories.make_started_case(nurse)
    _sweep(AT)
    return nurse, case


def _sweep(at: datetime) -> None:
    with clock.moved(at):
        sweep.sweep()


def _asked(nurse: StaffActor) -> int:
    return Notice.objects.filter(user_id=nurse.user_id, kind="inactivity").count()


def _hours(hours: float, counted_in: str = "calendar_time") -> dict[str, Any]:
    return {"hours": hours, "counted_in": counted_in}


@pytest.mark.req("INA-01")
def test_a_shorter_threshold_holds_for_a_silence_that_has_begun(unit: Unit) -> None:
    nurse, _case = _silent(unit)
    _set(unit, "inactivity_threshold", _hours(2), AT + HOUR)
    _sweep(AT + 1.9 * HOUR)
    assert _asked(nurse) == 0
    _sweep(AT + 2 * HOUR)
    assert _asked(nurse) == 1


@pytest.mark.req("INA-01")
def test_a_longer_threshold_asks_nobody_again(unit: Unit) -> None:
    nurse, case = _silent(unit)
    _sweep(AT + 24 * HOUR)
    _set(unit, "inactivity_threshold", _hours(48), AT + 25 * HOUR)
    for hours in (25, 48, 49):
        _sweep(AT + hours * HOUR)
    assert _asked(nurse) == 1
    timer = Timer.objects.get(subject="case", subject_id=case.pk, kind="inactivity")
    assert timer.due_at == AT + 48 * HOUR, "the page says what holds now"


@pytest.mark.req("INA-01")
def test_a_value_valid_from_tomorrow_holds_from_midnight_in_sweden(unit: Unit) -> None:
    nurse, case = _silent(unit)
    _set(unit, "inactivity_threshold", _hours(16), AT + HOUR, first=date(2026, 3, 5))
    _sweep(AT + 13 * HOUR)  # 23.00
    assert Timer.objects.get(subject="case", subject_id=case.pk, kind="inactivity").due_at == AT + 24 * HOUR
    _sweep(AT + 14 * HOUR)
    _sweep(AT + 14 * HOUR)
    assert Timer.objects.get(subject="case", subject_id=case.pk, kind="inactivity").due_at == AT + 16 * HOUR
    _sweep(AT + 16 * HOUR)
    assert _asked(nurse) == 1


@pytest.mark.req("INA-07", "HRS-02")
def test_changed_hours_move_a_clock_that_counts_them(unit: Unit) -> None:
    Unit.objects.filter(pk=unit.pk).update(open_on_red_days=False)
    StaffedHours.objects.filter(unit=unit).delete()
    factories.set_policy(unit, "inactivity_threshold", _hours(2, "staffed_time"))
    factories.set_policy(unit, "staffed_hours", {"wed": ["08.00-17.00"], "thu": ["08.00-17.00"]})
    nurse, case = _silent(unit)
    timer = Timer.objects.filter(subject="case", subject_id=case.pk, kind="inactivity")
    assert timer.get().due_at == AT + 2 * HOUR
    # The unit closes at 11 on Wednesdays from now on: an hour is left for Thursday.
    _set(unit, "staffed_hours", {"wed": ["08.00-11.00"], "thu": ["08.00-17.00"]}, AT + HOUR / 2, first=date(2026, 2, 1))
    _sweep(AT + HOUR / 2)
    assert timer.get().due_at == datetime(2026, 3, 5, 8, 0, tzinfo=UTC)
    _sweep(AT + 3 * HOUR)
    assert _asked(nurse) == 0
