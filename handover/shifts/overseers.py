"""Who may look over a unit's shoulders: its coordinators, and its managers without patients' names (ORG-22, QUE-16)."""

from __future__ import annotations

from dataclasses import dataclass

from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.accounts.queries import units_with_permission
from direkt1177.audit.refusals import NotAllowed
from direkt1177.units.models import Unit
from handover.shifts.errors import NotYoursToRelease

COORDINATOR, MANAGER = AdminPermission.Kind.COORDINATOR, AdminPermission.Kind.STATISTICS


@dataclass(frozen=True, slots=True)
class Overseer:
    """Somebody who watches a unit.

    Attributes:
        actor: for commands and log.
        unit: which unit.
        sees_patients: coordinators work there and see names masked as needed; managers see none.
        again: an open page fetches itself; who stood on it already is logged.
    """

    actor: StaffActor | ManageActor
    unit: Unit
    sees_patients: bool
    again: bool = False


def coordinator(actor: StaffActor) -> Overseer:
    """The coordinator of the unit where they work now.

    Raises:
        NotAllowed: without that permission there.
    """
    if COORDINATOR not in actor.permissions:
        raise NotAllowed
    return Overseer(actor, Unit.objects.select_related("provider__region").get(pk=actor.unit_id), sees_patients=True)


def must_oversee(actor: StaffActor | ManageActor, unit_id: int) -> None:
    """Refuse whoever is neither coordinator nor manager at the unit now; asked of the rows, not of the session.

    Raises:
        NotYoursToRelease: no such permission there; a member of staff must also work at the unit.
    """
    if isinstance(actor, StaffActor) and actor.unit_id != unit_id:
        raise NotYoursToRelease
    kinds = [COORDINATOR, MANAGER] if isinstance(actor, StaffActor) else [MANAGER]
    if not units_with_permission(actor.user_id, kinds).filter(pk=unit_id).exists():
        raise NotYoursToRelease
