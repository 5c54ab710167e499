"""The decision whether a branch handles its own cases (ORG-21)."""

from __future__ import annotations

from datetime import date, datetime, time

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.change_errors import BranchReceives, ConditionMissing, DecisionDates, NotABranch
from direkt1177.units.change_events import BranchDecided
from direkt1177.units.changed import announce
from direkt1177.units.clock import now
from direkt1177.units.closure_checks import receiving_in
from direkt1177.units.models import BranchDecision, Region, Unit
from direkt1177.units.staffed_time import STOCKHOLM


@command
def decide_branch(
    *, actor: Actor, unit_id: int, own_cases: bool, decided_by: str, decided_on: date, valid_from: date,
    condition: str = "",
) -> BranchDecision:  # fmt: skip
    """Write down the head of operations' decision; the latest one that has begun to hold counts.

    Args:
        actor: who writes it down; the caller has checked where.
        own_cases: true: the branch handles its own cases; false: they go to its health centre.
        decided_by: the head of operations.
        decided_on: date of the decision, today or earlier.
        valid_from: first day in Sweden, today or later.
        condition: how the workflow is followed at the branch; needed when it handles its own cases.

    Raises:
        NotABranch, ConditionMissing, DecisionDates, BranchReceives: nothing is saved.
        NotFound: no such unit.
    """
    region_id = Unit.objects.filter(pk=unit_id).values_list("provider__region_id", flat=True).first()
    if region_id is None:
        raise NotFound
    Region.objects.select_for_update(no_key=True).get(pk=region_id)
    unit = Unit.objects.get(pk=unit_id)
    today = now().astimezone(STOCKHOLM).date()
    if unit.type != Unit.Type.BRANCH or not unit.active:
        raise NotABranch
    if own_cases and not condition.strip():
        raise ConditionMissing
    if decided_on > today or valid_from < today:
        raise DecisionDates
    if not own_cases:
        closure = receiving_in(unit, datetime.combine(valid_from, time(), STOCKHOLM))
        if closure is not None:
            raise BranchReceives(closure)
    row = BranchDecision.objects.create(
        unit=unit, own_cases=own_cases, decided_by=decided_by, decided_on=decided_on, valid_from=valid_from,
        condition=condition, by_key=actor.key, by_name=actor.name, at=now(),
    )  # fmt: skip
    record(
        BranchDecided(
            unit.pk, own_cases, decided_by, decided_on.isoformat(), valid_from.isoformat(), condition or decided_by
        ),
        actor=actor,
    )
    announce([unit.pk])
    return row
