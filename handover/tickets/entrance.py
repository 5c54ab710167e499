"""What triage asks of tickets when a case is sent with one: may it be used, and which case did it become."""

from __future__ import annotations

from uuid import UUID

from cases.models import Case
from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.record import record
from direkt1177.units.clock import now
from handover.models import Ticket
from handover.states import TicketState
from handover.tickets import flags, receivers, rules
from handover.tickets.errors import FormsLeft, ReceiverClosed
from handover.tickets.events import TicketActivated
from handover.tickets.locking import lock_ticket, move, stored


class Book:
    """The tickets, as ``triage.tickets`` knows them."""

    def lock(self, ticket: UUID) -> None:
        """Lock it; refused when it cannot be used at this moment."""
        require_usable(lock_ticket(ticket))

    def used(self, *, actor: ResidentActor, ticket: UUID, case: Case) -> None:
        """It has become this case (TIK-01, TIK-08); locked by ``lock`` in the same transaction."""
        row = lock_ticket(ticket)
        before = move(row, TicketState.ACTIVATED, by=actor.key)
        row.case = case
        row.answers_documented = flags.documented_answers(row)
        stored(row)
        record(TicketActivated.of(row, from_state=before, case=str(case.public_id)), actor=actor)

    def documented(self, ticket: UUID) -> frozenset[str]:
        """Only the flags cross the unit boundary (TIK-10)."""
        found = Ticket.objects.filter(public_id=ticket).values_list("answers_documented", flat=True).first()
        return frozenset(found or ())


def require_usable(ticket: Ticket) -> None:
    """Refuse a ticket that cannot be used now, saying why.

    Raises:
        TicketUsed, TicketExpired, TicketWithdrawn, TicketNotUsableYet: by state and dates.
        FormsLeft: its forms are answered first.
        ReceiverClosed: the unit takes no new cases now.
    """
    refusal = rules.why_not_usable(
        ticket.state, valid_from=ticket.valid_from, valid_to=ticket.valid_to, now=now()
    )  # fmt: skip
    if refusal is not None:
        raise refusal
    if set(ticket.forms) - set(ticket.answers):
        raise FormsLeft
    closed, until = receivers.closed_until(ticket.unit, ticket.role)
    if closed:
        raise ReceiverClosed(until)
