"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from direkt1177.outbox import ticks
from direkt1177.units import changed
from handover.timers import days, fire, planning, plans, sweep


def register() -> None:
    """The sweep, and what it plans and fires."""
    ticks.register("timers", sweep.sweep)
    changed.register(days.units_changed)
    plans.register(plans.UNIT, days.plan_day)
    fire.register(sweep.DAY, days.begin_day)
    fire.register(plans.REPLAN, planning.replan_unit)
