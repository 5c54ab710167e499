"""When a shift may end, what may be done with what is left, when a case is nobody's: pure functions (SHF, CAS-11)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from cases.states import HELD_STATES, CaseState
from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import (
    STOCKHOLM,
    Calendar,
    NeverStaffed,
    add_staffed,
    intervals_on,
    next_staffed,
)

# What nobody else can take over by itself, so that the shift cannot end on it (SHF-05, QUE-16).
BLOCKING_STATES = (CaseState.RECEIVED, CaseState.STARTED)
LONGEST_PAUSE_DAYS = 14
_HORIZON = timedelta(days=60)
_MORNING = timedelta(hours=8)


class Offered(StrEnum):
    """To whom a case is offered when its holder's shift is about to end."""

    NOBODY = ""
    ROLE = "role"
    UNIT = "unit"
    COLLEAGUE = "colleague"


class Choice(StrEnum):
    """What becomes of one own case at the end of the shift (CAS-11, SHF-05)."""

    CLOSE = "close"
    PUT_BACK = "put_back"
    HAND_OVER = "hand_over"
    PAUSE = "pause"
    ASYNCHRONOUS = "asynchronous"
    BOOK = "book"
    KEEP = "keep"  # paused or in follow-up: an offer of it ends and it stays with its date
    OFFER = "offer"  # a pending offer to a role becomes a plain item of a queue


@dataclass(frozen=True, slots=True)
class Held:
    """What the rules need of a case that somebody holds."""

    state: str
    resume_at: datetime | None
    offered: Offered = Offered.NOBODY


def stays_with_holder(case: Held, now: datetime) -> bool:
    """Paused until a later day, or in follow-up: it keeps its holder and its date when the shift ends (CAS-12)."""
    if case.state == CaseState.PAUSED:
        return case.resume_at is not None and case.resume_at > now
    return case.state == CaseState.ASYNCHRONOUS


def needs_choice(case: Held, now: datetime) -> bool:
    """Whether the holder must say what becomes of it before the shift ends (SHF-05, HOV-11).

    An offer to a role takes care of itself: it becomes an item of a queue. An offer to a colleague by name must have
    been decided.
    """
    if case.offered == Offered.COLLEAGUE:
        return True
    if case.offered in (Offered.ROLE, Offered.UNIT):
        return False
    return case.state in HELD_STATES and not stays_with_holder(case, now)


def choices_for(case: Held, policy: Policy, now: datetime) -> list[Choice]:
    """What the region allows for a case, in the order of the page (CAS-11, ASY-10).

    Args:
        case: held by whoever ends the shift.
        policy: of the case's unit.
        now: UTC.
    """
    if case.state == CaseState.RECEIVED:
        return [Choice.PUT_BACK]
    found = [Choice.OFFER] if case.offered in (Offered.ROLE, Offered.UNIT) else []
    if stays_with_holder(case, now):
        if case.offered == Offered.NOBODY:
            return []
        return [*found, Choice.KEEP, Choice.HAND_OVER]
    found.append(Choice.CLOSE)
    options = policy.end_of_day_options
    if "hand_over_to_role" in options:
        found.append(Choice.HAND_OVER)
    if "pause" in options:
        found.append(Choice.PAUSE)
    if "make_asynchronous" in options or policy.allow_sync_to_async_at_shift_end == "yes":
        found.append(Choice.ASYNCHRONOUS)
    if "close_and_book" in options:
        found.append(Choice.BOOK)
    return found


def follow_up_by_closing(policy: Policy) -> bool:
    """Whether *Avsluta* may leave the chat open for some days (ASY-10)."""
    return policy.allow_sync_to_async_at_shift_end != "no"


def blocks_end_of_shift(state: str) -> bool:
    """Whether an own case in this state must be dealt with before the shift ends."""
    return state in BLOCKING_STATES


def may_end(states: Iterable[str]) -> bool:
    """Whether a shift with own cases in these states may end."""
    return not any(blocks_end_of_shift(state) for state in states)


def resume_moment(calendar: Calendar, day: date, now: datetime) -> datetime | None:
    """When a case paused to a local date goes on: at the first staffed minute of that date (CAS-12).

    Returns:
        UTC; None when nobody is there that date, or the date has begun or lies too far ahead.
    """
    today = now.astimezone(STOCKHOLM).date()
    if not today < day <= today + timedelta(days=LONGEST_PAUSE_DAYS) or not intervals_on(calendar, day):
        return None
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM)
    start = next_staffed(calendar, midnight)
    if start == midnight:  # somebody is there all night; the holder is not
        start = next_staffed(calendar, midnight + _MORNING)
    return start if start is not None and start.astimezone(STOCKHOLM).date() == day else None


def next_staffed_day(calendar: Calendar, now: datetime) -> date | None:
    """The first local date after today on which somebody is there; None within two weeks."""
    today = now.astimezone(STOCKHOLM).date()
    days = (today + timedelta(days=n) for n in range(1, LONGEST_PAUSE_DAYS + 1))
    return next((day for day in days if intervals_on(calendar, day)), None)


def paused_is_ownerless_at(calendar: Calendar, resume_at: datetime, minutes: int) -> datetime | None:
    """When a paused case whose holder has not come back goes to the role's queue.

    Args:
        calendar: of the case's unit and role.
        resume_at: when it should have gone on.
        minutes: staffed minutes to wait (policy ``paused_without_shift_minutes``).
    """
    with suppress(NeverStaffed):
        return add_staffed(calendar, resume_at, timedelta(minutes=minutes))
    return None


def unread_is_ownerless_at(calendar: Calendar, unread_since: datetime, days: int) -> datetime | None:
    """When a patient's unread message in follow-up has lain through so many staffed days.

    A day is counted from the time of day at which somebody could first have read it to the same time on the next date
    with staff; where nobody is there at that time, when somebody is next.

    Args:
        calendar: of the case's unit and role.
        unread_since: when the first unread message came, UTC.
        days: policy ``async_unread_staffed_days``.
    """
    start = next_staffed(calendar, unread_since)
    if start is None:
        return None
    local = start.astimezone(STOCKHOLM)
    day, left = local.date(), days
    while left:
        day += timedelta(days=1)
        if day - local.date() > _HORIZON:
            return None
        left -= bool(intervals_on(calendar, day))
    return next_staffed(calendar, datetime.combine(day, local.time(), tzinfo=STOCKHOLM).astimezone(UTC))
