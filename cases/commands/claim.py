"""*Ta emot*, *Ta emot ändå*, *Ta emot nästa*, *Lägg tillbaka* (CAS-02, CAS-03, QUE-13)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F

from cases import access, names, rules
from cases.commands.outcome import Done, do_once, done, lock_held, move
from cases.errors import AlreadyStarted, CaseClosed, CaseTaken, OtherRole, QueueEmpty, ShiftEnded, TransitionRefused
from cases.events import CasePutBack, CaseReceived, CaseReceivedAnyway
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.record import command, record, ring
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now

# One statement: concurrent takers skip each other's rows and never wait (anchors: 0 double claims, 4x a lock).
_TAKE_NEXT = """
UPDATE cases_case SET state = %(received)s, holder_id = %(holder)s, holder_role_id = %(role)s, received_at = %(at)s,
       version = version + 1
 WHERE id = (SELECT id FROM cases_case
              WHERE unit_id = %(unit)s AND role_id = %(role)s AND state = %(waiting)s
              ORDER BY sort_rank, arrived_at, id FOR NO KEY UPDATE SKIP LOCKED LIMIT 1)
RETURNING id
"""
_TRIES = 3


@command
def receive_case(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """Take THIS case from the own role's queue: one conditional UPDATE, one winner (CAS-02).

    Args:
        actor: on an active shift at the case's unit.
        case_id: public id.
        key: idempotency key.

    Raises:
        CaseTaken: a colleague was first: who and when.
        OtherRole: it is addressed to another role; use ``receive_case_anyway``.
        ShiftEnded: no active shift.
        CaseClosed: it is over.
        NotFound: absent or at another unit.
    """
    ident = access.parse_id(case_id)
    return do_once(
        actor=actor,
        key=key,
        command="receive_case",
        body={"case": str(ident)},
        do=lambda: _receive(actor, ident, CaseReceived, role_id=actor.role_id),
    )


@command
def receive_case_anyway(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """*Ta emot ändå*: take a case addressed to another role, knowingly; logged as such (QUE-13).

    Raises:
        As ``receive_case``, without OtherRole.
    """
    ident = access.parse_id(case_id)
    return do_once(
        actor=actor,
        key=key,
        command="receive_case_anyway",
        body={"case": str(ident)},
        do=lambda: _receive(actor, ident, CaseReceivedAnyway),
    )


@command
def receive_next_case(*, actor: StaffActor, key: str) -> Done:
    """*Ta emot nästa*: the first waiting case of the own queue that nobody is just taking; one UPDATE.

    Raises:
        QueueEmpty: nothing waits.
        ShiftEnded: no active shift.
    """

    def take() -> Done:
        with connection.cursor() as cursor:
            cursor.execute(
                _TAKE_NEXT,
                {
                    "holder": actor.user_id, "role": actor.role_id, "unit": actor.unit_id, "at": now(),
                    "waiting": CaseState.WAITING, "received": CaseState.RECEIVED,
                },
            )  # fmt: skip
            taken = cursor.fetchone()
        if taken is None:
            raise QueueEmpty
        _require_shift(actor)
        case = Case.objects.get(pk=taken[0])
        return _received(case, actor, CaseReceived)

    return do_once(actor=actor, key=key, command="receive_next_case", body={}, do=take)


@command
def put_back_case(*, actor: StaffActor, case_id: UUID | str, key: str) -> Done:
    """*Lägg tillbaka*: to the same queue with its original arrival, only while not started.

    Raises:
        AlreadyStarted: the visit has started; it is handed over instead.
        NotHolder, HeldByColleague, CaseClosed, NotFound: see ``lock_held``.
    """
    ident = access.parse_id(case_id)

    def put_back() -> Done:
        case = lock_held(actor, ident)
        if not rules.may_put_back(case.state, holds=True):
            raise AlreadyStarted
        before = move(case, CaseState.WAITING)
        case.holder = case.holder_role = case.received_at = None
        case.queued_at = now()
        case.save(update_fields=["state", "holder", "holder_role", "received_at", "queued_at", "version"])
        record(CasePutBack.of(case, from_state=before, holder_id=actor.user_id), actor=actor)
        # What this actor may read of the case shrinks to the preview: open feeds are asked again.
        ring([Change(names.me_feed(actor.key), "authz")])
        return done(case)

    return do_once(actor=actor, key=key, command="put_back_case", body={"case": str(ident)}, do=put_back)


def _receive(actor: StaffActor, ident: UUID, event: type[CaseReceived], **more: Any) -> Done:
    there = Case.objects.filter(public_id=ident, unit_id=actor.unit_id)
    for _ in range(_TRIES):
        won = there.filter(state=CaseState.WAITING, **more).update(**_claim(actor))
        case = there.select_related("holder", "role").first()
        if case is None:
            raise NotFound
        if won:
            _require_shift(actor)
            return _received(case, actor, event)
        _refuse_taken(actor, case, anyway="role_id" not in more)
        if case.holder_id == actor.user_id:
            return done(case)
        # It was held when we pressed and has been put back since: once more.
    raise TransitionRefused


def _refuse_taken(actor: StaffActor, case: Case, *, anyway: bool) -> None:
    if case.holder is not None and case.holder_id != actor.user_id:
        raise CaseTaken(case.holder.full_name, case.received_at or case.arrived_at)
    if not case.is_open:
        raise CaseClosed
    if case.state == CaseState.WAITING and case.role_id != actor.role_id and not anyway:
        raise OtherRole(case.role.name)


def _claim(actor: StaffActor) -> dict[str, Any]:
    return {
        "state": CaseState.RECEIVED,
        "holder_id": actor.user_id,
        "holder_role_id": actor.role_id,
        "received_at": now(),
        "version": F("version") + 1,
    }


def _received(case: Case, actor: StaffActor, event: type[CaseReceived]) -> Done:
    record(
        event.of(case, from_state=CaseState.WAITING, data={"role": actor.role_id, "queue_role": case.role_id}),
        actor=actor,
    )
    return done(case)


def _require_shift(actor: StaffActor) -> None:
    """Lock the shift, so that ending it and taking a case never pass each other; no shift undoes the claim."""
    if actor.shift_id is None:
        raise ShiftEnded
    active = Shift.objects.select_for_update(no_key=True).filter(
        pk=actor.shift_id, user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True
    )
    if active.first() is None:
        raise ShiftEnded
