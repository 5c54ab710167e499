"""Changes of opening hours: the weekly pattern of a unit or role, and single dates (HRS-01, HRS-02)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.changed import announce
from direkt1177.units.clock import now
from direkt1177.units.errors import DateIsPast, EndBeforeStart
from direkt1177.units.events import (
    CalendarExceptionAdded,
    CalendarExceptionChanged,
    CalendarExceptionRemoved,
    HoursChanged,
)
from direkt1177.units.hours import line_of
from direkt1177.units.models import CalendarException, StaffedHours, Unit
from direkt1177.units.staffed_time import STOCKHOLM, Interval

Week = Mapping[int, Sequence[Interval]]


@command
def set_staffed_hours(
    *, actor: Actor, unit_id: int, week: Week, role_id: int | None = None, reason: str = ""
) -> list[StaffedHours]:
    """Give a unit, or one of its roles, its own weekly hours.

    A week without any interval takes the own hours away: the unit's or the region's hold again.

    Args:
        actor: a configuration administrator; the caller has checked where.
        week: intervals by weekday, Monday 0; weekdays left out are closed.
        role_id: only for this role; None is the unit as a whole.
        reason: why, for the log.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    rows = StaffedHours.objects.filter(unit_id=unit_id, role_id=role_id)
    old = _lines({day: [Interval(r.start, r.end) for r in rows if r.weekday == day] for day in range(7)})
    new = _lines(week)
    if new == old:
        return list(rows)
    rows.delete()
    made = StaffedHours.objects.bulk_create(
        StaffedHours(unit_id=unit_id, role_id=role_id, weekday=day, start=i.start, end=i.end)
        for day, intervals in week.items()
        for i in intervals
    )
    record(HoursChanged(unit_id, role_id, old, new, reason), actor=actor)
    announce([unit_id])
    return made


@command
def add_calendar_exception(
    *, actor: Actor, unit_id: int, day: date, why: str, start: time | None = None, end: time | None = None,
    reason: str = "",
) -> CalendarException:  # fmt: skip
    """Close a unit on a date, or give it other hours that day.

    Args:
        actor: a configuration administrator; the caller has checked where.
        day: in Sweden, today or later.
        why: what the exception is for ("Utbildning"); colleagues read it.
        start, end: both or none; none is closed all day. Several rows of one date are several intervals.
        reason: for the log.

    Raises:
        DateIsPast, EndBeforeStart: nothing is changed.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
    _check(day, start, end)
    row = CalendarException.objects.create(unit_id=unit_id, date=day, start=start, end=end, reason=why)
    record(CalendarExceptionAdded(unit_id, "", _words(row), reason), actor=actor)
    announce([unit_id])
    return row


@command
def change_calendar_exception(
    *, actor: Actor, exception_id: int, day: date, why: str, start: time | None = None, end: time | None = None,
    reason: str = "",
) -> CalendarException:  # fmt: skip
    """Change an exception that has not passed; see ``add_calendar_exception``."""
    row = _locked(exception_id)
    _check(row.date, row.start, row.end)
    _check(day, start, end)
    old = _words(row)
    row.date, row.start, row.end, row.reason = day, start, end, why
    if _words(row) != old:
        row.save(update_fields=["date", "start", "end", "reason"])
        record(CalendarExceptionChanged(row.unit_id, old, _words(row), reason), actor=actor)
        announce([row.unit_id])
    return row


@command
def remove_calendar_exception(*, actor: Actor, exception_id: int, reason: str = "") -> None:
    """Let the weekly hours hold again on a date that has not passed."""
    row = _locked(exception_id)
    _check(row.date, row.start, row.end)
    record(CalendarExceptionRemoved(row.unit_id, _words(row), "", reason), actor=actor)
    row.delete()
    announce([row.unit_id])


def _locked(exception_id: int) -> CalendarException:
    row = CalendarException.objects.select_for_update(no_key=True).filter(pk=exception_id).first()
    if row is None:
        raise NotFound
    return row


def _check(day: date, start: time | None, end: time | None) -> None:
    if day < now().astimezone(STOCKHOLM).date():
        raise DateIsPast
    if (start is None) != (end is None) or (start is not None and end is not None and end <= start):
        raise EndBeforeStart


def _lines(week: Week) -> dict[str, str]:
    lines = {str(day): line_of(sorted(week[day], key=lambda i: i.start)) for day in sorted(week)}
    return {day: line for day, line in lines.items() if line}


def _words(row: CalendarException) -> str:
    hours = line_of([Interval(row.start, row.end)]) if row.start and row.end else "closed"
    return f"{row.date} {hours}: {row.reason}"
