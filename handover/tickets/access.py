"""The doors to tickets: the issuing and the receiving unit, and whoever may use one (TIK-01, TIK-09, TIK-16)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from direkt1177.accounts.actors import AnyActor, ResidentActor, StaffActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.residents import access as residents_access
from handover.models import Ticket
from handover.tickets import queries

ISSUER, RECEIVER = "ticket_issuer", "ticket_receiver"


def staff_basis(actor: StaffActor, ticket: Ticket) -> str:
    """Why this member of staff may see the ticket: issued or received by their role, or they coordinate there.

    Raises:
        NotFound: no right at all, told like an absent ticket.
    """
    coordinates = AdminPermission.Kind.COORDINATOR in actor.permissions
    if actor.unit_id == ticket.issuing_unit_id:
        own = ticket.issued_by_id == actor.user_id
        if own or (ticket.sent_at is not None and (ticket.issuing_role_id == actor.role_id or coordinates)):
            return ISSUER
    received = ticket.sent_at is not None and actor.unit_id == ticket.unit_id
    if received and (ticket.role_id == actor.role_id or coordinates):
        return RECEIVER
    raise NotFound


def resident_relation(actor: ResidentActor, ticket: Ticket) -> str:
    """``self`` or ``guardian``: the patient, or the responsible guardian of the issuing case (ENT-19).

    Raises:
        NotFound: anybody else, another guardian included, and a draft for everybody.
    """
    if ticket.sent_at is None:
        raise NotFound
    if actor.person_id not in (ticket.patient_id, ticket.holder_person_id):
        raise NotFound
    return residents_access.may_act_for(actor, ticket.patient)


def staff_ticket(*, actor: AnyActor | None, public_id: UUID) -> tuple[Ticket, str]:
    """Open a ticket's page; logged.

    Returns:
        The ticket and the basis.

    Raises:
        NotFound: absent or forbidden.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    with transaction.atomic():
        ticket = queries.ticket_by_id(public_id)
        if ticket is None:
            raise NotFound
        basis = staff_basis(actor, ticket)
        _log(actor, ticket, basis)
        return ticket, basis


def resident_ticket(*, actor: AnyActor | None, public_id: UUID) -> tuple[Ticket, str]:
    """The patient's page of a ticket; logged.

    Raises:
        NotFound: absent or forbidden.
    """
    if not isinstance(actor, ResidentActor):
        raise NotFound
    with transaction.atomic():
        ticket = queries.ticket_by_id(public_id)
        if ticket is None:
            raise NotFound
        relation = resident_relation(actor, ticket)
        _log(actor, ticket, relation)
        return ticket, relation


def _log(actor: StaffActor | ResidentActor, ticket: Ticket, basis: str) -> None:
    log_read(
        actor=actor,
        action="open",
        object_type="ticket",
        object_id=str(ticket.public_id),
        patients=[ticket.patient_id],
        basis=basis,
    )
