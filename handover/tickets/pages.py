"""What the pages and panels of tickets show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import pgettext

from cases.access import OpenCase
from cases.forms import new_form_key
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.residents.queries import PersonView, person_view, today
from direkt1177.units.policies import policy
from handover.models import Ticket
from handover.offers import picker
from handover.offers.picker import Choice, Purpose
from handover.states import TicketState
from handover.tickets import flags, rules
from handover.tickets.forms import TicketForm
from triage import question_sets, search
from triage.queries import anamnesis_for


def state_word(state: str) -> str:
    """The state in staff's word (TIK-15)."""
    words = {
        TicketState.DRAFT: pgettext("ticket state", "Draft"),
        TicketState.SENT: pgettext("ticket state", "Sent, the visit is not closed"),
        TicketState.USABLE: pgettext("ticket state", "Can be used"),
        TicketState.ACTIVATED: pgettext("ticket state", "Used"),
        TicketState.EXPIRED: pgettext("ticket state", "Expired unused"),
        TicketState.WITHDRAWN: pgettext("ticket state", "Withdrawn"),
    }
    return words[TicketState(state)]


def first_values(opened: OpenCase, actor: StaffActor, *, to: str = "") -> dict[str, Any]:
    """What a new ticket starts with: urgency and contact reason of the case, valid a week (TIK-18)."""
    case = opened.case
    known = {item.title for item in search.reasons().values()}
    limit = policy(case.unit).ticket_max_days
    return {
        "form_key": new_form_key(),
        "type": Ticket.Type.DROP_IN,
        "urgency": case.urgency,
        "reason": case.contact_reason if case.contact_reason in known else "",
        "valid_from": today(),
        "valid_to": today() + timedelta(days=min(rules.DEFAULT_DAYS, limit)),
        "to": _only_choice(actor, case, to),
    }


def _only_choice(actor: StaffActor, case: Case, unit: str) -> str:
    """The receiver when an offer led here with a unit and only one role there can be chosen."""
    if not (unit.isascii() and unit.isdecimal() and len(unit) < 10):
        return ""
    groups = picker.tree(actor, purpose=Purpose.TICKET, kind=case.kind)
    leaves = [leaf for g in groups for node in g.nodes if node.unit_id == int(unit) for leaf in node.leaves]
    enabled = [leaf.value for leaf in leaves if leaf.enabled]
    return enabled[0] if len(enabled) == 1 else ""


def draft_values(ticket: Ticket) -> dict[str, Any]:
    """A draft in the form again."""
    return {
        "form_key": new_form_key(),
        "ticket": ticket.public_id,
        "type": ticket.type,
        "urgency": ticket.urgency,
        "reason": ticket.contact_reason,
        "to": Choice(ticket.unit_id, ticket.role_id, None).value,
        "question_forms": ticket.forms,
        "valid_from": rules.first_day(ticket.valid_from),
        "valid_to": rules.last_day(ticket.valid_to),
        "booked_for": ticket.booked_for,
        "anamnesis": ticket.anamnesis,
        "information": ticket.information,
        "phone_contact_at": ticket.phone_contact_at,
        "no_phone_reason": ticket.no_phone_reason,
    }


def form_context(actor: StaffActor, opened: OpenCase, form: TicketForm, *, dialog: bool) -> dict[str, Any]:
    """The ticket form of one case."""
    case, setting = opened.case, policy(opened.case.unit)
    chosen = str(form["to"].value() or "")
    typed = form["urgency"].value()
    return {
        "case": case,
        "case_id": str(case.public_id),
        "person": person_view(case.patient),
        "form": form,
        "dialog": dialog,
        "groups": picker.tree(actor, purpose=Purpose.TICKET, kind=case.kind, chosen=chosen),
        "urgency_words": setting.urgency_labels,
        "chosen_urgency": str(typed or ""),
        "urgent": str(typed) in {str(number) for number in rules.URGENT},
        "reasons": [item.title for item in search.reasons().values()],
        "book_time": setting.allow_book_time_ticket,
        "max_days": setting.ticket_max_days,
        "question_sets": list(question_sets.question_sets().values()),
        "chosen_forms": list(form["question_forms"].value() or []),
        "wrong": sum(1 for field in form if field.errors),
        "visit_closed": case.closed_at is not None,
        "anamnesis_known": bool(anamnesis_for(case)),
    }


def row_context(ticket: Ticket, actor: StaffActor, person: PersonView | None = None) -> dict[str, Any]:
    """One ticket in a list or on its page."""
    person = person or person_view(ticket.patient)
    issued_here = ticket.issuing_unit_id == actor.unit_id
    labels = policy(ticket.unit).urgency_labels
    return {
        "id": str(ticket.public_id),
        "url": _url(ticket),
        "state": ticket.state,
        "state_word": state_word(ticket.state),
        "live": ticket.state in (TicketState.SENT, TicketState.USABLE),
        "type": ticket.get_type_display(),
        "urgency": ticket.urgency,
        "urgency_word": labels.get(ticket.urgency, ""),
        "reason": ticket.contact_reason,
        "person": person,
        "unit": ticket.unit.name,
        "role": ticket.role.name,
        "issuing_unit": ticket.issuing_unit.name,
        "issued_by": ticket.issued_by.full_name,
        "issued_here": issued_here,
        "first_day": rules.first_day(ticket.valid_from),
        "last_day": rules.last_day(ticket.valid_to),
        "booked_for": ticket.booked_for,
        "ended_at": ticket.ended_at,
        "withdraw_reason": ticket.withdraw_reason if issued_here else "",
        # The case it became is the receiver's; the giver knows only that it was used (TIK-09 the other way round).
        "case_url": reverse("cases:case", args=[ticket.case.public_id])
        if ticket.case is not None and ticket.case.unit_id == actor.unit_id
        else "",
    }


def _url(ticket: Ticket) -> str:
    if ticket.state == TicketState.DRAFT:
        return reverse("handover:new_ticket", args=[ticket.issuing_case.public_id])
    return reverse("handover:ticket", args=[ticket.public_id])


def content_context(ticket: Ticket, *, receiver: bool = True) -> dict[str, Any]:
    """What the receiver reads of a ticket: anamnesis, form answers, flags; nothing of the giver's case (TIK-09).

    Args:
        ticket: through a door.
        receiver: the giver reads what the giver wrote, not what the patient answers the receiver.
    """
    if not receiver:
        return {
            "ticket": ticket,
            "anamnesis": ticket.anamnesis,
            "information": ticket.information,
            "issuing_unit": ticket.issuing_unit.name,
        }
    known = set(ticket.answers_documented)
    return {
        "ticket": ticket,
        "copied_url": reverse("cases:copied", args=[ticket.case.public_id]) if ticket.case is not None else "",
        "anamnesis": ticket.anamnesis,
        "information": ticket.information,
        "forms": [
            {"title": title, "rows": [{"row": row, "documented": row.id in known} for row in rows]}
            for title, rows in flags.form_answers(ticket)
        ],
        "unanswered": [
            item.title
            for form, item in question_sets.question_sets().items()
            if form in ticket.forms and form not in ticket.answers
        ],
        "issuing_unit": ticket.issuing_unit.name,
    }
