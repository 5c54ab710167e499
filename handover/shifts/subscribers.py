"""What follows when an administrator ends a role, an account or a forgotten shift: cases go to their roles (ORG-16)."""

from __future__ import annotations

from direkt1177.accounts.actors import SYSTEM, ManageActor, StaffActor, SystemActor
from direkt1177.accounts.events import PermissionEvent, ShiftEvent, UserEvent
from direkt1177.audit.actor import Actor
from direkt1177.units.clock import now
from handover.shifts.steps import let_go_all


def role_ended(event: PermissionEvent, actor: Actor) -> None:
    """Removed or replaced: what the user held at the unit is nobody's."""
    let_go_all(user_id=event.user_id, unit_ids=[event.unit_id], actor=_known(actor), at=now(), why="role_ended")


def user_deactivated(event: UserEvent, actor: Actor) -> None:
    """Kept out: what the user held anywhere is nobody's."""
    let_go_all(user_id=event.user_id, unit_ids=None, actor=_known(actor), at=now(), why="user_deactivated")


def shift_ended_for(event: ShiftEvent, actor: Actor) -> None:
    """Ended by an administrator: what needs a holder on shift goes to the queues (SHF-04)."""
    let_go_all(user_id=event.user_id, unit_ids=[event.unit_id], actor=_known(actor), at=now(), why="shift_ended")


def _known(actor: Actor) -> StaffActor | ManageActor | SystemActor:
    return actor if isinstance(actor, StaffActor | ManageActor | SystemActor) else SYSTEM
