"""*Utkast* and *Skicka* of the ticket form (TIK-02, TIK-05, TIK-15, TIK-18, TIK-19)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from cases import rules as case_rules
from cases.errors import NotStarted
from cases.locking import lock_held
from cases.models import Case, Message
from cases.steps import tell_patient
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.questions.answers import clean_text
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.steps import hold_active
from handover.models import Ticket
from handover.states import TicketState
from handover.tickets import errors, receivers, rules, texts
from handover.tickets.errors import TicketAlreadySent, TicketIncomplete, TicketProblem
from handover.tickets.events import TicketSaved, TicketSent
from handover.tickets.locking import lock_ticket, move, stored
from handover.tickets.rules import Fields
from triage import question_sets, search


@dataclass(frozen=True, slots=True)
class Saved:
    """Outcome of saving or sending."""

    public_id: UUID
    state: str


@command
def save_draft(*, actor: StaffActor, case_id: UUID, fields: Fields, key: str, ticket_id: UUID | None = None) -> Saved:
    """Keep what is written so far; the patient knows nothing of it.

    Args:
        actor: the holder of the issuing case.
        case_id: public id of the issuing case.
        fields: the form; receiver, urgency and dates must be there, for a ticket is nothing without them.
        key: idempotency key.
        ticket_id: the draft that is written on; None for a new one.

    Raises:
        NotFound, HeldByColleague, NotHolder, CaseClosed: see ``lock_held``.
        NotStarted: a ticket belongs to a started visit (TIK-19).
        TicketAlreadySent: it is no draft any more.
        TicketIncomplete: with everything that is wrong.
    """
    return _save(actor, case_id, fields, key, ticket_id, to_send=False)


@command
def send_ticket(*, actor: StaffActor, case_id: UUID, fields: Fields, key: str, ticket_id: UUID | None = None) -> Saved:
    """*Skicka*: a line with the link goes into the chat; usable when the issuing visit is closed (TIK-05, TIK-06).

    Args and refusals as ``save_draft``, with all rules of the form.
    """
    return _save(actor, case_id, fields, key, ticket_id, to_send=True)


def _save(
    actor: StaffActor, case_id: UUID, fields: Fields, key: str, ticket_id: UUID | None, *, to_send: bool
) -> Saved:
    def do() -> dict[str, str]:
        case = lock_held(actor, case_id)
        if case.started_at is None:
            raise NotStarted
        ticket = _draft(case, ticket_id)
        _fill(ticket, case, actor, fields, to_send=to_send)
        hold_active(ticket.unit_id)
        before = "" if ticket.pk is None else str(ticket.state)
        if not to_send:
            ticket.version += 1
            ticket.save()
            record(TicketSaved.of(ticket, from_state=before, unit=ticket.unit_id), actor=actor)
        else:
            _send(ticket, case, actor)
        return {"ticket": str(ticket.public_id), "state": str(ticket.state)}

    body = {"case": str(case_id), "ticket": str(ticket_id or ""), "fields": asdict(fields)}
    name = "send_ticket" if to_send else "save_ticket"
    outcome = once(actor=actor, key=key, command=name, body=body, do=do)
    return Saved(UUID(outcome["ticket"]), outcome["state"])


def _draft(case: Case, ticket_id: UUID | None) -> Ticket:
    if ticket_id is None:
        return Ticket(issuing_case=case, patient_id=case.patient_id, holder_person_id=case.started_by_id)
    ticket = lock_ticket(ticket_id)
    if ticket.issuing_case_id != case.pk:
        raise NotFound
    if ticket.state != TicketState.DRAFT:
        raise TicketAlreadySent
    ticket.issuing_case = case
    return ticket


def _fill(ticket: Ticket, case: Case, actor: StaffActor, fields: Fields, *, to_send: bool) -> None:
    """Put the form into the row; everything that is wrong is told at once."""
    issuing = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    rule, at = policy(issuing), now()
    found = list(rules.problems(fields, policy=rule, now=at, to_send=to_send))
    receiver = None
    try:
        receiver = receivers.resolve(fields.to, issuing=issuing, kind=case.kind, rule=rule)
    except TicketProblem as problem:
        found.append(problem)
    reason = reason_of(fields.reason)
    if reason is None and (to_send or fields.reason.strip()):
        hits = [hit.reason.title for hit in search.search(fields.reason, limit=3)]
        found.append(errors.ReasonNotInList(hits))
    if receiver is not None:
        offered = {item.id for item in question_sets.offered_to(receiver.unit.type)}
        if not set(fields.forms) <= offered:
            found.append(errors.FormNotOffered())
    if not found and receiver is not None and fields.valid_from and fields.valid_to:
        start, end = rules.interval(fields.valid_from, fields.valid_to)
        if receivers.closed_throughout(receiver.unit, max(start, at), end):
            found.append(errors.UnitClosedThroughout())
        ticket.valid_from, ticket.valid_to = start, end
    if found or receiver is None or fields.urgency is None:
        raise TicketIncomplete(found)
    ticket.unit, ticket.role, ticket.provider_id = receiver.unit, receiver.role, receiver.unit.provider_id
    ticket.kind, ticket.urgency, ticket.type = receiver.kind, fields.urgency, fields.type
    ticket.contact_reason = reason.title if reason is not None else ""
    ticket.contact_reason_code = reason.id if reason is not None else ""
    ticket.forms = list(dict.fromkeys(fields.forms))
    ticket.booked_for = fields.booked_for if fields.type == Ticket.Type.BOOK_TIME else None
    ticket.anamnesis, ticket.information = clean_text(fields.anamnesis), clean_text(fields.information)
    ticket.phone_contact_at = fields.phone_contact_at
    ticket.no_phone_reason = clean_text(fields.no_phone_reason)[: rules.REASON_LIMIT]
    ticket.issued_by_id, ticket.issuing_unit_id, ticket.issuing_role_id = actor.user_id, actor.unit_id, actor.role_id


def reason_of(title: str) -> search.Reason | None:
    """The contact reason with this title, whatever the case of its letters; None when there is none."""
    wanted = " ".join(title.split()).casefold()
    return next((item for item in search.reasons().values() if item.title.casefold() == wanted), None)


def _send(ticket: Ticket, case: Case, actor: StaffActor) -> None:
    at = now()
    ticket.sent_at = at
    # Avsluta besök is done already while the follow-up runs: nothing holds the ticket back.
    closed = case.closed_at is not None
    before = move(ticket, TicketState.USABLE if closed else TicketState.SENT)
    if closed:
        ticket.usable_at = at
    stored(ticket)
    record(
        TicketSent.of(
            ticket, from_state=before, unit=ticket.unit_id, role=ticket.role_id, urgency=ticket.urgency, verified=True
        ),
        actor=actor,
    )
    if case_rules.may_write_in(case, at):
        tell_patient(
            case, actor=actor, text=_line(ticket, at), client_id=f"ticket-{ticket.public_id}", kind=Message.Kind.NOTICE
        )


def _line(ticket: Ticket, at: datetime) -> str:
    with override("sv"):
        first = date_format(rules.first_day(ticket.valid_from), "j F Y")
        return texts.SENT.format(
            unit=ticket.unit.name,
            role=ticket.role.name,
            when=f"från och med {first}" if ticket.valid_from > at else "från och med i dag",
            last=date_format(rules.last_day(ticket.valid_to), "j F Y"),
            url=reverse("handover:my_ticket", args=[ticket.public_id]),
        )
