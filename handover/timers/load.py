"""How many wait at a unit, against its threshold (HRS-20)."""

from __future__ import annotations

from collections.abc import Iterator

from cases.models import Case
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.timers.plans import Plan

LOAD = "load"


def waiting_at(unit_id: int) -> int:
    """Cases in all queues of a unit."""
    return Case.objects.filter(queue_unit=unit_id).count()


def plan_load(unit: Unit) -> Iterator[Plan]:
    """Due while more wait than the threshold: the timer goes when they are fewer again, so each crossing fires once."""
    threshold = policies.policy(unit).load_alert_threshold
    if threshold is not None and waiting_at(unit.pk) > threshold:
        yield Plan(LOAD, "over", now())
