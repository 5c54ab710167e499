"""Ask for an acknowledgement, acknowledge one, clear unused tickets: one durable transaction each (design §2)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cases import access as case_access
from cases.errors import NotHolder
from cases.locking import lock_case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.queries import staff_with_role
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command
from direkt1177.audit.refusals import NotFound
from direkt1177.questions.answers import clean_text
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.acknowledgements import rules, steps
from handover.acknowledgements.access import may_act
from handover.acknowledgements.errors import (
    AlreadyAcknowledged,
    KindNotUsed,
    NoAddressee,
    RoleIsEmpty,
    TextMissing,
    ToYourself,
)
from handover.acknowledgements.queries import colleagues_at
from handover.models import Acknowledgement

#: Who may ask about a case: whoever works in it or closed it.
_ASKERS = frozenset({"holder", "closed_own"})


@command
def ask_acknowledgement(*, actor: StaffActor, case_id: UUID, kind: str, to: str, text: str, key: str) -> UUID:
    """Ask a colleague or a role to follow up a patient, or to know about one (ACK-01, ACK-02).

    Args:
        actor: who holds the case or closed it.
        case_id: public id.
        kind: ``follow_up`` or ``information``.
        to: ``user:<id>`` or ``role:<id>`` at the own unit.
        text: for the colleague, never the patient.
        key: idempotency key.

    Returns:
        The public id of the post.

    Raises:
        NotFound: absent or at another unit.
        NotHolder, HeldByColleague: somebody else's case.
        KindNotUsed, NoAddressee, ToYourself, RoleIsEmpty, TextMissing: what is wrong in the form.
    """

    def do() -> dict[str, str]:
        case = lock_case(case_id)
        if case_access.basis_for(actor, case) not in _ASKERS:
            raise NotHolder
        unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
        if kind not in rules.kinds_offered(policy(unit)):
            raise KindNotUsed
        written = clean_text(text)
        if not written or len(written) > rules.TEXT_LIMIT:
            raise TextMissing
        post = steps.ask(
            actor=actor,
            kind=kind,
            to=_addressee(actor, to),
            unit_id=actor.unit_id,
            patient_id=case.patient_id,
            text=written,
            at=now(),
            case=case,
            created_by_id=actor.user_id,
        )
        return {"post": str(post.public_id)}

    body = {"case": str(case_id), "kind": kind, "to": to, "text": text}
    return UUID(once(actor=actor, key=key, command="ask_acknowledgement", body=body, do=do)["post"])


@command
def acknowledge(*, actor: StaffActor, post_id: UUID, key: str) -> None:
    """*Vidimera*: who and when is stored, once (ACK-03).

    Args:
        actor: the addressee, one of the addressed role, or the unit's coordinator (ACK-05).
        post_id: public id.
        key: idempotency key.

    Raises:
        NotFound: absent or for somebody else.
        AlreadyAcknowledged: a colleague was first: who and when.
    """

    def do() -> dict[str, bool]:
        post = _locked(post_id)
        if post is None or not may_act(actor, post):
            raise NotFound
        if post.done_at is None:
            steps.finish(post, actor=actor, user_id=actor.user_id, at=now())
        elif post.done_by_id != actor.user_id:
            raise AlreadyAcknowledged(post.done_by.full_name if post.done_by else "", post.done_at)
        return {"done": True}

    once(actor=actor, key=key, command="acknowledge", body={"post": str(post_id)}, do=do)


@command
def acknowledge_unused(*, actor: StaffActor, post_ids: Sequence[UUID], key: str) -> int:
    """*Vidimera alla oanvända biljetter*: those that were on the screen and may be cleared without follow-up (TIK-14).

    Args:
        actor: whom they are for.
        post_ids: public ids as shown; others than unused tickets of urgency 3 to 5 are left alone.
        key: idempotency key.

    Returns:
        How many were acknowledged now.
    """

    def do() -> dict[str, int]:
        posts = (
            Acknowledgement.objects.select_for_update(of=("self",), no_key=True)
            .select_related("ticket")
            .filter(public_id__in=list(post_ids), kind=Acknowledgement.Kind.UNUSED_TICKET, done_at__isnull=True)
            .order_by("pk")
        )
        count, at = 0, now()
        for post in posts:
            urgency = post.ticket.urgency if post.ticket is not None else None
            mine = rules.is_addressee(post, user_id=actor.user_id, unit_id=actor.unit_id, role_id=actor.role_id)
            if mine and rules.may_clear_in_bulk(post.kind, urgency):
                steps.finish(post, actor=actor, user_id=actor.user_id, at=at)
                count += 1
        return {"count": count}

    body = {"posts": sorted(str(item) for item in post_ids)}
    return int(once(actor=actor, key=key, command="acknowledge_unused", body=body, do=do)["count"])


def _locked(post_id: UUID) -> Acknowledgement | None:
    return (
        Acknowledgement.objects.select_for_update(of=("self",), no_key=True)
        .select_related("done_by")
        .filter(public_id=post_id)
        .first()
    )


def _addressee(actor: StaffActor, value: str) -> rules.Addressee:
    to = rules.parse(value)
    if to is None:
        raise NoAddressee
    if to.user_id is not None:
        if to.user_id == actor.user_id:
            raise ToYourself
        if to.user_id not in {user.pk for user in colleagues_at(actor.unit_id)}:
            raise NoAddressee
    elif to.role_id is None or not staff_with_role(actor.unit_id, to.role_id).exists():
        raise RoleIsEmpty
    return to
