"""*Lämna kön*: the resident takes back a case that nobody has received (ENT-12)."""

from __future__ import annotations

from uuid import UUID

from cases import access
from cases.commands.outcome import Done, do_once, done, lock_case, move
from cases.errors import AlreadyReceived, ReadOnly
from cases.events import CaseWithdrawn
from cases.states import CaseState
from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now


@command
def leave_queue(*, actor: ResidentActor, case_id: UUID | str, key: str) -> Done:
    """Cancel a waiting case; it stays readable in *Mina ärenden*.

    Args:
        actor: the patient, or the guardian who started the case (ENT-19).
        case_id: public id.
        key: idempotency key.

    Raises:
        AlreadyReceived: care staff have it, or the visit has begun; say so in the chat instead.
        ReadOnly: another guardian (ENT-20).
        NotFound: absent or forbidden.
    """
    ident = access.parse_id(case_id)

    def leave() -> Done:
        case = lock_case(ident)
        basis = access.basis_for(actor, case)
        if basis == "guardian_read":
            raise ReadOnly
        if basis not in access.WORK_BASES:
            raise NotFound
        if case.state != CaseState.WAITING or case.started_at is not None:
            raise AlreadyReceived
        before = move(case, CaseState.CANCELLED)
        case.ended_at = now()
        case.save(update_fields=["state", "ended_at", "version"])
        record(CaseWithdrawn.of(case, from_state=before), actor=actor)
        return done(case)

    return do_once(actor=actor, key=key, command="leave_queue", body={"case": str(ident)}, do=leave)
