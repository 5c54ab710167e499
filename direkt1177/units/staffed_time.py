"""Staffed time: when somebody reads and answers, and counting time only while somebody does (HRS-01..04).

Pure functions over a ``Calendar`` value. Hours are local clock times of Europe/Stockholm; every answer is in UTC.
Spans are half open: a unit open 08.00-16.00 is staffed at 08.00 and not at 16.00.

Nights when clocks change: a time in the missing hour means the moment the clocks move; of a time that comes twice, a
start means the first and an end the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from direkt1177.units.red_days import is_closed_day

STOCKHOLM = ZoneInfo("Europe/Stockholm")
#: An end at or after this time means midnight (a time field cannot hold 24.00).
END_OF_DAY = time(23, 59)
#: How far ahead an answer is looked for; a unit without hours has none.
HORIZON_DAYS = 400
_DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


class NeverStaffed(ValueError):  # noqa: N818 - named as what is the case
    """The calendar has too little staffed time within the horizon to answer."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Staffed from ``start`` to ``end`` local time on one date.

    Raises:
        ValueError: ``end`` is not after ``start``.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("an interval ends after it starts")


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a unit (or one of its roles) is staffed.

    Attributes:
        weekly: seven tuples of intervals, Monday first.
        exceptions: dates with other hours than the week says; an empty tuple is closed.
        tail: how long staff go on after each interval (HRS-03); counts only where ``tail=True`` is asked for.
        open_on_red_days: true for units that never close (an advice line); exceptions still win.
    """

    weekly: tuple[tuple[Interval, ...], ...]
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    tail: timedelta = timedelta(0)
    open_on_red_days: bool = False

    def __post_init__(self) -> None:
        if len(self.weekly) != 7:
            raise ValueError("a week has seven days")
        if not timedelta(0) <= self.tail <= _DAY:
            raise ValueError("a tail is between nothing and a day")


def intervals_on(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    """The intervals of a local date, in order; empty when closed. For lists of opening hours."""
    if day in calendar.exceptions:
        chosen = calendar.exceptions[day]
    elif not calendar.open_on_red_days and is_closed_day(day):
        chosen = ()
    else:
        chosen = calendar.weekly[day.weekday()]
    return tuple(sorted(chosen, key=lambda i: (i.start, i.end)))


def is_staffed(calendar: Calendar, at: datetime, *, tail: bool = False) -> bool:
    """Whether somebody is there at ``at`` (aware)."""
    return _span_at(calendar, at, tail=tail) is not None


def next_staffed(calendar: Calendar, at: datetime, *, tail: bool = False) -> datetime | None:
    """The first staffed moment at or after ``at`` (aware), in UTC; None when there is none within the horizon."""
    at = at.astimezone(UTC)
    for start, end in _spans(calendar, at, tail=tail):
        if end > at:
            return max(start, at)
    return None


def staffed_until(calendar: Calendar, at: datetime, *, tail: bool = False) -> datetime | None:
    """When the span around ``at`` ends, in UTC; None when nobody is there at ``at``.

    A unit that never closes gives a time about a week ahead.
    """
    at = at.astimezone(UTC)
    until: datetime | None = None
    for start, end in _spans(calendar, at, tail=tail):
        if until is None:
            if start <= at < end:
                until = end
            elif start > at:
                return None
        elif start > until or until - at > 7 * _DAY:
            break
        else:
            until = end
    return until


def add_staffed(calendar: Calendar, start: datetime, amount: timedelta, *, tail: bool = True) -> datetime:
    """The first moment by which ``amount`` of staffed time has passed since ``start`` (aware), in UTC.

    Timers go on in the tail (HRS-03), so it counts unless ``tail=False``.

    Raises:
        NeverStaffed: not that much staffed time within the horizon.
        ValueError: a negative amount.
    """
    if amount < timedelta(0):
        raise ValueError("time is added, not taken away")
    at, left = start.astimezone(UTC), amount
    if not left:
        return at
    for span_start, span_end in _spans(calendar, at, tail=tail):
        begin = max(span_start, at)
        if span_end <= begin:
            continue
        if span_end - begin >= left:
            return begin + left
        left -= span_end - begin
    raise NeverStaffed


def staffed_between(calendar: Calendar, start: datetime, end: datetime, *, tail: bool = True) -> timedelta:
    """How much staffed time lies between two moments (aware); nothing when ``end`` is not after ``start``."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    total = timedelta(0)
    horizon = max((end - start).days + 3, 3)
    for span_start, span_end in _spans(calendar, start, tail=tail, days=horizon):
        if span_start >= end:
            break
        total += max(min(span_end, end) - max(span_start, start), timedelta(0))
    return total


def _span_at(calendar: Calendar, at: datetime, *, tail: bool) -> Span | None:
    at = at.astimezone(UTC)
    for start, end in _spans(calendar, at, tail=tail, days=3):
        if start <= at < end:
            return start, end
    return None


def _spans(calendar: Calendar, around: datetime, *, tail: bool, days: int = HORIZON_DAYS) -> Iterator[Span]:
    """Spans in UTC from the day before ``around`` on, in order, never overlapping."""
    first = around.astimezone(STOCKHOLM).date() - _DAY
    extra = calendar.tail if tail else timedelta(0)
    reached: datetime | None = None
    for offset in range(days + 1):
        day = first + timedelta(days=offset)
        for interval in intervals_on(calendar, day):
            start = _moment(day, interval.start, last=False)
            end = _end_of(day, interval.end) + extra
            if reached is not None:
                start = max(start, reached)
            if end > start:
                yield start, end
                reached = end


def _end_of(day: date, end: time) -> datetime:
    if end >= END_OF_DAY:
        return _moment(day + _DAY, time(0), last=False)
    return _moment(day, end, last=True)


def _moment(day: date, clock: time, *, last: bool) -> datetime:
    """The moment of a local clock time; see the module's words on the nights when clocks change."""
    local = datetime.combine(day, clock)
    first_reading, second_reading = (local.replace(tzinfo=STOCKHOLM, fold=f).astimezone(UTC) for f in (0, 1))
    if second_reading < first_reading:  # the missing hour; clocks move on a whole hour
        return first_reading.replace(minute=0, second=0, microsecond=0)
    return second_reading if last else first_reading
