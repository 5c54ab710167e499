"""Ending a shift that somebody forgot: its owner from the unit page, or an administrator in Manage (SHF-04)."""

from __future__ import annotations

from direkt1177.accounts import leaving, queries, steps
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.errors import EndReasonMissing, NotYourUnit, OngoingCases, ShiftOver
from direkt1177.accounts.events import ShiftEndedFor
from direkt1177.accounts.models import AdminPermission, Shift
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound


@command
def end_own_shift(*, actor: ManageActor, shift_id: int) -> Shift:
    """A member of staff ends a shift of theirs that still runs, at whatever unit, under the usual conditions.

    Args:
        actor: whose shift; no unit need be chosen.
        shift_id: primary key.

    Raises:
        NotFound: not theirs.
        ShiftOver: it has ended already.
        OngoingCases: cases are held there; they are dealt with on *Avsluta skift* at that unit.
    """
    shift = Shift.objects.select_for_update(no_key=True).filter(pk=shift_id, user_id=actor.user_id).first()
    if shift is None:
        raise NotFound
    if shift.ended_at is not None:
        raise ShiftOver
    if held := leaving.held_at(actor.user_id, shift.unit_id):
        raise OngoingCases(held, at_unit=shift.unit.name)
    steps.end_shift(actor=actor, shift_id=shift.pk)
    return shift


@command
def end_shift_for(*, actor: ManageActor, shift_id: int, reason: str) -> Shift:
    """An administrator ends somebody's forgotten shift; what its owner holds there goes to the roles' queues.

    Args:
        actor: user administrator at the unit.
        shift_id: primary key.
        reason: why, for the log.

    Raises:
        EndReasonMissing: no reason.
        NotYourUnit: not user administrator there.
        ShiftOver: it has ended already.
    """
    if not reason.strip():
        raise EndReasonMissing
    shift = Shift.objects.select_for_update(of=("self",), no_key=True).select_related("role").get(pk=shift_id)
    held = queries.units_with_permission(actor.user_id, [AdminPermission.Kind.USER_ADMIN])
    if not held.filter(pk=shift.unit_id).exists():
        raise NotYourUnit
    if steps.end_shift(actor=actor, shift_id=shift.pk) is None:
        raise ShiftOver
    record(ShiftEndedFor(shift.pk, shift.user_id, shift.unit_id, shift.role.code, reason.strip()[:200]), actor=actor)
    return shift
