"""The *vårdgivarchatt* at the right of the case page: pane, lines, icons, sending, read marks (CHT-13)."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import access as case_access
from cases.colleagues import access, commands, queries, rules, shown
from cases.colleagues.names import internal_feed
from cases.forms import new_form_key
from cases.views.frame import staff_context, versions_of
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit import limits
from direkt1177.audit.refusals import Invalid
from direkt1177.residents.queries import person_view
from direkt1177.views import wants_fragment


@staff_page
@never_cache
@require_GET
def pane(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The pane, or a page of its own without script."""
    context = pane_context(request, public_id)
    if wants_fragment(request):
        return render(request, "colleagues/_pane.html", context)
    return render(request, "colleagues/internal.html", staff_context(request, nav="case") | context)


@staff_page
@never_cache
@require_GET
def log(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The lines and the guests, fetched again when the feed says so; what is being written stays."""
    return render(request, "colleagues/_log.html", pane_context(request, public_id))


@staff_page
@never_cache
@require_GET
def icons(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The icons above the chat: invite, and the internal chat with how many lines are unread."""
    opened = case_access.any_case(actor=request.actor, public_id=public_id)
    reads = queries.may_read(opened.basis, opened.case)
    context = {
        "case_id": str(public_id),
        "reads": reads,
        "unread": queries.unread(request.actor, opened.case) if reads else 0,
        "may_invite": opened.basis == "holder" and rules.has_guests(opened.case.state, opened.case.holder_id),
    }
    return render(request, "colleagues/_icons.html", context)


@staff_page
@require_POST
def send(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One line; the script gets the lines anew, a plain form the page."""
    client_id = request.headers.get("Idempotency-Key") or request.POST.get("key") or uuid4().hex
    limits.require("message", request.actor.key)
    commands.send_internal(
        actor=request.actor, case_id=public_id, client_id=client_id, text=request.POST.get("text", "")
    )
    if wants_fragment(request):
        return render(request, "colleagues/_log.html", pane_context(request, public_id))
    response = HttpResponse(status=302)
    response["Location"] = reverse("colleagues:pane", args=[public_id])
    return response


@staff_page
@require_POST
def seen(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The pane was before somebody's eyes up to this line."""
    seq = request.POST.get("seq", "")
    if not seq.isascii() or not seq.isdecimal() or len(seq) > 9:
        raise Invalid
    commands.mark_internal_seen(actor=request.actor, case_id=public_id, seq=int(seq))
    return HttpResponse(status=204)


def pane_context(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """Context of ``colleagues/_pane.html``; the version is taken before the lines are read."""
    feed = internal_feed(public_id)
    (version,) = versions_of(feed)
    found = access.open_internal(actor=request.actor, public_id=public_id)
    opened = found.opened
    person = person_view(opened.case.patient)
    return {
        "case_id": str(public_id),
        "internal_feed": feed,
        "internal_after": version,
        "lines": [shown.line_context(line) for line in found.lines],
        "guests": shown.guest_context(found.guests),
        "last_seq": found.last_seq,
        "unread": found.unread,
        "internal_writes": found.writes,
        "manages": opened.basis == "holder",
        "me": request.actor.key,
        "me_user": request.actor.user_id,
        "person": person,
        "responsible": opened.case.holder.full_name if opened.case.holder else "",
        "form_key": new_form_key(),
    }
