"""Reading tickets: one, those of a patient that a unit issued or received, those that a resident may use."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.residents.access import children_readable_by
from handover.models import Ticket
from handover.states import TicketState

LIMIT = 50
_LIVE = (TicketState.SENT, TicketState.USABLE)


def ticket_by_id(public_id: UUID) -> Ticket | None:
    """A ticket with what its pages show."""
    return _rows().filter(public_id=public_id).first()


def ticket_of_case(case: Case) -> Ticket | None:
    """The ticket that a case came with (TIK-09)."""
    return _rows().filter(case=case).first()


def draft_of(case: Case) -> Ticket | None:
    """The draft that the holder of a case goes on with."""
    return _rows().filter(issuing_case=case, state=TicketState.DRAFT).order_by("-pk").first()


def tickets_at(actor: StaffActor, patient_id: int) -> list[Ticket]:
    """All tickets of a patient that the actor's unit issued or received, the latest first (TIK-16).

    Drafts are shown to whoever wrote them only.
    """
    sent, draft = Q(sent_at__isnull=False), Q(state=TicketState.DRAFT, issued_by_id=actor.user_id)
    issued, received = Q(issuing_unit_id=actor.unit_id) & (sent | draft), Q(unit_id=actor.unit_id) & sent
    return list(_rows().filter(issued | received, patient_id=patient_id)[:LIMIT])


def count_at(actor: StaffActor, patient_id: int) -> int:
    """How many of them there are."""
    return len(tickets_at(actor, patient_id))


def tickets_for(actor: ResidentActor, *, live_only: bool = False) -> list[Ticket]:
    """Tickets that a resident may see: own ones, and those of children whose case they started; latest first.

    Args:
        actor: who looks.
        live_only: only such that may still be used.
    """
    children = children_readable_by(actor)
    mine = Q(patient_id=actor.person_id) | Q(patient_id__in=children, holder_person_id=actor.person_id)
    found = _rows().filter(mine, sent_at__isnull=False)
    if live_only:
        found = found.filter(state__in=_LIVE)
    return list(found[:LIMIT])


def live_at(unit_id: int) -> int:
    """How many tickets to a unit may still be used; it is not wound up before (UCH-02)."""
    return Ticket.objects.filter(unit_id=unit_id, state__in=_LIVE).count()


def _rows() -> QuerySet[Ticket]:
    related = (
        "unit__provider__region", "role", "issuing_unit__provider__region", "issuing_role", "issued_by",
        "patient", "issuing_case", "case",
    )  # fmt: skip
    return Ticket.objects.select_related(*related).order_by("-created_at", "-pk")
