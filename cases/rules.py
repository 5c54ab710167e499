"""Pure rules of the errand: may X do Y now, when is it due, in what order. No database, no clock of its own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from cases.states import HELD_STATES, CaseState
from direkt1177.units.staffed_time import END_OF_DAY, Calendar, intervals_on

MESSAGE_LIMIT = 4000
# NOT-01 k: whoever has not seen a message by then has left the service and gets an SMS.
UNREAD_SMS_AFTER = timedelta(seconds=60)
MIN_SAMPLE = 10
LOCAL = ZoneInfo("Europe/Stockholm")
WRITABLE_STATES = frozenset({CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS})
CLOSABLE_STATES = frozenset({CaseState.STARTED, CaseState.PAUSED})
# A pause is for the next day or over a long weekend, not for a waiting list (CAS-12).
PAUSE_DAYS = 14
_NOT_ASSESSED_RANK = 25
# So long a closure is bridged; a unit without hours has none to end at.
_CLOSED_DAYS = 60


def sort_rank(kind: str, urgency: int | None) -> int:
    """Place in the queue before arrival counts: 1, 2, not assessed, 3, 4, 5 (QUE-05, design §5).

    Administrative cases without urgency lie in a queue by arrival; where they share one with care cases they come as
    *not assessed* does, so that nothing unread sinks below urgency 3 (TRI-14).

    Args:
        kind: ``seek_care`` or ``admin_question``.
        urgency: 1 to 5, or None when nobody assessed it.
    """
    del kind
    return _NOT_ASSESSED_RANK if urgency is None else urgency * 10


class Queued(Protocol):
    """What ``lies_in`` looks at: a case."""

    state: str
    unit_id: int
    role_id: int
    offered_unit_id: int | None
    offered_role_id: int | None


def lies_in(case: Queued) -> tuple[int, int] | None:
    """Unit and role in whose queue a case lies: it waits there, or is offered to that role (HOV-08); else None.

    The same as the columns ``queue_unit`` and ``queue_role``, also of a case that was just changed.
    """
    if case.state == CaseState.WAITING:
        return case.unit_id, case.role_id
    if case.offered_unit_id is not None and case.offered_role_id is not None:
        return case.offered_unit_id, case.offered_role_id
    return None


def may_put_back(state: str, *, holds: bool) -> bool:
    """The holder may put a received case back while it is not started."""
    return holds and state == CaseState.RECEIVED


def may_start(state: str, *, holds: bool) -> bool:
    """The holder may start what they received (CAS-04)."""
    return holds and state == CaseState.RECEIVED


def may_close(state: str, *, holds: bool) -> bool:
    """The holder may close a started or paused visit (CAS-08); nobody else, no timer (I-08)."""
    return holds and state in CLOSABLE_STATES


def may_pause(state: str, *, holds: bool) -> bool:
    """The holder may pause a started visit, or give a paused one another time (CAS-12)."""
    return holds and state in CLOSABLE_STATES


def is_pause_time(resume_at: datetime, now: datetime) -> bool:
    """Whether a visit may be paused until then: later than now, and within ``PAUSE_DAYS`` days."""
    return now < resume_at <= now + timedelta(days=PAUSE_DAYS)


def may_write(
    state: str,
    *,
    follow_up_until: datetime | None,
    now: datetime,
    started_at: datetime | None = None,
    closed_at: datetime | None = None,
) -> bool:
    """Whether the chat is open: from *Starta besök*, and in follow-up until its end (CAS-04, CAS-08, CAS-25).

    A visit that has begun and lies in a queue again still takes the patient's messages.

    Args:
        state: of the case.
        follow_up_until: end of the follow-up, if any.
        now: UTC.
        started_at, closed_at: of the visit; matter while it waits.
    """
    in_follow_up = follow_up_until is not None and now < follow_up_until
    if state == CaseState.ASYNCHRONOUS:
        return in_follow_up
    if state == CaseState.WAITING:
        return started_at is not None and (closed_at is None or in_follow_up)
    return state in WRITABLE_STATES


class Writable(Protocol):
    """What ``may_write_in`` looks at: a case, or a row of it."""

    state: str
    follow_up_until: datetime | None
    started_at: datetime | None
    closed_at: datetime | None


def may_write_in(case: Writable, now: datetime) -> bool:
    """``may_write`` of a case."""
    return may_write(
        case.state,
        follow_up_until=case.follow_up_until,
        now=now,
        started_at=case.started_at,
        closed_at=case.closed_at,
    )


def state_when_taken(
    *, started_at: datetime | None, closed_at: datetime | None, follow_up_until: datetime | None, now: datetime
) -> CaseState:
    """What a waiting case becomes when somebody takes it: a visit that had begun goes on where it was (HOV-02)."""
    if started_at is None:
        return CaseState.RECEIVED
    if closed_at is not None and follow_up_until is not None and now < follow_up_until:
        return CaseState.ASYNCHRONOUS
    return CaseState.STARTED


def may_change_urgency(state: str, *, holds: bool, own_role: bool) -> bool:
    """The holder, or the role whose queue it waits in (TRI-11)."""
    return own_role if state == CaseState.WAITING else holds and state in HELD_STATES


def follow_up_end(days: int, now: datetime, calendar: Calendar | None = None) -> datetime:
    """When a follow-up of so many days ends: when the service closes on the last of them (ASY-08).

    A last day on which nobody is there moves on to the next one with staff, so that what is written then is read.

    Args:
        days: 1 or more.
        now: UTC.
        calendar: staffed hours; without any the end is midnight, as the first instant after the day.
    """
    last = now.astimezone(LOCAL).date() + timedelta(days=days)
    for ahead in range(_CLOSED_DAYS if calendar is not None else 0):
        day = last + timedelta(days=ahead)
        if calendar is not None and (hours := intervals_on(calendar, day)):
            return _closing(day, max(interval.end for interval in hours), calendar.tail).astimezone(now.tzinfo)
    return _midnight_after(last).astimezone(now.tzinfo)


def _closing(day: date, end: time, tail: timedelta) -> datetime:
    midnight = _midnight_after(day)
    return midnight if end >= END_OF_DAY else min(datetime.combine(day, end, tzinfo=LOCAL) + tail, midnight)


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=LOCAL)


def is_unanswered(*, last_patient_seq: int, last_staff_seq: int, staff_seen_seq: int, handled_seq: int) -> bool:
    """Whether the patient waits for an answer in a follow-up (ASY-03).

    What staff wrote without having read the patient's message is no answer to it.

    Args:
        last_patient_seq, last_staff_seq: numbers of the newest message of each side; 0 for none.
        staff_seen_seq: number of the newest message that staff have read.
        handled_seq: up to which number messages need no answer: seen at closing, or marked as done.
    """
    return last_patient_seq > max(min(last_staff_seq, staff_seen_seq), handled_seq)


def last_day(follow_up_until: datetime | None) -> date | None:
    """The last whole day on which the patient may write; the stored instant is the first after it."""
    return None if follow_up_until is None else (follow_up_until - timedelta(seconds=1)).astimezone(LOCAL).date()


def last_hour(follow_up_until: datetime | None) -> time | None:
    """Local time at which the last day ends; None when it lasts to midnight, or there is no end."""
    local = None if follow_up_until is None else follow_up_until.astimezone(LOCAL).time()
    return None if local == time.min else local


def follow_up_is_over(follow_up_until: datetime, now: datetime) -> bool:
    """Whether the follow-up period has ended."""
    return now >= follow_up_until


def assessment_due(arrived_at: datetime, minutes: int | None) -> datetime | None:
    """When the urgency wants the case assessed (TRI-04): clock time, since illness does not keep hours.

    Args:
        arrived_at: original arrival.
        minutes: from policy for the urgency; None when there is no target.
    """
    return None if minutes is None else arrived_at + timedelta(minutes=minutes)


def response_stopped_at(
    clock_stop: str, *, received_at: datetime | None, first_reply_at: datetime | None
) -> datetime | None:
    """When the response clock stopped (QUE-15), None while it runs.

    Args:
        clock_stop: policy ``response_clock_stop``: ``reply`` stops at the first written reply, all else at *Ta emot*.
        received_at: when staff took it.
        first_reply_at: first message that staff wrote themselves.
    """
    return first_reply_at if clock_stop == "reply" else received_at


def clean_text(text: str) -> str:
    """The message as stored: no control characters but line breaks, no lone surrogates, no space around it."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and not 0x7F <= ord(c) <= 0x9F)).strip()


def honest_interval(waits: list[float]) -> tuple[int, int] | None:
    """What can be said of the wait from recent ones: half waited at most the first, nine of ten the second.

    Args:
        waits: minutes; those of more than a day lay over a closing and say nothing.

    Returns:
        Minutes rounded up to 5, or None with too few to say anything.
    """
    usable = sorted(w for w in waits if 0 <= w < 24 * 60)
    if len(usable) < MIN_SAMPLE:
        return None
    half, most = usable[(len(usable) - 1) // 2], usable[(len(usable) - 1) * 9 // 10]
    low, high = (max(5, -int(-w // 5) * 5) for w in (half, most))
    return low, high
