"""Where new cases go: winding up, closures and the branch rule in one place (ORG-21, HRS-12, HRS-18, UCH-01).

A chain is followed at one moment; time alone lets a closure begin and end (HRS-12).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from direkt1177.units.clock import now
from direkt1177.units.closures import follow
from direkt1177.units.errors import UnitClosed, UnitWoundUp
from direkt1177.units.models import BranchDecision, Closure, Unit
from direkt1177.units.policies import policies_of
from direkt1177.units.staffed_time import STOCKHOLM

_DEEPEST = 10


class Why(StrEnum):
    """Why a unit does not take a new case itself."""

    CLOSURE = "closure"
    BRANCH = "branch"
    SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True)
class Step:
    """One redirection: from where, why, where to (None: nobody takes it)."""

    unit: Unit
    why: Why
    to: Unit | None
    closure: Closure | None = None
    decision: BranchDecision | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case addressed to a unit goes at a moment.

    Attributes:
        asked: the unit that the case is addressed to.
        unit: the unit that takes it; None while nobody does.
        steps: why it does not stay, in order; empty when it does.
    """

    asked: Unit
    unit: Unit | None
    steps: tuple[Step, ...]

    @property
    def closure(self) -> Closure | None:
        """The first closure on the way."""
        return next((step.closure for step in self.steps if step.closure is not None), None)

    @property
    def own_closure(self) -> Closure | None:
        """The closure of the unit itself."""
        return self.steps[0].closure if self.steps else None

    def receiver(self) -> Unit:
        """The unit that takes the case.

        Raises:
            UnitClosed: a closure without target.
            UnitWoundUp: it is closed for good and nobody goes on.
        """
        if self.unit is not None:
            return self.unit
        if self.closure is None:
            raise UnitWoundUp
        raise UnitClosed(self.closure)


def route_of(unit: Unit, at: datetime | None = None) -> Route:
    """Where a new case to this unit goes at a moment (now when left out), and why."""
    return routes_of([unit], at)[unit.pk]


def redirect_target(unit: Unit, at: datetime | None = None) -> Unit:
    """The unit that takes a new case addressed to this one.

    Raises:
        UnitClosed, UnitWoundUp: nobody does; the text says what to do instead.
    """
    return route_of(unit, at).receiver()


def routes_of(units: Iterable[Unit], at: datetime | None = None) -> dict[int, Route]:
    """Routes of many units by unit id; the number of queries depends on the longest chain only."""
    units = list(units)
    at = at or now()
    closures = {
        row.unit_id: row
        for row in Closure.objects.filter(status=Closure.Status.APPROVED, starts_at__lte=at, ends_at__gt=at)
    }
    known: dict[int, Unit] = {}
    steps: dict[int, tuple[Why, int | None, BranchDecision | None]] = {}
    edge = {unit.pk: unit for unit in units}
    for _depth in range(_DEEPEST):
        known |= edge
        found = _steps(edge.values(), closures, at.astimezone(STOCKHOLM).date())
        steps |= found
        missing = {to for _why, to, _decision in found.values() if to is not None} - set(known)
        if not missing:
            break
        edge = {row.pk: row for row in Unit.objects.select_related("provider__region").filter(pk__in=missing)}
    onward = {pk: to if to in known else None for pk, (_why, to, _decision) in steps.items()}
    return {unit.pk: _route(unit, onward, steps, known, closures) for unit in units}


def redirecting_branches(branches: Iterable[Unit], day: date) -> dict[int, BranchDecision | None]:
    """Branches whose cases go to their health centre on a day, each with the decision that says so, if there is one.

    The latest decision valid that day holds; without any, the region's rule (ORG-21).
    """
    branches = [unit for unit in branches if unit.type == Unit.Type.BRANCH and unit.parent_id is not None]
    if not branches:
        return {}
    decisions = {
        row.unit_id: row
        for row in BranchDecision.objects.filter(unit__in=[b.pk for b in branches], valid_from__lte=day).order_by(
            "valid_from", "pk"
        )
    }
    by_rule = [branch for branch in branches if branch.pk not in decisions]
    settings = policies_of(by_rule) if by_rule else {}
    return {
        branch.pk: decisions.get(branch.pk)
        for branch in branches
        if (
            not decisions[branch.pk].own_cases
            if branch.pk in decisions
            else settings[branch.pk].branch_redirect_default
        )
    }


def _steps(
    units: Iterable[Unit], closures: dict[int, Closure], day: date
) -> dict[int, tuple[Why, int | None, BranchDecision | None]]:
    """The step out of each of these units, for those that do not keep their cases."""
    units = list(units)
    staying = [unit for unit in units if unit.active and unit.pk not in closures]
    branches = redirecting_branches(staying, day)
    found: dict[int, tuple[Why, int | None, BranchDecision | None]] = {}
    for unit in units:
        if not unit.active:
            found[unit.pk] = (Why.SUCCESSOR, unit.successor_id, None)
        elif unit.pk in closures:
            found[unit.pk] = (Why.CLOSURE, closures[unit.pk].target_id, None)
        elif unit.pk in branches:
            found[unit.pk] = (Why.BRANCH, unit.parent_id, branches[unit.pk])
    return found


def _route(
    unit: Unit,
    onward: dict[int, int | None],
    steps: dict[int, tuple[Why, int | None, BranchDecision | None]],
    known: dict[int, Unit],
    closures: dict[int, Closure],
) -> Route:
    path = follow(unit.pk, onward)
    walked = path.passed if path.end is None else path.passed[:-1]
    told = []
    for pk in walked:
        why, to, decision = steps[pk]
        closure = closures.get(pk) if why is Why.CLOSURE else None
        told.append(Step(known[pk], why, known.get(to) if to is not None else None, closure, decision))
    return Route(unit, known[path.end] if path.end is not None else None, tuple(told))
