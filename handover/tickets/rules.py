"""Pure rules of tickets: what is wrong with a form, who may use one now, when something is due (TIK-01..18)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from direkt1177.audit.refusals import Refusal
from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, staffed_between
from handover.states import TICKET_TRANSITIONS, TicketState
from handover.tickets import errors
from handover.tickets.errors import TicketProblem

TEXT_LIMIT = 4000
REASON_LIMIT = 300
DEFAULT_DAYS = 7
#: Urgencies for which the patient is talked to, and called when the ticket is not used.
URGENT = frozenset({1, 2})
WARN_AHEAD = timedelta(hours=1)
_LOOK_BACK_DAYS = 30
_SHORTEST_ANSWER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The form as typed: the eleven fields of TIK-02 and the phone contact; *Besök* is always empty.

    Attributes:
        verified: the patient was checked.
        to: value of the resource picker.
        reason: title from the list of contact reasons.
        booked_for, phone_contact_at: aware.
    """

    verified: bool = False
    type: str = "drop_in"
    urgency: int | None = None
    reason: str = ""
    forms: tuple[str, ...] = ()
    to: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    booked_for: datetime | None = None
    anamnesis: str = ""
    information: str = ""
    phone_contact_at: datetime | None = None
    no_phone_reason: str = ""


def problems(fields: Fields, *, policy: Policy, now: datetime, to_send: bool) -> Iterator[TicketProblem]:
    """Everything in the form that stands in the way, apart from receiver and contact reason.

    Args:
        fields: as typed.
        policy: of the issuing unit.
        now: UTC.
        to_send: a draft may lack what only the receiver needs.
    """
    if fields.urgency not in range(1, 6):
        yield errors.UrgencyMissing()
    yield from _date_problems(fields, policy, now.astimezone(STOCKHOLM).date())
    if len(fields.anamnesis) > TEXT_LIMIT:
        yield errors.TextTooLong()
    if len(fields.information) > TEXT_LIMIT:
        yield errors.InformationTooLong()
    if fields.type == "book_time" and not policy.allow_book_time_ticket:
        yield errors.BookTimeNotAllowed()
    if fields.phone_contact_at is not None and fields.phone_contact_at > now:
        yield errors.PhoneContactInFuture()
    if not to_send:
        return
    if not fields.verified:
        yield errors.NotVerified()
    if fields.type == "book_time" and policy.allow_book_time_ticket and not _time_fits(fields, now):
        yield errors.TimeMissing()
    if fields.urgency in URGENT and fields.phone_contact_at is None and not fields.no_phone_reason.strip():
        yield errors.PhoneContactMissing()


def _date_problems(fields: Fields, policy: Policy, today: date) -> Iterator[TicketProblem]:
    first, last = fields.valid_from, fields.valid_to
    if first is None or last is None:
        yield errors.DateMissing()
        return
    if first < today:
        yield errors.InThePast()
    if last < first:
        yield errors.EndBeforeStart()
    elif last < today:
        yield errors.EndPassed()
    elif (last - max(first, today)).days > policy.ticket_max_days or (last - today).days > policy.ticket_max_days:
        yield errors.TooLong(policy.ticket_max_days)


def _time_fits(fields: Fields, now: datetime) -> bool:
    if fields.booked_for is None or fields.valid_from is None or fields.valid_to is None:
        return False
    day = fields.booked_for.astimezone(STOCKHOLM).date()
    return fields.valid_from <= day <= fields.valid_to and fields.booked_for >= now


def interval(first: date, last: date) -> tuple[datetime, datetime]:
    """The validity as moments: from the first day's midnight to the midnight after the last day, Swedish time."""
    start = datetime.combine(first, time.min, tzinfo=STOCKHOLM)
    return start, datetime.combine(last + timedelta(days=1), time.min, tzinfo=STOCKHOLM)


def last_day(valid_to: datetime) -> date:
    """The last whole day of a ticket; the stored moment is the first after it."""
    return (valid_to - timedelta(seconds=1)).astimezone(STOCKHOLM).date()


def first_day(valid_from: datetime) -> date:
    """The first day of a ticket."""
    return valid_from.astimezone(STOCKHOLM).date()


def can_become(state: str, target: TicketState) -> bool:
    """Whether the one transition table allows it (TIK-15)."""
    return target in TICKET_TRANSITIONS[TicketState(state)]


def why_not_usable(state: str, *, valid_from: datetime, valid_to: datetime, now: datetime) -> Refusal | None:
    """Why the patient cannot use it at this moment; None when they can (TIK-01, TIK-06, TIK-17)."""
    if state == TicketState.ACTIVATED:
        return errors.TicketUsed()
    if state == TicketState.WITHDRAWN:
        return errors.TicketWithdrawn()
    # The timer that ends it may come seconds late.
    if state == TicketState.EXPIRED or now >= valid_to:
        return errors.TicketExpired()
    if state != TicketState.USABLE:
        return errors.TicketNotUsableYet()
    return errors.TicketNotUsableYet(valid_from) if now < valid_from else None


def unused_due(policy: Policy, *, urgency: int, sent_at: datetime, valid_from: datetime) -> datetime | None:
    """When an unused ticket of urgency 1 or 2 alarms: the assessment target from when it could be opened.

    Urgency 1 has the target "at once": the response target is what is left of the patient's time to open it.

    Args:
        policy: of the receiving unit.
        urgency: of the ticket.
        sent_at, valid_from: UTC.
    """
    minutes = policy.assessment_minutes(urgency)
    if urgency not in URGENT or minutes is None:
        return None
    return max(sent_at, valid_from) + timedelta(minutes=max(minutes, policy.response_target_minutes))


def warn_at(calendar: Calendar, end: datetime) -> datetime:
    """The latest moment with a staffed hour left before ``end``, to the second; a plain hour when never staffed.

    Args:
        calendar: of the issuing role.
        end: end of the ticket, aware.
    """
    low, high = end - timedelta(days=_LOOK_BACK_DAYS), end
    if staffed_between(calendar, low, end) < WARN_AHEAD:
        return end - WARN_AHEAD
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if staffed_between(calendar, middle, end) >= WARN_AHEAD else (low, middle)
    return low.replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """A worded answer of the patient."""

    id: str
    question: str
    answer: str


def documented(answers: Sequence[Answer], note: str) -> list[str]:
    """Which answers an exported note already contains, so that nobody writes them twice (TIK-10).

    An answer counts as contained when the note has its very words; one that says nothing by itself (yes, no, a
    number) only right after its question.

    Args:
        answers: the new answers in words.
        note: the giver's exported text; never shown to the receiver.

    Returns:
        Ids of the answers.
    """
    haystack = f" {_plain(note)} "
    found = []
    for item in answers:
        said, asked = _plain(item.answer), _plain(item.question)
        telling = len(said) >= _SHORTEST_ANSWER and not said.replace(" ", "").isdecimal() and said not in _VAGUE
        if said and ((telling and f" {said} " in haystack) or f" {asked} {said} " in haystack):
            found.append(item.id)
    return found


_VAGUE = frozenset({"ja", "nej", "vet inte", "yes", "no", "inget av detta", "inga", "ingen", "inget"})


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+(?:[.,]\d+)?", text.casefold()))
