"""Which roles have nobody there although the unit is staffed (HRS-06)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from direkt1177.accounts.models import Membership, Shift
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from direkt1177.units.staffed_time import is_staffed


def roles_without_staff(unit: Unit, at: datetime | None = None) -> list[CareRole]:
    """Roles that take cases at a unit, are staffed at a moment, and have nobody on an active shift then.

    Roles that take cases are those that new cases are addressed to by policy, and those that somebody holds there.

    Args:
        at: aware; now when left out.
    """
    at = at or now()
    held = Membership.objects.filter(unit=unit, ended_at__isnull=True).values("role")
    addressed = set(policy(unit).receiving_roles.values())
    there = set(
        Shift.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), unit=unit, started_at__lte=at)
        .filter(user__is_active=True)
        .values_list("role_id", flat=True)
    )
    roles = CareRole.objects.filter(Q(pk__in=held) | Q(code__in=addressed)).exclude(pk__in=there)
    return [role for role in roles.order_by("order", "name") if is_staffed(calendar_for(unit, role), at)]
