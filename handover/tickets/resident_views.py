"""The patient's pages of a ticket: the list, the ticket, its forms, *Använd biljetten* (TIK-05, TIK-07, TIK-17)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.forms import new_form_key
from cases.views.frame import post_key, resident_context
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.audit import limits
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.questions import answers, kinds
from direkt1177.questions.rendering import view_of
from direkt1177.questions.voice import TO_YOU, Voice
from direkt1177.residents.queries import person_view, today
from direkt1177.units.clock import now
from direkt1177.units.queries import opening
from handover.models import Ticket
from handover.states import TicketState
from handover.tickets import access, commands, queries, receivers, rules
from handover.tickets.errors import TicketNotUsableYet
from triage import question_sets


@resident_page
@never_cache
@require_GET
def my_tickets(request: ResidentRequest) -> HttpResponse:
    """Fragment of *Hem* (those that may be used) and *Mina ärenden* (all): nothing when there are none."""
    found = queries.tickets_for(request.actor, live_only=request.GET.get("plats") == "hem")
    if found:
        log_read(
            actor=request.actor, action="list", object_type="list", object_id="my_tickets",
            patients=sorted({item.patient_id for item in found}), basis="self",
        )  # fmt: skip
    return render(request, "handover/_my_tickets.html", {"items": [_item(request, ticket) for ticket in found]})


@resident_page
@never_cache
@require_GET
def my_ticket(request: ResidentRequest, ticket_id: UUID) -> HttpResponse:
    """The ticket: what it is for, where, until when, the forms first, then *Använd biljetten*."""
    ticket, relation = access.resident_ticket(actor=request.actor, public_id=ticket_id)
    at = now()
    refusal = rules.why_not_usable(ticket.state, valid_from=ticket.valid_from, valid_to=ticket.valid_to, now=at)
    over = refusal is not None and not isinstance(refusal, TicketNotUsableYet)
    closed, closed_until = receivers.closed_until(ticket.unit, ticket.role) if not over else (False, None)
    left = [form for form in ticket.forms if form not in ticket.answers]
    person = person_view(ticket.patient)
    context: dict[str, Any] = resident_context(request.actor) | {
        "ticket": ticket,
        "child": person.first_name if relation == "guardian" else "",
        "person": person,
        "first_day": rules.first_day(ticket.valid_from),
        "last_day": rules.last_day(ticket.valid_to),
        "opening": opening(ticket.unit, role=ticket.role),
        "refusal": refusal,
        "over": over,
        "closed": closed,
        "closed_until": closed_until,
        "forms": [_form_row(ticket, form) for form in ticket.forms],
        "forms_left": len(left),
        "usable": refusal is None and not closed and not left,
        "case_url": reverse("cases:mine_case", args=[ticket.case.public_id]) if ticket.case is not None else "",
        "back_url": reverse("cases:mine"),
        "form_key": new_form_key(),
    }
    return render(request, "handover/my_ticket.html", context)


@resident_page
@never_cache
@require_http_methods(["GET", "POST"])
def ticket_form(request: ResidentRequest, ticket_id: UUID, form: str) -> HttpResponse:
    """One of its forms; what was answered is shown again, and may be changed until the ticket is used."""
    ticket, relation = access.resident_ticket(actor=request.actor, public_id=ticket_id)
    known = question_sets.question_sets().get(form)
    if known is None or form not in ticket.forms:
        raise NotFound
    person = person_view(ticket.patient)
    checked: dict[str, answers.Checked] = {}
    if request.method == "POST":
        sent = dict(request.POST.lists())
        checked = {item.id: answers.check(item, sent) for item in known.questions}
        if all(outcome.ok for outcome in checked.values()):
            good = {key: outcome.value for key, outcome in checked.items() if outcome.value is not None}
            commands.answer_form(actor=request.actor, ticket_id=ticket_id, form=form, answers=good)
            messages.success(request, _("Your answers are saved."))
            return redirect("handover:my_ticket", ticket_id)
    saved = ticket.answers.get(form, {})
    voice = Voice(person.first_name) if relation == "guardian" else TO_YOU
    views = [
        view_of(item, voice=voice, saved=saved.get(item.id), checked=checked.get(item.id), today=today(), big=False)
        for item in known.questions
        if not isinstance(item, kinds.Image)
    ]
    errors = [(item.target, item.error) for item in views if item.error]
    context = resident_context(request.actor) | {
        "title": known.title,
        "views": views,
        "errors": errors,
        "about": {"text": _about(relation, person.first_name), "icon": "baby" if relation == "guardian" else "user"},
        "by_guardian": relation == "guardian",
        "back_url": reverse("handover:my_ticket", args=[ticket_id]),
    }
    return render(request, "handover/my_ticket_form.html", context, status=422 if errors else 200)


@resident_page
@require_POST
def use_ticket(request: ResidentRequest, ticket_id: UUID) -> HttpResponse:
    """*Använd biljetten*: to the questions of the receiving unit, no new interview (TIK-07)."""
    limits.require("case", request.actor.key)
    interview = commands.begin_ticket(actor=request.actor, ticket_id=ticket_id, key=post_key(request))
    return redirect("triage:resume", interview)


def _about(relation: str, name: str) -> str:
    return _("This is about %(name)s") % {"name": name} if relation == "guardian" else _("This is about you")


def _form_row(ticket: Ticket, form: str) -> dict[str, Any]:
    known = question_sets.question_sets().get(form)
    return {
        "title": known.title if known is not None else form,
        "url": reverse("handover:ticket_form", args=[ticket.public_id, form]),
        "done": form in ticket.answers,
        "count": len(known.questions) if known is not None else 0,
    }


def _item(request: ResidentRequest, ticket: Ticket) -> dict[str, Any]:
    """One ticket as an item of *Mina ärenden* (see ``cases/_mine_item.html``)."""
    late = ticket.state in (TicketState.SENT, TicketState.USABLE) and now() >= ticket.valid_to
    state = TicketState.EXPIRED if late else TicketState(ticket.state)
    kind, icon, word = {
        TicketState.SENT: ("", "hourglass", pgettext("ticket", "Not yet")),
        TicketState.USABLE: ("warm", "ticket", pgettext("ticket", "Ready to use")),
        TicketState.ACTIVATED: ("off", "check", pgettext("ticket", "Used")),
        TicketState.EXPIRED: ("off", "clock", pgettext("ticket", "Expired")),
        TicketState.WITHDRAWN: ("off", "x", pgettext("ticket", "Withdrawn")),
    }[state]
    place = _("%(role)s, %(unit)s") % {"role": ticket.role.name, "unit": ticket.unit.name}
    other = ticket.patient_id != request.actor.person_id
    return {
        "url": reverse("handover:my_ticket", args=[ticket.public_id]),
        "heading": ticket.contact_reason,
        "text": f"{person_view(ticket.patient).name}. {place}" if other else place,
        "last_day": rules.last_day(ticket.valid_to) if state in (TicketState.SENT, TicketState.USABLE) else None,
        "tag": {"kind": kind, "icon": icon, "word": word},
        "new": state == TicketState.USABLE,
    }
