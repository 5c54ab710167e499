"""Lists of closures, branches and unit changes for pages and reminders."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from direkt1177.units.calendars import calendars_for
from direkt1177.units.clock import now
from direkt1177.units.closed_words import interval_words
from direkt1177.units.closures import Act, Card, moves, too_soon
from direkt1177.units.contact_card import card_state, card_text, on_card
from direkt1177.units.models import BranchDecision, Closure, Unit, UnitChange
from direkt1177.units.policies import policies_of
from direkt1177.units.routes import redirecting_branches
from direkt1177.units.staffed_time import STOCKHOLM

#: Regional administration is told of a takeover three weeks ahead (UCH-01) and reminded from a week before that.
TOLD_AHEAD = timedelta(weeks=3)
REMIND_BEFORE = timedelta(weeks=1)
_KEPT_ON_LIST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class ClosureShown:
    """A closure as its pages show it.

    Attributes:
        acts: what can be done now, whoever may do it.
        text: what the contact card has to say; while ``card`` is ``TO_WITHDRAW`` what stands there wrongly.
        soon: it begins before the lead time has passed (HRS-09).
    """

    closure: Closure
    acts: tuple[Act, ...]
    card: Card
    text: str
    soon: bool
    running: bool
    past: bool

    @property
    def interval(self) -> str:
        """When it is closed, in words."""
        return interval_words(self.closure)


def shown_closures(rows: Iterable[Closure], at: datetime | None = None) -> list[ClosureShown]:
    """Closures with their acts and contact-card state; as many queries for a hundred as for one.

    Args:
        rows: with unit, its provider and region, and target loaded and decisions prefetched; see ``closures_of``.
    """
    rows, at = list(rows), at or now()
    units = {row.unit_id: row.unit for row in rows}
    calendars, settings = calendars_for(units.values()), policies_of(units.values())
    shown = []
    for row in rows:
        text = card_text(row, calendars[row.unit_id])
        state = card_state(row, text, at)
        acts = list(moves(row, at))
        acts += {Card.TO_PUBLISH: [Act.PUBLISH], Card.TO_WITHDRAW: [Act.WITHDRAW]}.get(state, [])
        planned = row.kind == Closure.Kind.PLANNED
        soon = planned and too_soon(settings[row.unit_id], requested_at=row.requested_at, starts_at=row.starts_at)
        if state is Card.TO_WITHDRAW:
            text = on_card(row) or ""
        running = row.status == Closure.Status.APPROVED and row.starts_at <= at < row.ends_at
        shown.append(ClosureShown(row, tuple(acts), state, text, soon, running, row.ends_at <= at))
    return shown


def closures_of(unit_ids: Collection[int], at: datetime | None = None) -> list[ClosureShown]:
    """Closures of units, coming and running ones first, then those that ended within three months."""
    at = at or now()
    rows = (
        Closure.objects.filter(unit__in=unit_ids, ends_at__gt=at - _KEPT_ON_LIST)
        .select_related("unit__provider__region", "target")
        .prefetch_related("decisions")
        .order_by("starts_at", "pk")
    )
    shown = shown_closures(rows, at)
    return [*(each for each in shown if not each.past), *(each for each in reversed(shown) if each.past)]


@dataclass(frozen=True, slots=True)
class BranchShown:
    """A branch with where its cases go today, the decision that says so, and one that has not begun to hold."""

    branch: Unit
    redirected: bool
    decision: BranchDecision | None
    coming: BranchDecision | None


def branches_of(unit_ids: Collection[int]) -> list[BranchShown]:
    """Branches in use among units, by name; as many queries for a hundred as for one (ORG-21)."""
    today = now().astimezone(STOCKHOLM).date()
    branches = list(
        Unit.objects.filter(pk__in=unit_ids, type=Unit.Type.BRANCH, active=True)
        .select_related("parent", "provider__region")
        .order_by("name")
    )
    redirected = redirecting_branches(branches, today)
    latest: dict[int, BranchDecision] = {}
    coming: dict[int, BranchDecision] = {}
    for row in BranchDecision.objects.filter(unit__in=[b.pk for b in branches]).order_by("valid_from", "pk"):
        (latest if row.valid_from <= today else coming)[row.unit_id] = row
    return [
        BranchShown(branch, branch.pk in redirected, latest.get(branch.pk), coming.get(branch.pk))
        for branch in branches
    ]


def takeovers_to_tell(region_id: int, on: date | None = None) -> list[UnitChange]:
    """Takeovers of a region that its administration has not confirmed and that are near: for the reminder (UCH-01).

    Args:
        on: a date in Sweden; today when left out. The reminder begins four weeks ahead, a week before the limit.
    """
    day = on or now().astimezone(STOCKHOLM).date()
    return list(
        UnitChange.objects.filter(
            unit__provider__region_id=region_id, kind=UnitChange.Kind.TAKEOVER, status=UnitChange.Status.PLANNED,
            region_told_at__isnull=True, takes_effect__lte=day + TOLD_AHEAD + REMIND_BEFORE,
        ).select_related("unit__provider", "successor__provider").order_by("takes_effect")
    )  # fmt: skip


def told_too_late(change: UnitChange) -> bool:
    """Whether regional administration knew less than three weeks before a takeover, or does not know yet (UCH-01)."""
    if change.kind != UnitChange.Kind.TAKEOVER:
        return False
    told = (change.region_told_at or now()).astimezone(STOCKHOLM).date()
    return told > change.takes_effect - TOLD_AHEAD
