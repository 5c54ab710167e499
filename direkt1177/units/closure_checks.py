"""Whether a closure fits beside all others: no overlap, no loop, no target that is closed itself. Needs the lock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from direkt1177.units.closure_errors import (
    ClosureNotAhead,
    ClosureOverlaps,
    ReceivesMeanwhile,
    TargetClosed,
    TargetRedirects,
    TargetRefused,
)
from direkt1177.units.closure_models import LIVE
from direkt1177.units.models import Closure, Unit
from direkt1177.units.routes import redirecting_branches
from direkt1177.units.staffed_time import STOCKHOLM

_TARGETS = (Unit.Type.PRIMARY_CARE, Unit.Type.BRANCH, Unit.Type.ADVICE_LINE)


def check_interval(starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    """From now on, and an end after the start.

    Raises:
        ClosureNotAhead: it is not so.
    """
    if starts_at < at or ends_at <= starts_at:
        raise ClosureNotAhead


def check_places(closure: Closure) -> None:
    """Check a closure, saved or not, against all that are asked for or decided in the region.

    Raises:
        ClosureOverlaps, ReceivesMeanwhile, TargetClosed, TargetRedirects, TargetRefused: what does not fit.
    """
    meanwhile = (
        Closure.objects.filter(status__in=LIVE, starts_at__lt=closure.ends_at, ends_at__gt=closure.starts_at)
        .exclude(pk=closure.pk)
        .select_related("unit", "target")
        .order_by("starts_at")
    )
    other = meanwhile.filter(unit=closure.unit).first()
    if other is not None:
        raise ClosureOverlaps(other)
    other = meanwhile.filter(target=closure.unit).first()
    if other is not None:
        raise ReceivesMeanwhile(other)
    target = closure.target
    if target is None:
        return
    same_region = target.provider.region_id == closure.unit.provider.region_id
    if target.pk == closure.unit_id or not target.active or not same_region or target.type not in _TARGETS:
        raise TargetRefused
    other = meanwhile.filter(unit=target).first()
    if other is not None:
        raise TargetClosed(other)
    for day in _days_of(closure):
        if target.pk in redirecting_branches([target], day) and target.parent is not None:
            raise TargetRedirects(target, target.parent)


def receiving_in(unit: Unit, since: datetime) -> Closure | None:
    """A closure from a moment on during which this unit takes another's cases."""
    rows = Closure.objects.filter(status__in=LIVE, target=unit, ends_at__gt=since).select_related("unit")
    return rows.order_by("starts_at").first()


def _days_of(closure: Closure) -> list[date]:
    """First day, and every further day on which a decision on the target begins to hold."""
    first = closure.starts_at.astimezone(STOCKHOLM).date()
    last = (closure.ends_at - timedelta(microseconds=1)).astimezone(STOCKHOLM).date()
    if closure.target is None or closure.target.type != Unit.Type.BRANCH:
        return [first]
    changes = closure.target.branch_decisions.filter(valid_from__gt=first, valid_from__lte=last)
    return [first, *changes.values_list("valid_from", flat=True)]
