"""Sending without the socket: text and images of staff and residents, and the phrases (CHT-01, 02, 10)."""

from __future__ import annotations

from itertools import groupby
from typing import cast
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import commands
from cases.forms import ImageForm, MessageForm
from cases.models import Phrase
from cases.views.case import unsent as unsent_by_staff
from cases.views.resident import unsent as unsent_by_resident
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit import limits
from direkt1177.audit.refusals import Invalid, NotFound, Refusal, SignInNeeded
from direkt1177.views import render_refusal, wants_fragment, wants_json


@require_POST
def send(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One line of text from a plain form; what was typed stays on the page when it is refused."""
    actor = _actor(request)
    words = request.POST.get("text", "")
    form = MessageForm({"text": words, "client_id": _client_id(request)})
    try:
        if not form.is_valid():
            raise Invalid(next(iter(next(iter(form.errors.values())))))
        data = form.cleaned_data
        limits.require("message", actor.key)
        commands.send_message(actor=actor, case_id=public_id, client_id=data["client_id"], text=data["text"])
    except NotFound:
        raise
    except Refusal as refusal:
        if wants_fragment(request) or wants_json(request):
            raise
        messages.error(request, refusal.message)
        page = unsent_by_staff if isinstance(actor, StaffActor) else unsent_by_resident
        return page(request, public_id, words=words, status=refusal.status)
    return redirect(_page_of(actor), public_id)


@require_POST
def send_image(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One image; the script gets JSON, a plain form the page again."""
    actor = _actor(request)
    form = ImageForm({"client_id": _client_id(request)}, request.FILES)
    try:
        if not form.is_valid():
            raise Invalid(next(iter(next(iter(form.errors.values())))))
        limits.require("image", actor.key)
        sent = commands.send_image(
            actor=actor,
            case_id=public_id,
            client_id=form.cleaned_data["client_id"],
            file=form.cleaned_data["image"].file,
        )
    except Refusal as refusal:
        if not wants_json(request):
            return render_refusal(request, refusal)
        error = {"code": refusal.code, "message": str(refusal.message)}
        return JsonResponse({"ok": False, "error": error}, status=refusal.status)
    if wants_json(request):
        return JsonResponse({"ok": True, "seq": sent.seq})
    return redirect(_page_of(actor), public_id)


@staff_page
@never_cache
@require_GET
def phrases(request: StaffRequest) -> HttpResponse:
    """Phrases to choose from: the region's, the unit's, one's own (CHT-02); the chosen one lands in the box."""
    actor = request.actor
    found = Phrase.objects.filter(active=True).filter(
        Q(level=Phrase.Level.NATIONAL)
        | Q(level=Phrase.Level.UNIT, unit_id=actor.unit_id)
        | Q(level=Phrase.Level.PERSONAL, user_id=actor.user_id)
    )
    rows = list(found.order_by("category", "title", "pk"))
    groups = [(category, list(items)) for category, items in groupby(rows, key=lambda phrase: phrase.category)]
    return render(request, "cases/_phrases.html", {"groups": groups, "empty": _("There are no phrases yet.")})


def _actor(request: HttpRequest) -> AnyActor:
    actor = getattr(request, "actor", None)
    if actor is None:
        raise SignInNeeded
    return cast("AnyActor", actor)


def _client_id(request: HttpRequest) -> str:
    """The message's own id: header of the script, hidden field of the form."""
    return request.headers.get("Idempotency-Key") or request.POST.get("key") or uuid4().hex


def _page_of(actor: AnyActor) -> str:
    return "cases:case" if isinstance(actor, StaffActor) else "cases:mine_case"
