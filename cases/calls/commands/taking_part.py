"""Coming and going, the red handset, and calls that end by themselves (VID-04). Case first, then the call.

Putting down, coming and going are harmless when repeated, so they need no idempotency key: a page's ``session`` is one.
"""

from __future__ import annotations

from uuid import UUID

from cases.calls import queries, rules
from cases.calls.access import may_take_part
from cases.calls.commands.outcome import CallDone, done, lock_call, move_call, record_call
from cases.calls.errors import CallNotAnswered, CallOver, NotInCall
from cases.calls.events import CallJoined, CallLeft
from cases.calls.models import Call, CallMove
from cases.calls.states import OPEN_STATES, CallState
from cases.events import VisitClosed
from cases.locking import lock_by_pk, lock_case
from cases.models import Case
from direkt1177.accounts.actors import SYSTEM, AnyActor
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.units.clock import now


@command
def join_call(*, actor: AnyActor, case_id: UUID | str, call_id: UUID | str, session: str) -> CallDone:
    """A page comes into the call, for the first time or again; the visit does not notice (VID).

    Args:
        actor: the holder, or who accepted.
        case_id, call_id: public ids.
        session: made by the page; the same again adds nothing.

    Raises:
        CallNotAnswered: the patient has not accepted yet.
        CallOver: it is over.
        NotInCall, NotFound: not theirs.
    """
    case = lock_case(case_id)
    call = lock_call(case, call_id)
    _require_part(actor, case, call)
    if call.state == CallState.REQUESTED:
        raise CallNotAnswered
    if call.state != CallState.ACCEPTED:
        raise CallOver
    if _note(call, actor, session, CallMove.Op.JOIN):
        here = rules.present(call.moves.order_by("pk"))
        sides = {key.partition(":")[0] for key in here}
        if call.connected_at is None and sides >= {"staff", "person"}:
            call.connected_at = now()
            call.save(update_fields=["connected_at"])
        record_call(CallJoined, case, call, before=call.state, actor=actor)
    return done(call)


@command
def leave_call(*, actor: AnyActor, case_id: UUID | str, call_id: UUID | str, session: str) -> CallDone:
    """A page leaves: closed, reloaded, or the line was lost for good. The call goes on (VID).

    Raises:
        NotFound: that page never was in the call.
    """
    case = lock_case(case_id)
    call = lock_call(case, call_id)
    came = call.moves.filter(actor_key=actor.key, session=session, op=CallMove.Op.JOIN).exists()
    if not came:
        raise NotFound
    if _note(call, actor, session, CallMove.Op.LEAVE):
        record_call(CallLeft, case, call, before=call.state, actor=actor)
    return done(call)


@command
def end_call(*, actor: AnyActor, case_id: UUID | str, call_id: UUID | str) -> CallDone:
    """The red handset: ends the call, never the visit (VID-04); one that is over stays as it is.

    Raises:
        NotInCall, NotFound: not theirs.
    """
    case = lock_case(case_id)
    call = lock_call(case, call_id)
    _require_part(actor, case, call)
    target = rules.state_when_put_down(call.state)
    if target is not None:
        move_call(case, call, target, actor=actor, at=now())
    return done(call)


@command
def expire_call(*, call_pk: int) -> bool:
    """End one call that nobody answered or that everybody has left; harmless when called twice or too early.

    Args:
        call_pk: primary key, from the tick.

    Returns:
        Whether it is over now because of this.
    """
    case_pk = Call.objects.filter(pk=call_pk).values_list("case_id", flat=True).first()
    case = lock_by_pk(case_pk, skip_locked=True) if case_pk is not None else None
    if case is None:
        return False
    call = Call.objects.select_for_update(no_key=True).get(pk=call_pk)
    at = now()
    target = rules.over_by(
        call.state,
        case_state=case.state,
        requested_at=call.requested_at,
        last_move_at=queries.last_move_at(call),
        anyone=bool(rules.present(call.moves.order_by("pk"))),
        now=at,
    )
    if target is None:
        return False
    move_call(case, call, target, actor=SYSTEM, at=at)
    return True


def visit_closed(event: VisitClosed, actor: Actor) -> None:
    """Closing the visit ends its call, in the same transaction (subscribed in ``apps``); the chat says it already."""
    call = (
        Call.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case")
        .filter(case__public_id=event.public_id, state__in=OPEN_STATES)
        .first()
    )
    target = rules.state_when_put_down(call.state) if call is not None else None
    if call is not None and target is not None:
        move_call(call.case, call, target, actor=actor, at=now(), line=False)


def _require_part(actor: AnyActor, case: Case, call: Call) -> None:
    if not may_take_part(actor, case, call):
        raise NotInCall


def _note(call: Call, actor: AnyActor, session: str, op: str) -> bool:
    """Store that a page came or left; False when that was stored before."""
    if not 8 <= len(session) <= 40 or not session.replace("-", "").isalnum() or not session.isascii():
        raise Invalid
    if call.moves.filter(session=session, op=op).exists():
        return False
    CallMove.objects.create(call=call, actor_key=actor.key, session=session, op=op, at=now())
    return True
