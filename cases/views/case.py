"""The case page: a frame whose panels come from the apps that own them, and what the holder may do (CAS-04..09)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access, commands, names, queries, rules, shown
from cases.colleagues.names import internal_feed
from cases.colleagues.queries import may_read as reads_internal
from cases.colleagues.views.internal import pane_context
from cases.errors import HeldByColleague, NotTaken, clock_text
from cases.forms import CloseForm, ProtectedForm, UrgencyForm, new_form_key
from cases.models import Case, Upload
from cases.queries.earlier import visits_open_to
from cases.slots import TICKETS, case_menu, slots
from cases.states import CaseState
from cases.views.frame import case_lines, go, log_shown, post_key, staff_context, versions_of
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound, Refusal, StaleVersion
from direkt1177.residents.commands import set_protected
from direkt1177.residents.queries import guardians_of, person_view
from direkt1177.units.clock import now
from direkt1177.units.names import unit_names_at
from direkt1177.units.policies import policy
from direkt1177.views import wants_fragment

TABS = {"": "visit", "patientinfo": "patient", "biljetter": "tickets", "besok": "visits"}


@staff_page
@never_cache
@require_GET
def case(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Open the case (logged). In the queue: to the preview. Held by a colleague: only who and since when."""
    versions = _versions(public_id)
    try:
        opened = access.open_case(actor=request.actor, public_id=public_id)
    except NotTaken:
        return redirect("cases:preview", public_id)
    except HeldByColleague as held:
        return render(request, "cases/held.html", staff_context(request, nav="case") | {"held": held})
    return case_page(request, opened, versions=versions)


@staff_page
@never_cache
@require_GET
def case_head(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Strip and tabs, fetched again when state, urgency or masking change; the page is open already."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    context = head_context(request, opened, queries.case_card(opened.case))
    return render(request, "cases/_case_head.html", context)


@staff_page
@require_POST
def start_visit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Starta besök* (CAS-04)."""
    commands.start_visit(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The visit has started and the welcome message has been sent."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def put_back(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Lägg tillbaka* while the visit has not started."""
    commands.put_back_case(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The case is back in the queue with its original time."))
    return go(request, reverse("cases:queue"))


@staff_page
@require_POST
def close_visit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Avsluta besök* with or without follow-up (CAS-08)."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    form = CloseForm(policy(opened.case.unit).follow_up_max_days, request.POST)
    if not form.is_valid():
        return _dialog(request, opened, "close", form)
    days = form.cleaned_data["follow_up_days"]
    commands.close_visit(actor=request.actor, case_id=public_id, follow_up_days=days, key=post_key(request))
    messages.success(request, _("The visit is closed. Check the note and sign it."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def change_urgency(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another urgency, with history (TRI-11)."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    form = UrgencyForm(request.POST)
    if not form.is_valid():
        return _dialog(request, opened, "urgency", form)
    data = form.cleaned_data
    if data["urgency"] == opened.case.urgency and data["version"] == opened.case.version:
        form.add_error("urgency", _("The case has that urgency already. Choose another one."))
        return _dialog(request, opened, "urgency", form)
    try:
        commands.change_urgency(
            actor=request.actor,
            case_id=public_id,
            urgency=data["urgency"],
            reason=data["reason"],
            version=data["version"],
            key=post_key(request),
        )
    except StaleVersion as refusal:
        form.add_error(None, str(refusal.message))
        return _dialog(request, opened, "urgency", form, status=refusal.status)
    messages.success(request, _("The urgency is changed."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def protect(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Skyddad Identitet* of Patientinfo; masks at once (ENT-29)."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    if not opened.works:
        raise NotFound
    form = ProtectedForm(request.POST)
    error = ""
    if form.is_valid():
        try:
            set_protected(actor=request.actor, person_id=opened.case.patient_id, value=form.cleaned_data["protected"])
        except Refusal as refusal:
            error = str(refusal.message)
    else:
        error = str(next(iter(form.errors.values()))[0])
    if not wants_fragment(request) and not error:
        return redirect(f"{reverse('cases:case', args=[public_id])}?flik=patientinfo")
    opened.case.patient.refresh_from_db()
    status = 422 if error else 200
    context = patient_context(opened.case) | {"panel_error": error}
    if wants_fragment(request):
        return render(request, "residents/_info_panel.html", context, status=status)
    return case_page(request, opened, tab="patient", status=status, more=context)


@staff_page
def unsent(request: StaffRequest, public_id: UUID, *, words: str, status: int) -> HttpResponse:
    """The page again with a message that was refused: what was typed stays."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    return case_page(request, opened, tab="visit", status=status, more={"draft": words})


@staff_page
@require_POST
def copied(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Something of the case or its preview was copied: a row in the read log (AUTH-18, JOU-05, L-09)."""
    access.any_case(actor=request.actor, public_id=public_id, purpose="copy", log=True)
    return HttpResponse(status=204)


def uploads_context(uploads: Iterable[Upload]) -> list[dict[str, Any]]:
    """Pictures of the interview as the facts panel lists them."""
    return [
        {
            "url": reverse("cases:image", args=[upload.public_id]),
            "thumb_url": reverse("cases:thumbnail", args=[upload.public_id]),
            "alt": _("Image from the patient, number %(n)s") % {"n": number},
            "at": upload.created_at,
        }
        for number, upload in enumerate(uploads, start=1)
    ]


def patient_context(case: Case) -> dict[str, Any]:
    """Context of ``residents/_info_panel.html``."""
    person = person_view(case.patient)
    return {
        "person": person,
        "guardians": guardians_of(case.patient_id) if person.age < 18 else [],
        "responsible_id": case.started_by_id if case.started_by_id != case.patient_id else None,
        "set_protected_url": reverse("cases:protect", args=[case.public_id]),
    }


def head_context(
    request: StaffRequest, opened: access.OpenCase, card: queries.CaseCard, *, tab: str = "visit"
) -> dict[str, Any]:
    """The patient strip, what may be done now, the tabs."""
    case, person = opened.case, card.person
    state = CaseState(case.state)
    holds, takes_part = opened.works, opened.takes_part
    return {
        "opened": opened,
        "case": case,
        "case_id": str(case.public_id),
        "card": card,
        "person": person,
        "tab": tab,
        "status_word": shown.status_word(case.state),
        "may_start": rules.may_start(state, holds=holds),
        "may_put_back": rules.may_put_back(state, holds=holds),
        "may_close": rules.may_close(state, holds=holds),
        "may_resume": takes_part and state == CaseState.PAUSED,
        "resume_due": case.resume_at is not None and case.resume_at <= now(),
        "menu_entries": case_menu.of(opened),
        "has_tickets": slots.any(TICKETS, opened),
        "offer": offer_context(case),
        "reads_as": opened.basis if opened.basis in access.READER_BASES else "",
        "may_change_urgency": rules.may_change_urgency(state, holds=takes_part, own_role=False),
        "guest_of": case.holder.full_name if opened.basis in access.GUEST_BASES and case.holder else "",
        "may_write_as_guest": opened.takes_part,
        "form_key": new_form_key(),
        "staff_feed": names.staff_chat_feed(case.public_id),
        "band": "abcd"[case.pk % 4],
    }


def offer_context(case: Case) -> dict[str, Any] | None:
    """To whom a held case is offered and since when (HOV-01); None when it is not."""
    if case.offered_at is None or case.offered_unit is None:
        return None
    to = case.offered_role.name if case.offered_role else case.offered_user.full_name if case.offered_user else ""
    unit = case.offered_unit.name if case.offered_unit_id != case.unit_id else ""
    return {"to": f"{to}, {unit}" if unit else to, "since": clock_text(case.offered_at)}


def case_page(
    request: StaffRequest,
    opened: access.OpenCase,
    *,
    tab: str = "",
    versions: dict[str, int] | None = None,
    status: int = 200,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    """The page of an open case.

    Args:
        request, opened: who looks at what.
        tab: of ``TABS``; by default the one in the address.
        versions: of its feeds, taken before the case was read.
        status: of the answer.
        more: further context: a form that was refused, for example.
    """
    case = opened.case
    tab = tab or TABS.get(request.GET.get("flik", ""), "visit")
    card = queries.case_card(case)
    versions = versions or _versions(case.public_id)
    context = staff_context(request, nav="case", case=case) | head_context(request, opened, card, tab=tab)
    context["staff_after"] = versions["staff"]
    if tab == "patient":
        context |= patient_context(case)
    elif tab == "visits":
        context["visits"] = _visits(request, case)
    elif tab == "tickets":
        pass  # comes from the app that has them
    else:
        context |= _visit_context(request, opened, card, versions["patient"])
    return render(request, "cases/case.html", context | (more or {}), status=status)


def _visit_context(
    request: StaffRequest, opened: access.OpenCase, card: queries.CaseCard, after: int
) -> dict[str, Any]:
    case = opened.case
    key = new_form_key()
    return _internal_context(request, opened) | {
        "uploads": uploads_context(card.uploads),
        "chat_messages": [shown.message_context(message, case.public_id) for message in queries.timeline(case)],
        "feed": names.patient_chat_feed(case.public_id),
        "after": after,
        "me": request.actor.key,
        "read_seq": case.patient_seen_seq,
        "my_read_seq": case.staff_seen_seq,
        "can_write": card.may_write and opened.takes_part,
        "why_not": _why_not(opened),
        "send_url": reverse("cases:send", args=[case.public_id]),
        "upload_url": reverse("cases:send_image", args=[case.public_id]),
        "close_form": CloseForm(card.policy.follow_up_max_days, initial={"key": key}),
        # What led here asks for Avsluta besök next (HOV-18).
        "close_open": "avsluta" in request.GET,
        "urgency_form": UrgencyForm(initial={"urgency": case.urgency, "version": case.version}),
        "urgency_words": card.policy.urgency_labels,
        "last_day": rules.last_day(case.follow_up_until),
        "follow_up_max": card.policy.follow_up_max_days,
    }


def _internal_context(request: StaffRequest, opened: access.OpenCase) -> dict[str, Any]:
    """The internal chat: its feed for the icon, and the pane where it is asked for, or for guests (CHT-13)."""
    if not reads_internal(opened.basis, opened.case):
        return {"internal_feed": "", "show_internal": False}
    if "internt" in request.GET or opened.basis in access.GUEST_BASES:
        return pane_context(request, opened.case.public_id) | {"show_internal": True}
    return {"internal_feed": internal_feed(opened.case.public_id), "show_internal": False}


def _visits(request: StaffRequest, case: Case) -> list[Any]:
    found = visits_open_to(request.actor, patient_id=case.patient_id, besides=case.pk)
    log_shown(request.actor, "visits", found)
    lines = case_lines(found)
    names = unit_names_at([(item.unit, item.arrived_at) for item in found])  # as they were then (UCH-03)
    return [
        {
            "line": lines[item.pk],
            "arrived_at": item.arrived_at,
            "role": item.role.name,
            "kind": item.get_kind_display(),
            "unit": names[item.unit_id, item.arrived_at],
        }
        for item in found
    ]


def _why_not(opened: access.OpenCase) -> str:
    case = opened.case
    if opened.basis in access.READER_BASES:
        if case.holder is None:
            return (
                _("You may read the case. Nobody has it just now; it lies in the queue.")
                if case.is_open
                else _("The visit is closed. Nothing more can be written here.")
            )
        return _("You may read the case. %(name)s has it and answers the patient.") % {"name": case.holder.full_name}
    if opened.basis in access.GUEST_BASES and not opened.takes_part:
        return _("You are a guest and consult internally. Write in the internal chat at the right.")
    if case.state == CaseState.RECEIVED:
        return _("Start the visit to write to the patient.")
    if case.state == CaseState.ASYNCHRONOUS:
        return _("The follow-up has ended. Nothing more can be written here.")
    return _("The visit is closed. Nothing more can be written here.")


def _versions(public_id: UUID) -> dict[str, int]:
    patient, staff = versions_of(names.patient_chat_feed(public_id), names.staff_chat_feed(public_id))
    return {"patient": patient, "staff": staff}


def _dialog(
    request: StaffRequest, opened: access.OpenCase, name: str, form: CloseForm | UrgencyForm, *, status: int = 422
) -> HttpResponse:
    """The dialog again, with what was typed and what to change; a whole page where there is no script."""
    if not (opened.takes_part if name == "urgency" else opened.works):
        raise NotFound
    card = queries.case_card(opened.case)
    more = {f"{name}_form": form, f"{name}_open": True}
    if wants_fragment(request):
        context = head_context(request, opened, card) | more | {"urgency_words": card.policy.urgency_labels}
        return render(request, f"cases/_{name}_form.html", context, status=status)
    return case_page(request, opened, tab="visit", status=status, more=more)
