"""The patient's side: answer the forms, begin to use the ticket; sending is triage's, with ``entrance`` (TIK-07)."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from direkt1177.accounts.actors import ResidentActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.questions.flow import fits
from direkt1177.questions.kinds import AnswerValue
from direkt1177.units.clock import now
from handover.models import Ticket
from handover.tickets import rules
from handover.tickets.access import resident_relation
from handover.tickets.entrance import require_usable
from handover.tickets.errors import TicketNotUsableYet
from handover.tickets.events import TicketFormAnswered
from handover.tickets.locking import lock_ticket
from triage import question_sets, tickets


@command
def answer_form(*, actor: ResidentActor, ticket_id: UUID, form: str, answers: Mapping[str, AnswerValue]) -> None:
    """Save the answers to one of the ticket's forms; they may be changed until it is used.

    Args:
        actor: who may use the ticket.
        ticket_id: public id.
        form: id of the form.
        answers: as checked by ``questions.answers``.

    Raises:
        NotFound: somebody else's ticket, or not one of its forms.
        TicketUsed, TicketExpired, TicketWithdrawn: it is over.
    """
    ticket = _locked(actor, ticket_id)
    known = question_sets.question_sets().get(form)
    if form not in ticket.forms or known is None:
        raise NotFound
    refusal = rules.why_not_usable(
        ticket.state, valid_from=ticket.valid_from, valid_to=ticket.valid_to, now=now()
    )  # fmt: skip
    # Questions may be answered in peace before the ticket can be used.
    if refusal is not None and not isinstance(refusal, TicketNotUsableYet):
        raise refusal
    questions = {item.id: item for item in known.questions}
    kept = {key: value for key, value in answers.items() if key in questions and fits(questions[key], value)}
    ticket.answers = {**ticket.answers, form: kept}
    ticket.version += 1
    ticket.save(update_fields=["answers", "version"])
    record(TicketFormAnswered.of(ticket, from_state=ticket.state, form=form), actor=actor)


@command
def begin_ticket(*, actor: ResidentActor, ticket_id: UUID, key: str) -> UUID:
    """*Använd biljetten*: open the questions of the receiving unit, or go on with those begun.

    Args:
        actor: who may use the ticket.
        ticket_id: public id.
        key: idempotency key.

    Returns:
        The public id of the interview.

    Raises:
        NotFound: somebody else's ticket.
        TicketUsed, TicketExpired, TicketWithdrawn, TicketNotUsableYet, FormsLeft, ReceiverClosed: why not.
    """

    def do() -> dict[str, str]:
        ticket = _locked(actor, ticket_id)
        require_usable(ticket)
        entry = tickets.Entry(
            ticket=ticket.public_id,
            kind=ticket.kind,
            unit=ticket.unit,
            role_id=ticket.role_id,
            urgency=ticket.urgency,
            contact_reason=ticket.contact_reason,
            contact_reason_code=ticket.contact_reason_code,
        )
        return {"interview": str(tickets.begin(actor=actor, patient=ticket.patient, entry=entry).public_id)}

    body = {"ticket": str(ticket_id)}
    return UUID(once(actor=actor, key=key, command="begin_ticket", body=body, do=do)["interview"])


def _locked(actor: ResidentActor, ticket_id: UUID) -> Ticket:
    ticket = lock_ticket(ticket_id)
    resident_relation(actor, ticket)
    return ticket
