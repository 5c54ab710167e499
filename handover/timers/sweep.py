"""The tick of the timers: plan what has changed, fire what is due (design §2, R-08)."""

from __future__ import annotations

from time import monotonic

from django.db.models import Exists, OuterRef

from direkt1177.audit.record import command
from direkt1177.units.models import Unit
from handover.models import Timer
from handover.timers import fire, plans
from handover.timers.planning import plan_stale

#: A sweep leaves the rest to the next one, so that other ticks get their turn.
MOST_SECONDS = 8.0
DAY = "day"


def sweep() -> int:
    """Plan, then fire; two sweeps at once share the work, none for hours only delays it.

    Returns:
        How many timers fired.
    """
    until = monotonic() + MOST_SECONDS
    plan_stale()
    plan_new_units()
    fired = 0
    tried: set[int] = set()
    while monotonic() < until:
        due = [one for one in fire.find_due() if one.pk not in tried]
        if not due:
            break
        for one in due:
            tried.add(one.pk)
            fired += fire.fire(one)
            if monotonic() > until:
                break
    return fired


def plan_new_units() -> None:
    """Units without the timer of the next day are planned; from then on each plans itself."""
    planned = Timer.objects.filter(subject=plans.UNIT, subject_id=OuterRef("pk"), kind=DAY)
    for pk in Unit.objects.filter(~Exists(planned), active=True).order_by("pk").values_list("pk", flat=True)[:50]:
        _plan_unit(pk=pk)


@command
def _plan_unit(*, pk: int) -> None:
    if Unit.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).exists():
        plans.plan_now(plans.UNIT, pk)
