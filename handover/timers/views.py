"""The clock panel of the case page and its buttons (INA-01..07)."""

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

from cases import access
from cases.forms import new_form_key
from cases.states import CaseState
from cases.views.frame import go, post_key, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.queries import person_view
from direkt1177.units.policies import policy
from direkt1177.views import wants_fragment
from handover.timers import commands, queries
from handover.timers.errors import MISSING_WORDS, ConditionsMissing
from handover.timers.forms import PhoneForm
from handover.timers.inactivity import Missing


@staff_page
@never_cache
@require_GET
def clock_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The panel, or a page of its own without script."""
    opened = access.any_case(actor=request.actor, public_id=public_id, log=None if wants_fragment(request) else True)
    return _answer(request, opened)


@staff_page
@never_cache
@require_GET
def attempts(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """How often the patient has been tried since they last wrote, for the dialog that closes the visit (CHT-20)."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    least = policy(opened.case.unit).min_contact_attempts
    context = {"made": len(queries.attempts_of(opened.case)), "least": least}
    return render(request, "handover/timers/_attempts.html", context)


@staff_page
@require_POST
def warn(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Skicka varning* (INA-04)."""
    commands.send_warning(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The warning stands in the chat."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def remind(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Skicka SMS-påminnelse* (NOT-01 o)."""
    commands.send_sms_reminder(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The patient gets an SMS that something waits for a reply."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def phone(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Registrera telefonförsök* (INA-05)."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    if not opened.works:
        raise NotFound
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _answer(request, opened, form=form, status=422)
    commands.record_phone_attempt(
        actor=request.actor,
        case_id=public_id,
        reached=form.cleaned_data["reached"] == "yes",
        note=form.cleaned_data["note"],
        key=post_key(request),
    )
    messages.success(request, _("The phone attempt is recorded."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def close_without_reply(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Avsluta utan svar*: what is missing, what the patient gets to read; then closed (INA-02, INA-06)."""
    refusal = None
    if request.method == "POST":
        try:
            commands.close_without_reply(actor=request.actor, case_id=public_id, key=post_key(request))
        except ConditionsMissing as refused:
            refusal = refused
        else:
            messages.success(request, _("The case is closed without reply. Write a short note and sign it."))
            return go(request, reverse("cases:case", args=[public_id]))
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None if request.method == "POST" else True)
    if not opened.works:
        raise NotFound
    clock = queries.clock_of(opened.case)
    context: dict[str, Any] = staff_context(request, nav="case", case=opened.case) | {
        "case_id": public_id,
        "person": person_view(opened.case.patient),
        "clock": clock,
        "conditions": _conditions(clock),
        "refusal": refusal,
        "form_key": new_form_key(),
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "handover/timers/close_without_reply.html", context, status=status)


def _answer(
    request: StaffRequest, opened: access.OpenCase, *, form: PhoneForm | None = None, status: int = 200
) -> HttpResponse:
    clock = queries.clock_of(opened.case)
    ongoing = opened.works and opened.case.state == CaseState.STARTED
    context: dict[str, Any] = {
        "case_id": opened.case.public_id,
        "clock": clock,
        "works": opened.works,
        "may_ask": ongoing and clock.silent,
        "may_phone": opened.works and opened.case.state in (CaseState.STARTED, CaseState.PAUSED),
        "warns_in_chat": clock.policy.inactivity_warning == "chat_message",
        "phone_form": form or PhoneForm(),
        "form_key": new_form_key(),
        "refused": status == 422,
    }
    if wants_fragment(request):
        return render(request, "handover/timers/_clock.html", context, status=status)
    frame = staff_context(request, nav="case", case=opened.case)
    return render(request, "handover/timers/clock.html", frame | context, status=status)


def _conditions(clock: queries.Clock) -> list[dict[str, Any]]:
    """What must be there before closing without reply, in order, and whether it is."""
    least = clock.policy.min_contact_attempts
    lines = [
        (Missing.TIME, _("The patient's time to reply has run out")),
        (
            Missing.ATTEMPTS,
            _("Contact attempts: %(made)s of at least %(least)s") % {"made": len(clock.tried), "least": least},
        ),
    ]
    if clock.phone_needed:
        lines.append((Missing.PHONE, _("A phone attempt is recorded, needed with this urgency")))
    early = [one for one in clock.missing if one in (Missing.NOT_STARTED, Missing.OFFERED, Missing.PATIENT_WROTE)]
    found = [{"words": MISSING_WORDS[one], "ok": False} for one in early]
    if Missing.PATIENT_WROTE in early or Missing.NOT_STARTED in early:
        return found
    return [*found, *({"words": words, "ok": kind not in clock.missing} for kind, words in lines)]
