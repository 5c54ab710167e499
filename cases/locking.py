"""Locking a case: the first lock of every command that changes it, here and in the apps above (design §2)."""

from __future__ import annotations

from uuid import UUID

from cases import access
from cases.colleagues.errors import ConsultOnly
from cases.errors import CaseClosed, NotHolder, TransitionRefused
from cases.models import Case
from cases.states import CaseState, can_move
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.prepared import Prepared

_LOCKED = Prepared(
    lambda ident: (
        Case.objects.select_for_update(of=("self",), no_key=True).select_related("patient").filter(public_id=ident)
    ),
    UUID(int=1),
)


def lock_case(public_id: UUID | str) -> Case:
    """The case under its row lock; the first lock of every command that changes it.

    Raises:
        NotFound: no such case.
    """
    case = _LOCKED.first(access.parse_id(public_id))
    if case is None:
        raise NotFound
    return case


def lock_by_pk(pk: int, *, skip_locked: bool = False) -> Case | None:
    """The same by primary key, for timers; None when it is gone, or locked and ``skip_locked``."""
    return (
        Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)
        .select_related("patient")
        .filter(pk=pk)
        .first()
    )


def lock_held(actor: StaffActor, public_id: UUID | str, *, guests: bool = False) -> Case:
    """The case under its row lock, held by this actor.

    Args:
        actor: the holder.
        public_id: of the case.
        guests: whether a guest who takes part may do it too (I-09).

    Raises:
        ConsultOnly: a guest who only consults, where other guests may.
        NotFound: absent or at another unit.
        HeldByColleague: a colleague holds it: who and since when.
        NotHolder: it lies in the queue, or the actor only reads it.
        CaseClosed: the actor's own, and over.
    """
    case = lock_case(public_id)
    basis = access.basis_for(actor, case)
    if basis == "closed_own":
        raise CaseClosed
    if guests and basis in access.GUEST_BASES:
        require_part(basis)
    elif basis != "holder":
        raise NotHolder
    return case


def require_part(basis: str) -> None:
    """Refuse a guest who consults.

    Raises:
        ConsultOnly: see there.
    """
    if basis in access.GUEST_BASES and basis not in access.WRITE_BASES:
        raise ConsultOnly


def move(case: Case, target: CaseState) -> str:
    """Change the state by the transition table and raise the version; the caller saves.

    Returns:
        The state before.

    Raises:
        TransitionRefused: the table does not allow it.
    """
    before = case.state
    if not can_move(before, target):
        raise TransitionRefused
    case.state = target
    case.version += 1
    return before
