"""Which timers a case has: inactivity, targets, an open visit, what staff asked to be told of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from cases.models import Case
from cases.states import CaseState
from direkt1177.units import policies
from handover.timers import inactivity, plans, targets
from handover.timers.planning import last_written
from handover.timers.plans import Plan

INACTIVITY = "inactivity"
RESPONSE_LATE, RESPONSE_ESCALATED = "response_late", "response_escalated"
ASSESSMENT_LATE, ASSESSMENT_ESCALATED = "assessment_late", "assessment_escalated"
UNCLOSED = "unclosed"
NEW_CASE = "new_case"
ASYNC_MESSAGE = "async_message"


def silence(case: Case) -> tuple[datetime | None, datetime | None]:
    """Since when the patient has been silent, and when that has lasted too long (INA-01, INA-07).

    Args:
        case: with its unit, provider and region loaded.
    """
    if case.started_at is None or case.closed_at is not None:
        return None, None
    since = inactivity.silent_since(
        case.state,
        last_staff_seq=case.last_staff_seq,
        last_patient_seq=case.last_patient_seq,
        last_staff_at=last_written(case, "staff"),
    )
    if since is None:
        return None, None
    threshold = policies.policy(case.unit).inactivity_threshold
    staffed = threshold.counted_in == "staffed_time"
    calendar = plans.calendar_of(case.unit, case.role_id)
    return since, inactivity.inactive_at(since, hours=threshold.hours, staffed=staffed, calendar=calendar)


def plan_inactivity(case: Case) -> Iterator[Plan]:
    """A prompt to whoever holds it; a new holder inherits the clock and gets a prompt of their own (INA-08)."""
    _since, due = silence(case)
    if due is not None and case.holder_id is not None:
        yield Plan(INACTIVITY, f"{case.last_staff_seq}:{case.holder_id}", due)


def plan_targets(case: Case) -> Iterator[Plan]:
    """Reminders when response and assessment target pass, escalation after a further span (QUE-14, TRI-04)."""
    settings = policies.policy(case.unit)
    span = settings.target_escalation_minutes
    response = targets.response_open_until(
        case.state,
        due_at=case.response_due_at,
        clock_stop=settings.response_clock_stop,
        received_at=case.received_at,
        first_reply_at=case.first_reply_at,
    )
    if response is not None:
        yield Plan(RESPONSE_LATE, _stamp(response), response)
        calendar = plans.calendar_of(case.unit, case.role_id)
        later = targets.response_escalates_at(response, minutes=span, calendar=calendar)
        if later is not None:
            yield Plan(RESPONSE_ESCALATED, _stamp(response), later)
    assessment = targets.assessment_open_until(
        case.state, due_at=case.assessment_due_at, first_reply_at=case.first_reply_at
    )
    if assessment is not None:
        yield Plan(ASSESSMENT_LATE, _stamp(assessment), assessment)
        escalates = targets.assessment_escalates_at(assessment, minutes=span)
        yield Plan(ASSESSMENT_ESCALATED, _stamp(assessment), escalates)


def plan_unclosed(case: Case) -> Iterator[Plan]:
    """An SMS to the holder of a visit that is still open after so many minutes (INA-09, NOT-08)."""
    if case.state in (CaseState.RECEIVED, CaseState.STARTED) and case.holder_id and case.received_at:
        minutes = policies.policy(case.unit).unclosed_sms_minutes
        stamp = f"{case.holder_id}:{_stamp(case.received_at)}"
        yield Plan(UNCLOSED, stamp, case.received_at + timedelta(minutes=minutes))


def plan_told(case: Case) -> Iterator[Plan]:
    """New in the queue, and new in a follow-up, for those who have chosen to be told (NOT-01 a, b, e)."""
    if case.state == CaseState.WAITING and case.started_at is None:
        yield Plan(NEW_CASE, f"{case.unit_id}:{case.role_id}", case.queued_at)
    elif case.state == CaseState.ASYNCHRONOUS and case.last_patient_seq > case.staff_seen_seq:
        written = last_written(case, "patient")
        if written is not None:
            # One for everything since the holder last looked.
            yield Plan(ASYNC_MESSAGE, f"{case.holder_id}:{case.staff_seen_seq}", written)


ALL = (plan_inactivity, plan_targets, plan_unclosed, plan_told)


def _stamp(at: datetime) -> str:
    return f"{at.timestamp():.0f}"
