"""Parts that commands call inside their own transaction: to ask for an acknowledgement, and to take it as done."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from cases import names as case_names
from cases.events import CaseEvent
from cases.models import Case, CaseReader
from cases.steps import end_reading, grant_reading
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record, ring
from direkt1177.realtime.changes import Change
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from handover.acknowledgements.events import Acknowledged, AcknowledgementAsked
from handover.acknowledgements.rules import Addressee
from handover.models import Acknowledgement, Ticket
from handover.notices.steps import notify


def ask(
    *,
    actor: Actor,
    kind: str,
    to: Addressee,
    unit_id: int,
    patient_id: int,
    text: str,
    at: datetime,
    case: Case | None = None,
    ticket: Ticket | None = None,
    created_by_id: int | None = None,
    notice: str = "acknowledgement",
) -> Acknowledgement:
    """Put a post on somebody's desk; whoever it is for may read the case until it is done (ACK-01, NOT-01 h).

    Args:
        actor: who asks; the system for unused tickets.
        kind: of ``Acknowledgement.Kind``.
        to: a colleague or a role at the unit.
        unit_id: where they work.
        patient_id: whom it is about.
        text: to staff only, never the patient.
        at: moment, UTC.
        case: which they may read meanwhile; None gives no right (TIK-09).
        ticket: of an unused ticket.
        created_by_id: the member of staff; None for the system.
        notice: kind of the notice that tells of it.
    """
    post = Acknowledgement.objects.create(
        kind=kind,
        case=case,
        ticket=ticket,
        patient_id=patient_id,
        unit_id=unit_id,
        to_user_id=to.user_id,
        to_role_id=to.role_id,
        text=text,
        created_by_id=created_by_id,
        created_at=at,
    )
    if case is not None:
        grant_reading(
            case,
            basis=CaseReader.Basis.ACKNOWLEDGEMENT,
            unit_id=unit_id,
            user_id=to.user_id,
            role_id=to.role_id,
            at=at,
        )
    record(AcknowledgementAsked.of(post), actor=actor)
    notify(
        users=() if to.user_id is None else (to.user_id,),
        role_at=None if to.role_id is None else (unit_id, to.role_id),
        kind=notice,
        key=f"acknowledgement:{post.public_id}",
        unit_id=unit_id,
        case=case,
        ticket=ticket,
        acknowledgement=post,
    )
    return post


def case_has_moved(event: CaseEvent, actor: Actor) -> None:
    """The case went to another unit: posts at the old one stand, but their right to read it ends (HOV-15)."""
    del actor
    gone = CaseReader.objects.filter(
        case__public_id=event.public_id, basis=CaseReader.Basis.ACKNOWLEDGEMENT, ended_at__isnull=True
    ).exclude(unit_id=event.unit_id)
    for reader in gone.select_related("unit__provider__region"):
        if policy(reader.unit).giver_access_after_acceptance == "none":
            end_reading([reader.pk], at=now())
            if reader.user_id is not None:
                ring([Change(case_names.me_feed(f"staff:{reader.user_id}"), "authz")])


def finish(post: Acknowledgement, *, actor: Actor, user_id: int, at: datetime) -> None:
    """It is done: who and when; the right to read ends unless another post to the same addressee still stands.

    Args:
        post: locked and not done.
    """
    post.done_at, post.done_by_id = at, user_id
    post.save(update_fields=["done_at", "done_by"])
    record(Acknowledged.of(post), actor=actor)
    if post.case_id is None:
        return
    same = {"case_id": post.case_id, "unit_id": post.unit_id}
    addressee = {"to_user_id": post.to_user_id, "to_role_id": post.to_role_id}
    if Acknowledgement.objects.filter(**same, **addressee, done_at__isnull=True).exists():
        return
    readers = CaseReader.objects.filter(**same, basis=CaseReader.Basis.ACKNOWLEDGEMENT, ended_at__isnull=True).filter(
        Q(user_id=post.to_user_id) if post.to_user_id is not None else Q(role_id=post.to_role_id)
    )
    end_reading(list(readers.values_list("pk", flat=True)), at=at)
    # Open feeds are asked again whether they may go on.
    ring([Change(case_names.me_feed(f"staff:{user_id}"), "authz")])
