"""Response and assessment targets: when staff are reminded, when the coordinator is told (QUE-14, TRI-04): pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases import rules
from cases.states import CaseState
from direkt1177.units import staffed_time
from direkt1177.units.staffed_time import Calendar

#: States in which somebody may still be late with a first answer.
UNANSWERED = (CaseState.WAITING, CaseState.RECEIVED, CaseState.STARTED)


def response_open_until(
    state: str,
    *,
    due_at: datetime | None,
    clock_stop: str,
    received_at: datetime | None,
    first_reply_at: datetime | None,
) -> datetime | None:
    """The response target while its clock runs, else None (QUE-14, QUE-15).

    Args:
        state: of the case.
        due_at: the target; staffed time with the tail (HRS-03).
        clock_stop: policy ``response_clock_stop``.
        received_at, first_reply_at: of the case.
    """
    if due_at is None or state not in UNANSWERED:
        return None
    stopped = rules.response_stopped_at(clock_stop, received_at=received_at, first_reply_at=first_reply_at)
    return due_at if stopped is None else None


def assessment_open_until(state: str, *, due_at: datetime | None, first_reply_at: datetime | None) -> datetime | None:
    """The assessment target while nobody has written to the patient, else None (TRI-04)."""
    if state not in UNANSWERED or first_reply_at is not None:
        return None
    return due_at


def response_escalates_at(due_at: datetime, *, minutes: int, calendar: Calendar) -> datetime | None:
    """When a passed response target reaches coordinator and manager: staffed time after it, the tail included."""
    try:
        return staffed_time.add_staffed(calendar, due_at, timedelta(minutes=minutes))
    except staffed_time.NeverStaffed:
        return None


def assessment_escalates_at(due_at: datetime, *, minutes: int) -> datetime:
    """When a passed assessment target reaches coordinator and manager: by the clock, illness keeps no hours."""
    return due_at + timedelta(minutes=minutes)
