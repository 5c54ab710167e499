"""Locking tickets; where both are locked, the issuing case comes first (design §2)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from direkt1177.audit.refusals import NotFound
from direkt1177.units.clock import now
from handover.models import Ticket
from handover.states import TicketState
from handover.tickets import rules
from handover.tickets.errors import TicketAlreadySent
from handover.timers.plans import TICKET, plan_now


def locked(**wanted: object) -> QuerySet[Ticket]:
    """Tickets under their row locks, in the order of their keys."""
    return (
        Ticket.objects.select_for_update(of=("self",), no_key=True)
        .select_related("issuing_case", "patient", "unit__provider__region", "role")
        .filter(**wanted)
        .order_by("pk")
    )


def lock_ticket(public_id: UUID) -> Ticket:
    """One ticket under its row lock.

    Raises:
        NotFound: no such ticket.
    """
    ticket = locked(public_id=public_id).first()
    if ticket is None:
        raise NotFound
    return ticket


def move(ticket: Ticket, target: TicketState, *, by: str = "") -> str:
    """Change the state by the transition table, raise the version, note who ended it; the caller saves.

    Returns:
        The state before.

    Raises:
        TicketAlreadySent: the table does not allow it.
    """
    before = str(ticket.state)
    if not rules.can_become(before, target):
        raise TicketAlreadySent
    ticket.state = target
    ticket.version += 1
    if target in (TicketState.ACTIVATED, TicketState.EXPIRED, TicketState.WITHDRAWN):
        ticket.ended_at, ticket.ended_by = now(), by
    return before


def stored(ticket: Ticket) -> None:
    """Store a moved ticket and plan its timers anew."""
    ticket.save()
    plan_now(TICKET, ticket.pk)
