"""Asking for a call, answering, coming and going, the red handset (VID-01..05).

Each locks the case first, then the call. Putting down, coming and going are harmless when repeated, so they need no
idempotency key: a page's ``session`` is theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cases import access
from cases.calls import queries, rules, texts
from cases.calls.errors import (
    AnsweredElsewhere,
    CallGoesOn,
    CallNotAnswered,
    CallNotPossible,
    CallOver,
    FeeTextChanged,
    NotInCall,
    PatientNotOnline,
)
from cases.calls.events import (
    CallAccepted,
    CallDeclined,
    CallEnded,
    CallEvent,
    CallJoined,
    CallLeft,
    CallMissed,
    CallRequested,
)
from cases.calls.models import Call, CallMove
from cases.calls.states import OPEN_STATES, CallState, can_move
from cases.errors import ReadOnly
from cases.events import VisitClosed
from cases.locking import lock_by_pk, lock_case, lock_held
from cases.messages import append_message
from cases.models import Case, Message
from cases.states import CaseState
from cases.steps import tell_patient
from direkt1177.accounts.actors import SYSTEM, AnyActor, ResidentActor, StaffActor
from direkt1177.audit.actor import Actor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.units import policies
from direkt1177.units.clock import now
from direkt1177.units.models import Unit

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


@command
def request_call(*, actor: StaffActor, case_id: UUID | str, kind: str, key: str) -> CallDone:
    """Ask the patient for a video or voice call (VID-01, VID-03).

    Args:
        actor: the holder.
        case_id: public id.
        kind: ``video`` or ``voice``.
        key: idempotency key.

    Raises:
        CallNotPossible: the visit is not going on.
        CallGoesOn: there is a request or a call already.
        PatientNotOnline: nobody would see it (VID-02).
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)
    if kind not in Call.Kind.values:
        raise Invalid

    def ask() -> CallDone:
        case = lock_held(actor, ident)
        if not rules.may_request(case.state):
            raise CallNotPossible
        if queries.open_call(case) is not None:
            raise CallGoesOn
        if not queries.is_online(case):
            raise PatientNotOnline
        at = now()
        call = Call.objects.create(case=case, kind=kind, requested_by_id=actor.user_id, requested_at=at)
        # Who does not see it within a minute gets an SMS about a new message, as for any line (NOT-01 k).
        tell_patient(
            case,
            actor=SYSTEM,
            text=texts.requested(actor.name, kind),
            client_id=f"call-{call.public_id}-requested",
            kind=Message.Kind.NOTICE,
        )
        _record(CallRequested, case, call, before="", actor=actor, data={"kind": kind})
        return _done(call)

    return _once(actor, key, "request_call", {"case": str(ident), "kind": kind}, ask)


@command
def accept_call(
    *, actor: ResidentActor, case_id: UUID | str, call_id: UUID | str, fee_version: str, key: str
) -> CallDone:
    """Say yes, having been told what it may cost (VID-03, FEE-06).

    Args:
        actor: the patient, or the guardian who wrote.
        case_id, call_id: public ids.
        fee_version: of the information on fees that was shown.
        key: idempotency key.

    Raises:
        FeeTextChanged: other information holds now; it is shown again.
        CallOver: put down, declined or too late.
        AnsweredElsewhere: somebody else accepted.
        ReadOnly: a guardian who did not start the case (ENT-20).
        NotFound: absent or forbidden.
    """
    body = {"call": str(call_id), "fee": fee_version}

    def accept() -> CallDone:
        case, call = _locked_for_answer(actor, case_id, call_id)
        if call.state == CallState.ACCEPTED:
            if call.answered_by_id != actor.person_id:
                raise AnsweredElsewhere
            return _done(call)
        _require_unanswered(case, call)
        if fee_version != fee_text_version(case):
            raise FeeTextChanged
        call.answered_by_id, call.answered_at, call.fee_text_version = actor.person_id, now(), fee_version
        _move(case, call, CallState.ACCEPTED, actor=actor, at=call.answered_at)
        return _done(call)

    return _once(actor, key, "accept_call", body, accept)


@command
def decline_call(*, actor: ResidentActor, case_id: UUID | str, call_id: UUID | str, key: str) -> CallDone:
    """Rather write (VID-03).

    Raises:
        CallOver, ReadOnly, NotFound: as ``accept_call``; one that was accepted is put down, not declined.
        AnsweredElsewhere: it was accepted.
    """

    def decline() -> CallDone:
        case, call = _locked_for_answer(actor, case_id, call_id)
        if call.state == CallState.ACCEPTED:
            raise AnsweredElsewhere
        if call.state != CallState.DECLINED:
            _require_unanswered(case, call)
            _move(case, call, CallState.DECLINED, actor=actor, at=now())
        return _done(call)

    return _once(actor, key, "decline_call", {"call": str(call_id)}, decline)


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
    call = _lock(case, call_id)
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
        _record(CallJoined, case, call, before=call.state, actor=actor)
    return _done(call)


@command
def leave_call(*, actor: AnyActor, case_id: UUID | str, call_id: UUID | str, session: str) -> CallDone:
    """A page leaves: closed, reloaded, or the line was lost for good. The call goes on (VID).

    Raises:
        NotFound: that page never was in the call.
    """
    case = lock_case(case_id)
    call = _lock(case, call_id)
    came = call.moves.filter(actor_key=actor.key, session=session, op=CallMove.Op.JOIN).exists()
    if not came:
        raise NotFound
    if _note(call, actor, session, CallMove.Op.LEAVE):
        _record(CallLeft, case, call, before=call.state, actor=actor)
    return _done(call)


@command
def end_call(*, actor: AnyActor, case_id: UUID | str, call_id: UUID | str) -> CallDone:
    """The red handset: ends the call, never the visit (VID-04); one that is over stays as it is.

    Raises:
        NotInCall, NotFound: not theirs.
    """
    case = lock_case(case_id)
    call = _lock(case, call_id)
    _require_part(actor, case, call)
    target = rules.state_when_put_down(call.state)
    if target is not None:
        _move(case, call, target, actor=actor, at=now())
    return _done(call)


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
    _move(case, call, target, actor=SYSTEM, at=at)
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
        _move(call.case, call, target, actor=actor, at=now(), line=False)


def fee_text_version(case: Case) -> str:
    """Version of the information on fees that holds for the case now."""
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    return policies.policy(unit).fee_text_version


def may_take_part(actor: Any, case: Case, call: Call) -> bool:
    """Whether the actor is one of the two sides: the holder of the case, or who accepted.

    Raises:
        NotFound, HeldByColleague: no right to the case at all.
    """
    basis = access.basis_for(actor, case)
    if isinstance(actor, ResidentActor):
        return basis in access.WORK_BASES and call.answered_by_id == actor.person_id
    return basis == "holder"


def _require_part(actor: AnyActor, case: Case, call: Call) -> None:
    if not may_take_part(actor, case, call):
        raise NotInCall


def _locked_for_answer(actor: ResidentActor, case_id: UUID | str, call_id: UUID | str) -> tuple[Case, Call]:
    if not isinstance(actor, ResidentActor):
        raise NotFound
    case = lock_case(case_id)
    basis = access.basis_for(actor, case)
    if basis not in access.WORK_BASES:
        raise ReadOnly
    return case, _lock(case, call_id)


def _require_unanswered(case: Case, call: Call) -> None:
    if not rules.may_answer(call.state) or not rules.may_request(case.state):
        raise CallOver


def _lock(case: Case, call_id: UUID | str) -> Call:
    found = Call.objects.select_for_update(no_key=True).filter(case=case, public_id=access.parse_id(call_id)).first()
    if found is None:
        raise NotFound
    return found


def _move(case: Case, call: Call, target: CallState, *, actor: Actor, at: datetime, line: bool = True) -> None:
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
    _record(_OUTCOMES[target], case, call, before=before, actor=actor, seq=seq)


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


def _note(call: Call, actor: AnyActor, session: str, op: str) -> bool:
    """Store that a page came or left; False when that was stored before."""
    if not 8 <= len(session) <= 40 or not session.replace("-", "").isalnum() or not session.isascii():
        raise Invalid
    if call.moves.filter(session=session, op=op).exists():
        return False
    CallMove.objects.create(call=call, actor_key=actor.key, session=session, op=op, at=now())
    return True


def _record(
    event: type[CallEvent],
    case: Case,
    call: Call,
    *,
    before: str,
    actor: Actor,
    seq: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
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


def _done(call: Call) -> CallDone:
    return CallDone(str(call.public_id), str(call.state), call.kind)


def _once(actor: AnyActor, key: str, name: str, body: dict[str, Any], do: Callable[[], CallDone]) -> CallDone:
    return CallDone(**once(actor=actor, key=key, command=name, body=body, do=lambda: asdict(do())))
