"""When a case should have been answered and assessed, as settings and hours are now (QUE-14, TRI-04)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from cases import rules
from cases.models import Case
from direkt1177.units import policies, staffed_time
from direkt1177.units.staffed_time import Calendar


def due_times(case: Case, calendar: Calendar) -> tuple[datetime | None, datetime | None]:
    """Response and assessment target of a case that nobody has answered.

    The response target counts staffed time, the tail included (HRS-03). The assessment target is clock time, since
    illness does not keep hours.

    Args:
        case: with its unit loaded.
        calendar: of the unit and role in whose hands it is.

    Returns:
        Both moments, UTC; None where no target holds.
    """
    policy = policies.policy(case.unit)
    response = None
    with suppress(staffed_time.NeverStaffed):
        response = staffed_time.add_staffed(
            calendar, case.arrived_at, timedelta(minutes=policy.response_target_minutes)
        )
    minutes = None if case.urgency is None else policy.assessment_minutes(case.urgency)
    return response, rules.assessment_due(case.arrived_at, minutes)
