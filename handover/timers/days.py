"""Units are planned anew each midnight, and whenever their settings, hours or closures change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from django.db.models import Q

from cases.models import Case
from cases.states import CaseState
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.staffed_time import STOCKHOLM
from handover.models import Timer
from handover.timers.planning import ask_for_units
from handover.timers.plans import Plan
from handover.timers.sweep import DAY


def plan_day(unit: Unit) -> Iterator[Plan]:
    """The next local midnight."""
    tomorrow = now().astimezone(STOCKHOLM).date() + timedelta(days=1)
    yield Plan(DAY, f"{unit.pk}:{tomorrow}", datetime.combine(tomorrow, time.min, tzinfo=STOCKHOLM))


def begin_day(timer: Timer) -> datetime | None:
    """A new date: settings may be valid from today, so open cases are planned anew."""
    mark_stale({timer.subject_id})
    return None


def units_changed(unit_ids: frozenset[int]) -> None:
    """Listener of ``units.changed``: runs inside the command that changed them."""
    mark_stale(unit_ids)
    ask_for_units(unit_ids)


def mark_stale(unit_ids: set[int] | frozenset[int]) -> None:
    """Let the sweep plan all open cases of these units; rows are locked in order."""
    mine = Case.objects.filter(Q(unit_id__in=unit_ids) | Q(offered_unit_id__in=unit_ids), timers_stale=False)
    locked = mine.exclude(state__in=[CaseState.CLOSED, CaseState.CANCELLED]).select_for_update(no_key=True)
    Case.objects.filter(pk__in=list(locked.order_by("pk").values_list("pk", flat=True))).update(timers_stale=True)
