"""Staff's pages of tickets: form in, command, fragment or redirect out (TIK-02, TIK-16, TIK-19)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access as case_access
from cases import queries as case_queries
from cases.access import OpenCase
from cases.errors import NotStarted
from cases.forms import new_form_key
from cases.states import CaseState
from cases.views.case import head_context
from cases.views.frame import go, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.queries import person_view
from direkt1177.views import wants_fragment
from handover.states import TicketState
from handover.tickets import access, commands, pages, queries
from handover.tickets.errors import TicketIncomplete
from handover.tickets.forms import TicketForm, WithdrawForm
from triage.queries import anamnesis_for


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def new_ticket(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The ticket form as a page, or as a dialog of the case page: save, fetch the anamnesis, send (TIK-19)."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    if opened.basis != "holder":
        raise NotFound
    if opened.case.started_at is None:
        raise NotStarted
    if request.method == "GET":
        draft = queries.draft_of(opened.case)
        unit = request.GET.get("enhet", "")
        initial = pages.draft_values(draft) if draft else pages.first_values(opened, request.actor, to=unit)
        return _form_page(request, opened, TicketForm(initial=initial))
    if request.POST.get("do") == "fetch":
        return _with_anamnesis(request, opened)
    form = TicketForm(request.POST)
    if not form.is_valid():
        return _form_page(request, opened, form, status=422)
    send = request.POST.get("do") != "save"
    try:
        (commands.send_ticket if send else commands.save_draft)(
            actor=request.actor,
            case_id=public_id,
            fields=form.fields_typed(),
            key=f"{form.cleaned_data['form_key']}-{'send' if send else 'save'}"[:80],
            ticket_id=form.cleaned_data["ticket"],
        )
    except TicketIncomplete as refusal:
        for problem in refusal.problems:
            form.add_error(problem.field, str(problem.message))
        return _form_page(request, opened, form, status=refusal.status)
    if not send:
        messages.success(request, _("The draft is saved. The patient sees nothing of it."))
        return go(request, reverse("handover:new_ticket", args=[public_id]))
    messages.success(request, _("The ticket is sent."))
    return go(request, reverse("handover:case_tickets", args=[public_id]))


@staff_page
@never_cache
@require_GET
def case_tickets(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Tab *Biljetter*: the patient's tickets that this unit issued or received, with state (TIK-16)."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    found = queries.tickets_at(request.actor, opened.case.patient_id)
    person = person_view(opened.case.patient)
    open_visit = opened.works and opened.case.state in (CaseState.STARTED, CaseState.PAUSED)
    context: dict[str, Any] = {
        "case_id": str(public_id),
        "rows": [pages.row_context(ticket, request.actor, person) for ticket in found],
        "may_create": opened.works and opened.case.started_at is not None,
        # HOV-18: what is left to do after sending.
        "close_first": open_visit
        and any(t.issuing_case_id == opened.case.pk and t.state == TicketState.SENT for t in found),
    }
    if wants_fragment(request):
        return render(request, "handover/_case_tickets.html", context)
    context |= staff_context(request, nav="case", case=opened.case) | _head(request, opened)
    return render(request, "handover/case_tickets.html", context)


@staff_page
@never_cache
@require_GET
def case_ticket(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Fragment beside the chat and in the preview: what came with the ticket (TIK-09)."""
    opened = case_access.any_case(actor=request.actor, public_id=public_id)
    ticket = queries.ticket_of_case(opened.case)
    if ticket is None:
        return HttpResponse()
    return render(request, "handover/_case_ticket.html", pages.content_context(ticket))


@staff_page
@never_cache
@require_GET
def ticket(request: StaffRequest, ticket_id: UUID) -> HttpResponse:
    """One ticket, for the unit that issued it and the one that receives it."""
    return _ticket_page(request, ticket_id, WithdrawForm(initial={"form_key": new_form_key()}))


@staff_page
@require_POST
def withdraw(request: StaffRequest, ticket_id: UUID) -> HttpResponse:
    """Take a ticket back, with a reason."""
    form = WithdrawForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["reason"]:
        if form.is_valid():
            form.add_error("reason", _("Write why the ticket is withdrawn. At most 300 characters."))
        return _ticket_page(request, ticket_id, form, status=422)
    data = form.cleaned_data
    commands.withdraw_ticket(actor=request.actor, ticket_id=ticket_id, reason=data["reason"], key=data["form_key"])
    messages.success(request, _("The ticket is withdrawn. The patient can no longer use it."))
    return go(request, reverse("handover:ticket", args=[ticket_id]))


def _form_page(request: StaffRequest, opened: OpenCase, form: TicketForm, *, status: int = 200) -> HttpResponse:
    fragment = wants_fragment(request)
    context = pages.form_context(request.actor, opened, form, dialog=fragment)
    if fragment:
        name = "handover/_ticket_form.html" if request.method == "POST" else "handover/_ticket_dialog.html"
        return render(request, name, context, status=status)
    context = staff_context(request, nav="case", case=opened.case) | context
    return render(request, "handover/ticket_form.html", context, status=status)


def _with_anamnesis(request: StaffRequest, opened: OpenCase) -> HttpResponse:
    """*Hämta anamnes*: an explicit act, logged; everything else that was typed stays (HOV-17)."""
    case_access.any_case(actor=request.actor, public_id=opened.case.public_id, purpose="copy", log=True)
    typed = request.POST.copy()
    text, known = typed.get("anamnesis", "").strip(), anamnesis_for(opened.case) or opened.case.free_text
    if known and known not in text:
        typed["anamnesis"] = f"{text}\n\n{known}".strip()
    form = TicketForm(initial={name: _initial(typed, name) for name in TicketForm.base_fields})
    return _form_page(request, opened, form)


def _initial(typed: Any, name: str) -> Any:
    return typed.getlist(name) if name == "question_forms" else typed.get(name)


def _ticket_page(request: StaffRequest, ticket_id: UUID, form: WithdrawForm, *, status: int = 200) -> HttpResponse:
    found, basis = access.staff_ticket(actor=request.actor, public_id=ticket_id)
    row = pages.row_context(found, request.actor)
    context = staff_context(request, nav="case")
    context |= pages.content_context(found, receiver=basis == access.RECEIVER)
    context |= {"row": row, "form": form, "may_withdraw": basis == access.ISSUER and row["live"]}
    if basis == access.ISSUER:
        context["issuing_case_url"] = reverse("cases:case", args=[found.issuing_case.public_id])
    return render(request, "handover/ticket.html", context, status=status)


def _head(request: StaffRequest, opened: OpenCase) -> dict[str, Any]:
    return head_context(request, opened, case_queries.case_card(opened.case), tab="tickets")
