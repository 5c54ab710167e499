"""Pure rules about time: is anybody there before it matters, and when is something due (HRS-04, TRI-04, QUE-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import Calendar, NeverStaffed, add_staffed, next_staffed

#: Urgencies for which "nobody reads this in time" is always asked, whatever else holds.
ALWAYS_TRIED = frozenset({1, 2})


def nobody_before(calendar: Calendar, at: datetime, target: datetime) -> datetime | None:
    """Whether an urgent case would lie unread past its target.

    Args:
        calendar: of the receiving role.
        at: the moment of sending (aware).
        target: when it must have been assessed; at or before ``at`` means at once.

    Returns:
        None when there is a staffed minute from ``at`` to ``target`` inclusive. Otherwise the next staffed minute in
        UTC, or ``datetime.max`` (UTC) when the calendar has none at all.
    """
    at, target = at.astimezone(UTC), target.astimezone(UTC)
    found = next_staffed(calendar, at)
    if found is None:
        return datetime.max.replace(tzinfo=UTC)
    return None if found <= max(target, at) else found


def unread_until(calendar: Calendar, policy: Policy, urgency: int | None, at: datetime) -> datetime | None:
    """``nobody_before`` with the urgency's assessment target; None also when the urgency has no target."""
    minutes = policy.assessment_minutes(urgency)
    if minutes is None:
        return None
    return nobody_before(calendar, at, at + timedelta(minutes=minutes))


def assessment_due(policy: Policy, urgency: int | None, arrived_at: datetime) -> datetime | None:
    """When a case must have been assessed, in calendar time (TRI-03); None for urgency 5."""
    minutes = policy.assessment_minutes(urgency)
    return None if minutes is None else arrived_at + timedelta(minutes=minutes)


def response_due(policy: Policy, calendar: Calendar, arrived_at: datetime) -> datetime | None:
    """When the response target is reached, counted in staffed time with its tail (QUE-14, HRS-03).

    None when the calendar has no staffed time at all.
    """
    try:
        return add_staffed(calendar, arrived_at, timedelta(minutes=policy.response_target_minutes))
    except NeverStaffed:
        return None
