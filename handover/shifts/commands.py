"""End a shift: one durable transaction (SHF-03, SHF-05, SHF-06)."""

from __future__ import annotations

from typing import Any

from direkt1177.accounts import steps
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command
from handover.shifts.errors import CasesRemain, NoActiveShift
from handover.shifts.queries import blocking_count


@command
def end_shift(*, actor: StaffActor, satisfied: bool, key: str) -> int:
    """End the actor's active shift at the unit.

    Args:
        actor: whose shift.
        satisfied: the answer to *nöjd* or *missnöjd*.
        key: idempotency key of the form.

    Returns:
        Id of the ended shift.

    Raises:
        CasesRemain: received or started cases are still the actor's.
        NoActiveShift: there is no active shift at the unit.
    """

    def do() -> dict[str, Any]:
        # Whoever takes a case locks the shift first as well, so that no case slips in after the count.
        shift = (
            Shift.objects.select_for_update(no_key=True)
            .filter(user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True)
            .first()
        )
        if shift is None:
            raise NoActiveShift
        if count := blocking_count(actor.user_id, actor.unit_id):
            raise CasesRemain(count)
        steps.end_shift(actor=actor, shift_id=shift.pk, satisfied=satisfied)
        return {"shift": shift.pk}

    outcome = once(actor=actor, key=key, command="end_shift", body={"satisfied": satisfied}, do=do)
    return int(outcome["shift"])
