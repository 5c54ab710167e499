"""What the commands of calls share: locking, the one way to change a state, the line in the chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases import access
from cases.calls import rules, texts
from cases.calls.errors import CallOver
from cases.calls.events import CallAccepted, CallDeclined, CallEnded, CallEvent, CallMissed
from cases.calls.models import Call
from cases.calls.states import CallState, can_move
from cases.messages import append_message
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from direkt1177.audit.refusals import NotFound

_OUTCOMES: dict[str, type[CallEvent]] = {
    CallState.ACCEPTED: CallAccepted,
    CallState.DECLINED: CallDeclined,
    CallState.MISSED: CallMissed,
    CallState.ENDED: CallEnded,
}


@dataclass(frozen=True, slots=True)
class CallDone:
    """A call after a command; the same again when the same key is sent again."""

    call_id: str
    state: str
    kind: str


def done(call: Call) -> CallDone:
    """The outcome of a command on this call."""
    return CallDone(str(call.public_id), str(call.state), call.kind)


def lock_call(case: Case, call_id: UUID | str) -> Call:
    """The call under its row lock, after its case.

    Raises:
        NotFound: no such call of this case.
    """
    found = Call.objects.select_for_update(no_key=True).filter(case=case, public_id=access.parse_id(call_id)).first()
    if found is None:
        raise NotFound
    return found


def move_call(case: Case, call: Call, target: CallState, *, actor: Actor, at: datetime, line: bool = True) -> None:
    """Change the state by the transition table, say so in the chat while the visit goes on, and record it."""
    before = call.state
    if not can_move(before, target):
        raise CallOver
    call.state = target
    if not rules.is_open(target):
        call.ended_at, call.ended_by = at, actor.key
    call.save(
        update_fields=["state", "answered_by", "answered_at", "fee_text_version", "ended_at", "ended_by"],
    )
    seq = _say(case, call, at) if line and case.state == CaseState.STARTED else None
    record_call(_OUTCOMES[target], case, call, before=before, actor=actor, seq=seq)


def _say(case: Case, call: Call, at: datetime) -> int:
    return append_message(
        case,
        author=Message.Author.SYSTEM,
        author_key=SYSTEM.key,
        author_name="",
        author_title="",
        client_id=f"call-{call.public_id}-{call.state}",
        kind=Message.Kind.NOTICE,
        text=texts.outcome(call.kind, call.state),
        at=at,
    ).seq


def record_call(
    event: type[CallEvent],
    case: Case,
    call: Call,
    *,
    before: str,
    actor: Actor,
    seq: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Audit row and doorbells of what happened to a call."""
    record(
        event.of(
            case,
            from_state=case.state,
            call_id=call.public_id,
            call_from=str(before),
            call_to=str(call.state),
            seq=seq,
            data=data or {},
        ),
        actor=actor,
    )
