"""Staff: the buttons above the chat, the call's window, trying out the hardware (VID-01..06, AUTH-14)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access
from cases.calls import commands, queries, rules
from cases.calls.access import policy_of
from cases.calls.views.frame import call_context, call_of, phone_context, version_of_call
from cases.calls.words import hardware_words
from cases.forms import new_form_key
from cases.views.frame import post_key, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.middleware import open_devices
from direkt1177.residents.queries import person_view


@staff_page
@never_cache
@require_GET
def hardware(request: StaffRequest) -> HttpResponse:
    """*Hårdvara*: try out camera, microphone and sound before a call (AUTH-14)."""
    context = staff_context(request, nav="settings") | {"texts": hardware_words()}
    return open_devices(render(request, "calls/hardware.html", context))


@staff_page
@never_cache
@require_GET
def panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The icons above the chat, or the call that is asked for or going on; fetched again when that changes."""
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    case = opened.case
    call = queries.open_call(case) if opened.works else None
    possible = opened.works and call is None and rules.may_request(case.state)
    context = phone_context(opened) | {
        "case_id": str(case.public_id),
        "call": call,
        "possible": possible,
        "online": possible and queries.is_online(case),
        "works": opened.works,
        "protected": person_view(case.patient).masked,
        "interpreter": policy_of(case).language_support == "interpreter_by_phone_or_video",
        "form_key": new_form_key(),
    }
    return render(request, "calls/_panel.html", context)


@staff_page
@require_POST
def request_call(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Ask the patient; the window of the call opens at once and waits for the answer (VID-03, VID-04)."""
    kind = request.POST.get("kind", "")
    asked = commands.request_call(actor=request.actor, case_id=public_id, kind=kind, key=post_key(request))
    return redirect("calls:call", public_id, asked.call_id)


@staff_page
@never_cache
@require_GET
def call(request: StaffRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """The window of a call (VID-04); when it is over, that it is."""
    version = version_of_call(call_id)
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    found = call_of(opened, call_id)
    context = call_context(opened, found, side="staff", after=version) | phone_context(opened)
    if not rules.is_open(found.state):
        return render(request, "calls/over.html", context)
    return open_devices(render(request, "calls/call.html", context))
