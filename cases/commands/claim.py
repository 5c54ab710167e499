"""*Ta emot*, *Ta emot ändå*, *Ta emot nästa*, *Lägg tillbaka* (CAS-02, CAS-03, HOV-02, HOV-08, QUE-13).

What waits and what is offered to the role lie in one queue; taking an offered case is its acceptance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from cases import access, names, rules
from cases.commands.outcome import Done, do_once, done, lock_held, move
from cases.errors import (
    AlreadyStarted,
    CaseClosed,
    CaseTaken,
    OfferGone,
    OtherRole,
    OwnOffer,
    QueueEmpty,
    ShiftEnded,
    TransitionRefused,
)
from cases.events import CasePutBack, CaseReceived, CaseReceivedAnyway, CaseResumed, OfferTaken
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, Shift
from direkt1177.audit.record import command, record, ring
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now

# One statement: concurrent takers of the NEXT case skip each other's rows and never wait, of THIS case one wins
# (anchors: 0 double claims, 4x a lock). What it sets is ``steps.take_case`` in SQL; a test holds the two together.
_TAKE = """
WITH wanted AS MATERIALIZED (
    SELECT id, state, unit_id, role_id, holder_id, started_at, offered_user_id,
           offered_at IS NOT NULL AS offered
      FROM cases_case
     WHERE {which}
)
UPDATE cases_case AS c
   SET state = CASE WHEN c.state = 'waiting' AND c.started_at IS NULL THEN 'received'
                    WHEN c.state = 'waiting' AND c.closed_at IS NOT NULL AND c.follow_up_until > %(at)s
                    THEN 'asynchronous'
                    WHEN c.state IN ('waiting', 'paused') THEN 'started'
                    ELSE c.state END,
       resume_at = CASE WHEN c.state = 'paused' THEN NULL ELSE c.resume_at END,
       unit_id = COALESCE(c.offered_unit_id, c.unit_id),
       provider_id = CASE WHEN c.offered_unit_id IS NULL THEN c.provider_id ELSE %(provider)s END,
       listed_elsewhere = CASE WHEN COALESCE(c.offered_unit_id, c.unit_id) = c.unit_id THEN c.listed_elsewhere
                               ELSE (SELECT p.listed_unit_id IS NOT NULL AND p.listed_unit_id <> c.offered_unit_id
                                       FROM residents_person p WHERE p.id = c.patient_id) END,
       role_id = CASE WHEN c.offered_user_id IS NULL THEN COALESCE(c.offered_role_id, c.role_id) ELSE %(role)s END,
       offered_unit_id = NULL, offered_role_id = NULL, offered_user_id = NULL, offered_at = NULL,
       holder_id = %(holder)s, holder_role_id = %(role)s, received_at = %(at)s,
       released_at = NULL, released_from_id = NULL, version = c.version + 1
  FROM wanted WHERE c.id = wanted.id
RETURNING c.id, wanted.state, wanted.unit_id, wanted.role_id, wanted.holder_id, wanted.started_at,
          wanted.offered_user_id, wanted.offered
"""
_TAKE_NEXT = _TAKE.format(
    which="queue_unit = %(unit)s AND queue_role = %(role)s AND holder_id IS DISTINCT FROM %(holder)s "
    "ORDER BY sort_rank, arrived_at, id FOR NO KEY UPDATE SKIP LOCKED LIMIT 1"
)
_OFFERED_TO_ME = "(offered_user_id = %(holder)s AND offered_unit_id = %(unit)s)"
_TAKE_THIS = _TAKE.format(
    which="public_id = %(case)s AND holder_id IS DISTINCT FROM %(holder)s AND "
    f"((queue_unit = %(unit)s AND queue_role = %(role)s) OR {_OFFERED_TO_ME}) FOR NO KEY UPDATE"
)
_TAKE_ANYWAY = _TAKE.format(
    which="public_id = %(case)s AND holder_id IS DISTINCT FROM %(holder)s AND "
    f"((queue_unit = %(unit)s AND queue_role IS NOT NULL) OR {_OFFERED_TO_ME}) FOR NO KEY UPDATE"
)
_TRIES = 3


@dataclass(frozen=True, slots=True)
class _Taken:
    """How a case stood the moment before it was taken."""

    pk: int
    state: str
    unit_id: int
    role_id: int
    holder_id: int | None
    started_at: datetime | None
    offered_user_id: int | None
    offered: bool


@command
def receive_case(*, actor: StaffActor, case_id: UUID | str, key: str, giver_id: int | None = None) -> Done:
    """Take THIS case from the own role's queue, or one offered to oneself: one statement, one winner (CAS-02).

    A case that is offered changes holder, unit and role at once, and its chat goes on (HOV-02, HOV-08).

    Args:
        actor: on an active shift at the unit in whose queue it lies, or to which it was offered.
        case_id: public id.
        key: idempotency key.
        giver_id: who held it when the offer was shown, so that a withdrawn offer is told as such.

    Raises:
        CaseTaken: a colleague was first: who and when.
        OfferGone: the giver has withdrawn the offer, or it is somebody else's by now.
        OwnOffer: the actor has offered it.
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
        do=lambda: _receive(actor, ident, _TAKE_THIS, giver_id=giver_id),
    )


@command
def receive_case_anyway(*, actor: StaffActor, case_id: UUID | str, key: str, giver_id: int | None = None) -> Done:
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
        do=lambda: _receive(actor, ident, _TAKE_ANYWAY, giver_id=giver_id, anyway=True),
    )


@command
def receive_next_case(*, actor: StaffActor, key: str) -> Done:
    """*Ta emot nästa*: the first case of the own queue that nobody is just taking; one UPDATE.

    In the order of the queue whether it waits or is offered (HOV-07), never one's own offer.

    Raises:
        QueueEmpty: nothing waits.
        ShiftEnded: no active shift.
    """

    def take() -> Done:
        taken = _take(actor, _TAKE_NEXT)
        if taken is None:
            raise QueueEmpty
        return _received(taken, actor)

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
        members = Membership.objects.filter(
            unit_id=case.unit_id, role_id=case.role_id, ended_at__isnull=True, user__is_active=True
        )
        if case.holder_role_id is not None and not members.exists():
            case.role_id = case.holder_role_id  # nobody is left in the role it was addressed to
        case.holder = case.holder_role = case.received_at = None
        case.queued_at = now()
        case.save(update_fields=["state", "role", "holder", "holder_role", "received_at", "queued_at", "version"])
        record(CasePutBack.of(case, from_state=before, holder_id=actor.user_id), actor=actor)
        # What this actor may read of the case shrinks to the preview: open feeds are asked again.
        ring([Change(names.me_feed(actor.key), "authz")])
        return done(case)

    return do_once(actor=actor, key=key, command="put_back_case", body={"case": str(ident)}, do=put_back)


def _receive(
    actor: StaffActor, ident: UUID, statement: str, *, giver_id: int | None = None, anyway: bool = False
) -> Done:
    here = Q(unit_id=actor.unit_id) | Q(queue_unit=actor.unit_id, queue_role__isnull=False)
    here |= Q(offered_user_id=actor.user_id, offered_unit_id=actor.unit_id)
    for _ in range(_TRIES):
        if taken := _take(actor, statement, case=ident):
            return _received(taken, actor, anyway=anyway)
        case = (
            Case.objects.filter(here, public_id=ident).select_related("holder", "role", "unit", "offered_role").first()
        )
        if case is None:
            raise NotFound if giver_id is None else OfferGone
        _refuse_taken(actor, case, giver_id=giver_id, anyway=anyway)
        if case.holder_id == actor.user_id:
            return done(case)
        # It was held when we pressed and has been put back since: once more.
    raise TransitionRefused


def _refuse_taken(actor: StaffActor, case: Case, *, giver_id: int | None, anyway: bool) -> None:
    if case.holder_id == actor.user_id and case.offered_at is not None:
        raise OwnOffer
    queue = rules.lies_in(case)
    if queue is not None and queue[0] == actor.unit_id and case.holder_id != actor.user_id:
        if queue[1] != actor.role_id and not anyway:
            raise OtherRole((case.offered_role or case.role).name)
        return
    if case.holder is not None and case.holder_id != actor.user_id:
        if case.holder_id == giver_id:
            raise OfferGone
        raise CaseTaken(case.holder.full_name, case.received_at or case.arrived_at)
    if not case.is_open:
        raise CaseClosed


def _take(actor: StaffActor, statement: str, case: UUID | None = None) -> _Taken | None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "case": case, "holder": actor.user_id, "role": actor.role_id, "unit": actor.unit_id,
                "provider": actor.provider_id, "at": now(),
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return None
    _require_shift(actor)
    return _Taken(*row)


def _received(taken: _Taken, actor: StaffActor, *, anyway: bool = False) -> Done:
    case = Case.objects.get(pk=taken.pk)
    data: dict[str, Any] = {"role": actor.role_id, "queue_role": case.role_id}
    event: CaseReceived
    if taken.offered:
        event = OfferTaken.of(
            case,
            from_state=taken.state,
            giver_id=taken.holder_id,
            from_unit_id=taken.unit_id,
            from_role_id=taken.role_id,
            offered_user=taken.offered_user_id is not None,
            data=data | {"giver": taken.holder_id, "from_unit": taken.unit_id, "anyway": anyway},
        )
    elif taken.started_at is not None:
        event = CaseResumed.of(case, from_state=taken.state, data=data | {"anyway": anyway})
    else:
        event = (CaseReceivedAnyway if anyway else CaseReceived).of(case, from_state=taken.state, data=data)
    record(event, actor=actor)
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
