"""Asking for a call, and the patient's answer (VID-01..03). Each locks the case first, then the call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from cases import access
from cases.calls import queries, rules, texts
from cases.calls.access import policy_of
from cases.calls.commands.outcome import CallDone, done, lock_call, move_call, record_call
from cases.calls.errors import (
    AnsweredElsewhere,
    CallGoesOn,
    CallNotPossible,
    CallOver,
    FeeTextChanged,
    PatientNotOnline,
)
from cases.calls.events import CallRequested
from cases.calls.models import Call
from cases.calls.states import CallState
from cases.errors import ReadOnly
from cases.locking import lock_case, lock_held
from cases.models import Case, Message
from cases.steps import tell_patient
from direkt1177.accounts.actors import SYSTEM, AnyActor, ResidentActor, StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.units.clock import now


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
        record_call(CallRequested, case, call, before="", actor=actor, data={"kind": kind})
        return done(call)

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
            return done(call)
        _require_unanswered(case, call)
        if fee_version != policy_of(case).fee_text_version:
            raise FeeTextChanged
        call.answered_by_id, call.answered_at, call.fee_text_version = actor.person_id, now(), fee_version
        move_call(case, call, CallState.ACCEPTED, actor=actor, at=call.answered_at)
        return done(call)

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
            move_call(case, call, CallState.DECLINED, actor=actor, at=now())
        return done(call)

    return _once(actor, key, "decline_call", {"call": str(call_id)}, decline)


def _locked_for_answer(actor: ResidentActor, case_id: UUID | str, call_id: UUID | str) -> tuple[Case, Call]:
    if not isinstance(actor, ResidentActor):
        raise NotFound
    case = lock_case(case_id)
    basis = access.basis_for(actor, case)
    if basis not in access.WORK_BASES:
        raise ReadOnly
    return case, lock_call(case, call_id)


def _require_unanswered(case: Case, call: Call) -> None:
    if not rules.may_answer(call.state) or not rules.may_request(case.state):
        raise CallOver


def _once(actor: AnyActor, key: str, name: str, body: dict[str, Any], do: Callable[[], CallDone]) -> CallDone:
    return CallDone(**once(actor=actor, key=key, command=name, body=body, do=lambda: asdict(do())))
