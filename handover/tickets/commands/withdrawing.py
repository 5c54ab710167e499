"""A ticket is taken back by those who issued it, with a reason; a draft is thrown away (TIK-15)."""

from __future__ import annotations

from uuid import UUID

from cases import rules as case_rules
from cases.locking import lock_by_pk
from cases.models import Message
from cases.steps import tell_patient
from direkt1177.accounts.actors import SYSTEM, StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.questions.answers import clean_text
from direkt1177.units.clock import now
from handover.models import Ticket
from handover.notices.steps import mark_read
from handover.states import TicketState
from handover.tickets import rules, texts
from handover.tickets.access import ISSUER, staff_basis
from handover.tickets.errors import ReasonMissing, TicketExpired, TicketUsed
from handover.tickets.events import TicketWasWithdrawn
from handover.tickets.locking import lock_ticket, move, stored


@command
def withdraw_ticket(*, actor: StaffActor, ticket_id: UUID, reason: str, key: str) -> None:
    """Take a ticket back; the patient is told in the chat while it is open, and on the ticket's page.

    Args:
        actor: of the issuing unit.
        ticket_id: public id.
        reason: why; not needed for a draft.
        key: idempotency key.

    Raises:
        NotFound: absent, or not the issuer's.
        ReasonMissing: a sent ticket is not withdrawn without a word.
        TicketUsed: the patient was first.
        TicketExpired: it is over already.
    """

    def do() -> dict[str, bool]:
        case_pk = Ticket.objects.filter(public_id=ticket_id).values_list("issuing_case_id", flat=True).first()
        case = lock_by_pk(case_pk) if case_pk is not None else None
        if case is None:
            raise NotFound
        ticket = lock_ticket(ticket_id)
        if staff_basis(actor, ticket) != ISSUER:
            raise NotFound
        if ticket.state == TicketState.WITHDRAWN:
            return {"done": True}
        if ticket.state == TicketState.ACTIVATED:
            raise TicketUsed
        if ticket.state == TicketState.EXPIRED:
            raise TicketExpired
        why = clean_text(reason)
        if ticket.state != TicketState.DRAFT and not 0 < len(why) <= rules.REASON_LIMIT:
            raise ReasonMissing
        was_draft = ticket.state == TicketState.DRAFT
        before = move(ticket, TicketState.WITHDRAWN, by=actor.key)
        ticket.withdraw_reason = why[: rules.REASON_LIMIT]
        stored(ticket)
        record(TicketWasWithdrawn.of(ticket, from_state=before), actor=actor)
        mark_read(f"ticket_waits:{ticket.public_id}")
        if not was_draft and case_rules.may_write_in(case, now()):
            # Only its holder writes under their own name; others would seem to have answered the patient.
            mine = case.holder_id == actor.user_id and case.unit_id == actor.unit_id
            tell_patient(
                case,
                actor=actor if mine else SYSTEM,
                text=texts.WITHDRAWN.format(unit=ticket.unit.name, role=ticket.role.name),
                client_id=f"ticket-back-{ticket.public_id}",
                kind=Message.Kind.NOTICE,
            )
        return {"done": True}

    body = {"ticket": str(ticket_id), "reason": reason}
    once(actor=actor, key=key, command="withdraw_ticket", body=body, do=do)
