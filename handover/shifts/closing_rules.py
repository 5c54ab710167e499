"""When a unit closes for the day, and what may be sent back to the queue then: pure functions (HRS-05, SHF-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from direkt1177.units.staffed_time import Calendar, is_staffed, next_staffed, staffed_until

WARNING = timedelta(minutes=15)
#: Whoever has typed, sent or opened anything this lately is at work (SHF-08).
ACTIVE = timedelta(minutes=15)
_BACK = timedelta(days=8)


def next_closing(calendar: Calendar, at: datetime) -> datetime | None:
    """The first moment after ``at`` at which staff go home, their tail included (HRS-03); None when it never closes."""
    start = next_staffed(calendar, at, tail=True)
    if start is None:
        return None
    end = staffed_until(calendar, start, tail=True)
    # A unit that is always there answers with some day next week: that is no closing.
    return None if end is None or is_staffed(calendar, end, tail=True) else end


def last_closing(calendar: Calendar, at: datetime) -> datetime | None:
    """The latest closing at or before ``at`` if nobody is there at ``at``; None while somebody is."""
    at = at.astimezone(UTC)
    if is_staffed(calendar, at, tail=True):
        return None
    found, look = None, at - _BACK
    while (end := next_closing(calendar, look)) is not None and end <= at:
        found = look = end
    return found


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What decides whether a case goes back to the queue by itself.

    Attributes:
        wanted: policy ``return_unfinished_at_closing``.
        closed: whether nobody is there now, the tail included.
        warned_at: when its holder was warned; None when not.
        goes_on: whether the holder has answered *Jag fortsätter* since.
        active_at: when the holder last typed, sent or opened anything, as far as is known.
    """

    wanted: bool
    closed: bool
    warned_at: datetime | None
    goes_on: bool
    active_at: datetime | None


def may_return(case: Unfinished, now: datetime) -> bool:
    """Whether it goes back now: after closing and a quarter of an hour's warning, when nobody is at work in it."""
    if not case.wanted or not case.closed or case.goes_on or case.warned_at is None:
        return False
    return now - case.warned_at >= WARNING and (case.active_at is None or now - case.active_at >= ACTIVE)


def stamp_of(closing: datetime) -> str:
    """A closing's name in timers, notices and answers."""
    return f"{closing.astimezone(UTC):%Y%m%dT%H%M%S}"
