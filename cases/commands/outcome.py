"""What commands share: their outcome, idempotency, and locking a case for somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from cases import access
from cases.errors import CaseClosed, NotHolder, TransitionRefused
from cases.models import Case
from cases.states import CaseState, can_move
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.prepared import Prepared

_LOCKED = Prepared(
    lambda ident: (
        Case.objects.select_for_update(of=("self",), no_key=True).select_related("patient").filter(public_id=ident)
    ),
    UUID(int=1),
)


@dataclass(frozen=True, slots=True)
class Done:
    """A case after a command; the same again when the same key is sent again."""

    public_id: str
    state: str
    version: int


def done(case: Case) -> Done:
    """The outcome of a command on this case."""
    return Done(str(case.public_id), str(case.state), case.version)


def do_once(*, actor: AnyActor, key: str, command: str, body: dict[str, Any], do: Callable[[], Done]) -> Done:
    """Same key, same outcome; see ``audit.idempotency.once``.

    Raises:
        KeyReused: the key was used for something else.
    """
    return Done(**once(actor=actor, key=key, command=command, body=body, do=lambda: asdict(do())))


def lock_case(public_id: UUID | str) -> Case:
    """The case under its row lock; the first lock of every command that changes it.

    Raises:
        NotFound: no such case.
    """
    case = _LOCKED.first(access.parse_id(public_id))
    if case is None:
        raise NotFound
    return case


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


def lock_held(actor: StaffActor, public_id: UUID | str) -> Case:
    """The case under its row lock, held by this actor.

    Raises:
        NotFound: absent or at another unit.
        HeldByColleague: a colleague holds it: who and since when.
        NotHolder: it waits in the queue.
        CaseClosed: the actor's own, and over.
    """
    case = lock_case(public_id)
    basis = access.basis_for(actor, case)
    if basis == "closed_own":
        raise CaseClosed
    if basis != "holder":
        raise NotHolder
    return case
