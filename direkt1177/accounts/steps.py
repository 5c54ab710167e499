"""Parts that commands of this and higher apps call inside their own transaction."""

from __future__ import annotations

from django.db.models import F

from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.events import ShiftEnded
from direkt1177.accounts.models import Shift, User
from direkt1177.audit.record import record
from direkt1177.units.clock import now


def end_shift(*, actor: StaffActor | ManageActor, shift_id: int, satisfied: bool | None = None) -> Shift | None:
    """End a shift; None when it had already ended. Whether it may end is the caller's rule (SHF-03, SHF-05).

    Args:
        actor: who ends it.
        shift_id: the shift.
        satisfied: the answer to "were you satisfied", for statistics (SHF-06); None when not asked.
    """
    shift = Shift.objects.select_for_update(of=("self",), no_key=True).select_related("role").get(pk=shift_id)
    if shift.ended_at is not None:
        return None
    shift.ended_at, shift.satisfied = now(), satisfied
    shift.save(update_fields=["ended_at", "satisfied"])
    record(ShiftEnded(shift.pk, shift.user_id, shift.unit_id, shift.role.code), actor=actor)
    return shift


def raise_epoch(user_id: int) -> None:
    """End all sessions of a user at their next request; sockets follow the doorbell of the caller's event (S-14)."""
    User.objects.filter(pk=user_id).update(authz_epoch=F("authz_epoch") + 1)
