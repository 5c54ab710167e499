"""What is left of a shift."""

from __future__ import annotations

from dataclasses import dataclass

from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from handover.shifts.rules import BLOCKING_STATES


@dataclass(frozen=True, slots=True)
class Remaining:
    """Own cases when the shift is about to end.

    Attributes:
        blocking: received and started; they must go first (SHF-05).
        staying: paused and in follow-up; they stay with the user and keep their dates.
        waiting: number of cases waiting in the own role's queue, for information.
    """

    blocking: list[Case]
    staying: list[Case]
    waiting: int


def blocking_count(user_id: int, unit_id: int) -> int:
    """How many own cases at a unit must be dealt with before it is left (SHF-05)."""
    return Case.objects.filter(holder_id=user_id, unit_id=unit_id, state__in=BLOCKING_STATES).count()


def remaining(actor: StaffActor) -> Remaining:
    """What the user still holds at the unit, most urgent first."""
    held = list(
        Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id)
        .filter(state__in=[*BLOCKING_STATES, CaseState.PAUSED, CaseState.ASYNCHRONOUS])
        .select_related("patient", "unit")
        .order_by("sort_rank", "arrived_at", "pk")
    )
    return Remaining(
        blocking=[case for case in held if case.state in BLOCKING_STATES],
        staying=[case for case in held if case.state not in BLOCKING_STATES],
        waiting=Case.objects.filter(unit_id=actor.unit_id, role_id=actor.role_id, state=CaseState.WAITING).count(),
    )
