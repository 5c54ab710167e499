"""Residents: the card in the chat, the request with its information on fees, the call (VID-03, FEE-06)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access
from cases.calls import commands, queries, rules
from cases.calls.access import may_take_part, policy_of
from cases.calls.errors import FeeTextChanged
from cases.calls.models import Call
from cases.calls.states import CallState
from cases.calls.views.frame import call_context, call_of, version_of_call
from cases.forms import new_form_key
from cases.views.frame import post_key
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.audit.refusals import Invalid
from direkt1177.middleware import open_devices
from direkt1177.residents.queries import person_view


@resident_page
@never_cache
@require_GET
def card(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The banner in the chat: somebody wants to call, or the call goes on; nothing else."""
    opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
    call = queries.open_call(opened.case) if opened.works else None
    mine = call is not None and call.state == CallState.ACCEPTED and may_take_part(request.actor, opened.case, call)
    context = {"case_id": str(public_id), "call": call, "mine": mine, "form_key": new_form_key()}
    return render(request, "calls/_card.html", context)


@resident_page
@never_cache
@require_GET
def call(request: ResidentRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """The request with what it may cost, then the call, then that it is over: all at one address."""
    version = version_of_call(call_id)
    opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
    found = call_of(opened, call_id)
    return _page(request, opened, found, version)


@resident_page
@require_POST
def answer(request: ResidentRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """Accept or decline; with other information on fees than was shown, the request is shown again."""
    key, chosen = post_key(request), request.POST.get("answer")
    if chosen == "decline":
        commands.decline_call(actor=request.actor, case_id=public_id, call_id=call_id, key=key)
        return redirect("cases:mine_case", public_id)
    if chosen != "accept":
        raise Invalid
    version = request.POST.get("fee_version", "")
    try:
        commands.accept_call(
            actor=request.actor, case_id=public_id, call_id=call_id, fee_version=version, key=key
        )  # fmt: skip
    except FeeTextChanged as refusal:
        opened = access.resident_case(actor=request.actor, public_id=public_id, log=None)
        found = call_of(opened, call_id)
        return _page(request, opened, found, 0, refusal=refusal)
    return redirect("calls:mine", public_id, call_id)


def _page(
    request: ResidentRequest,
    opened: access.OpenCase,
    call: Call,
    version: int,
    *,
    refusal: FeeTextChanged | None = None,
) -> HttpResponse:
    context = call_context(opened, call, side="resident", after=version)
    if call.state == CallState.REQUESTED:
        policy = policy_of(opened.case)
        person = person_view(opened.case.patient)
        own = opened.case.started_by_id == opened.case.patient_id
        context |= {
            "fee_text": policy.fee_text,
            "fee_version": policy.fee_text_version,
            "child": "" if own or person.masked else person.first_name,
            "refusal": refusal,
            "back_url": context["case_url"],
        }
        status = refusal.status if refusal else 200
        return open_devices(render(request, "calls/request.html", context, status=status))
    if not rules.is_open(call.state) or not may_take_part(request.actor, opened.case, call):
        return render(request, "calls/over.html", context)
    return open_devices(render(request, "calls/call.html", context))
