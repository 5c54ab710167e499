"""The clocks of one case as the page shows them: why they run, when they are due, what has been tried (INA-07)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import ngettext

from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.models import Shift
from direkt1177.residents.queries import person_view
from direkt1177.units import policies, staffed_time
from direkt1177.units.clock import now
from direkt1177.units.policy_model import Policy
from handover.models import ContactAttempt
from handover.timers import case_plans, inactivity, plans, targets
from handover.timers.inactivity import Attempt, Missing


@dataclass(frozen=True, slots=True)
class Silence:
    """The clock of inactivity.

    Attributes:
        since: None when no clock runs: the patient wrote last, or the visit is not ongoing.
        due: when the time has run out; None as well when there is no staffed time ahead.
        hours: threshold.
        staffed: counted in staffed time only.
        goes_on: when it goes on again, while it stands still outside staffed hours.
    """

    since: datetime | None
    due: datetime | None
    hours: float
    staffed: bool
    goes_on: datetime | None
    passed: bool

    @property
    def rule(self) -> str:
        """The threshold in words."""
        whole = int(self.hours) if self.hours == int(self.hours) else 2
        text = (
            ngettext("%(hours)s hour of staffed time", "%(hours)s hours of staffed time", whole)
            if self.staffed
            else ngettext("%(hours)s hour", "%(hours)s hours", whole)
        )
        return text % {"hours": f"{self.hours:g}".replace(".", ",")}


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who is there for a case that waits (HRS-06).

    Attributes:
        on_shift: how many of the role are on shift at the unit.
        staffed: whether it is staffed time for the role now, the tail included.
        next_at: when the next staffed time begins; None when it is staffed, or there is none.
    """

    on_shift: int
    staffed: bool
    next_at: datetime | None

    @property
    def nobody(self) -> bool:
        """*Ej bemannat*: nobody of the role is on shift."""
        return self.on_shift == 0


@dataclass(frozen=True, slots=True)
class Clock:
    """Everything the panel says."""

    case: Case
    policy: Policy
    silence: Silence
    tried: list[Attempt]
    missing: list[Missing]
    sms: str
    phone_needed: bool
    staffing: Staffing
    response_due: datetime | None
    response_late: bool
    assessment_due: datetime | None
    assessment_late: bool

    @property
    def silent(self) -> bool:
        """Whether the patient is the one to reply, in an ongoing visit."""
        return self.case.state == CaseState.STARTED and self.silence.since is not None


def clock_of(case: Case) -> Clock:
    """Read the clocks of a case; its unit, provider and region must be loaded or are fetched."""
    at = now()
    policy = policies.policy(case.unit)
    silence, tried, found = state_of_silence(case, policy, at)
    response = targets.response_open_until(
        case.state,
        due_at=case.response_due_at,
        clock_stop=policy.response_clock_stop,
        received_at=case.received_at,
        first_reply_at=case.first_reply_at,
    )
    assessment = targets.assessment_open_until(
        case.state, due_at=case.assessment_due_at, first_reply_at=case.first_reply_at
    )
    return Clock(
        case=case,
        policy=policy,
        silence=silence,
        tried=tried,
        missing=found,
        sms=sms_state(case),
        phone_needed=case.urgency in phone_urgencies(policy),
        staffing=staffing_of(case),
        response_due=response,
        response_late=response is not None and response <= at,
        assessment_due=assessment,
        assessment_late=assessment is not None and assessment <= at,
    )


def state_of_silence(case: Case, policy: Policy, at: datetime) -> tuple[Silence, list[Attempt], list[Missing]]:
    """The clock of inactivity, the attempts since the patient wrote, what is missing before closing without reply."""
    since, due = case_plans.silence(case)
    threshold = policy.inactivity_threshold
    staffed = threshold.counted_in == "staffed_time"
    goes_on = None
    if since is not None and staffed and (due is None or at < due):
        calendar = plans.calendar_of(case.unit, case.role_id)
        if not staffed_time.is_staffed(calendar, at, tail=True):
            goes_on = staffed_time.next_staffed(calendar, at, tail=True)
    tried = attempts_of(case)
    found = inactivity.missing(
        case.state,
        offered=case.offered_at is not None,
        since=since,
        due=due,
        now=at,
        made=tried,
        least=policy.min_contact_attempts,
        urgency=case.urgency,
        phone_urgencies=phone_urgencies(policy),
    )
    passed = due is not None and at >= due
    return Silence(since, due, threshold.hours, staffed, goes_on, passed), tried, found


def attempts_of(case: Case) -> list[Attempt]:
    """Contact attempts since the patient last wrote (INA-03)."""
    messages = Message.objects.filter(case=case, author=Message.Author.STAFF, seq__gt=case.last_patient_seq)
    times = list(messages.values_list("sent_at", flat=True))
    others = ContactAttempt.objects.filter(case=case).exclude(way=ContactAttempt.Way.WARNING)
    if case.last_patient_seq:
        wrote = Message.objects.filter(case=case, seq=case.last_patient_seq).values_list("sent_at", flat=True).first()
        others = others.filter(at__gt=wrote)
    return inactivity.attempts(times, [Attempt(one.at, one.way) for one in others])


def phone_urgencies(policy: Policy) -> tuple[int, ...]:
    """Urgencies for which somebody must have tried by phone before a case is closed without reply (INA-05)."""
    return () if policy.phone_fallback.when == "never" else tuple(policy.phone_fallback.urgencies)


def sms_state(case: Case) -> str:
    """``ok``, ``masked`` or ``no_number``: whether who wrote can be reached by SMS (NOT-06)."""
    person = person_view(case.started_by)
    if person.masked:
        return "masked"
    return "ok" if person.sms_possible else "no_number"


def staffing_of(case: Case) -> Staffing:
    """Whether anybody of the role is there (design §4)."""
    calendar = plans.calendar_of(case.unit, case.role_id)
    at = now()
    staffed = staffed_time.is_staffed(calendar, at, tail=True)
    on_shift = Shift.objects.filter(
        unit_id=case.unit_id, role_id=case.role_id, ended_at__isnull=True, user__is_active=True
    ).count()
    return Staffing(on_shift, staffed, None if staffed else staffed_time.next_staffed(calendar, at))
