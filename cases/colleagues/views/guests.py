"""Inviting, changing and ending guests, and *Besök som gäst* (CHT-14..18, QUE-07)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access as case_access
from cases import names
from cases.colleagues import access, commands, queries, rules, shown
from cases.colleagues.errors import NoGuest
from cases.colleagues.views.internal import pane_context
from cases.forms import new_form_key
from cases.views.frame import go, post_key, staff_context, versions_of
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.residents.queries import person_view
from direkt1177.views import wants_fragment


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def invite(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Bjud in vårdpersonal*: unit, role, who is on duty, search by name (CHT-14)."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    if opened.basis != "holder":
        raise NotFound
    if request.method == "GET":
        return _invite_page(request, opened)
    mode = request.POST.get("mode", "")
    try:
        user_id, unit_id = _chosen(request.POST.get("to", ""))
        commands.invite_guest(
            actor=request.actor, case_id=public_id, user_id=user_id, unit_id=unit_id, mode=mode, key=post_key(request)
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _invite_page(request, opened, error=str(refusal.message), mode=mode, status=refusal.status)
    messages.success(request, _("The colleague is invited. You still have the case and its documentation."))
    return go(request, f"{reverse('cases:case', args=[public_id])}?internt")


@staff_page
@never_cache
@require_GET
def listed(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Who the guests are, with what the holder or the guest may do about it."""
    return render(request, "colleagues/_guests.html", pane_context(request, public_id))


@staff_page
@require_POST
def change_mode(request: StaffRequest, public_id: UUID, guest_id: UUID) -> HttpResponse:
    """Consult or take part (CHT-16)."""
    mode = request.POST.get("mode", "")
    commands.change_guest_mode(actor=request.actor, case_id=public_id, guest_id=guest_id, mode=mode)
    return go(request, f"{reverse('cases:case', args=[public_id])}?internt")


@staff_page
@require_POST
def end(request: StaffRequest, public_id: UUID, guest_id: UUID) -> HttpResponse:
    """*Ta bort*, or *Lämna* by the guest."""
    opened = case_access.any_case(actor=request.actor, public_id=public_id)
    commands.end_guest(actor=request.actor, case_id=public_id, guest_id=guest_id)
    if opened.basis == "holder":
        return go(request, f"{reverse('cases:case', args=[public_id])}?internt")
    messages.success(request, _("You have left the visit."))
    return go(request, reverse("cases:start"))


@staff_page
@never_cache
@require_GET
def mine(request: StaffRequest) -> HttpResponse:
    """*Besök som gäst*: a section of *Startsida*, or a page of its own (CHT-15, QUE-07)."""
    feed = names.me_feed(request.actor.key)
    (version,) = versions_of(feed)
    context = {"visits": shown.visit_context(access.list_visits(actor=request.actor))}
    if wants_fragment(request):
        return render(request, "colleagues/_mine.html", context)
    context |= staff_context(request, nav="start") | {"feed": feed, "after": version}
    return render(request, "colleagues/mine.html", context)


def _chosen(value: str) -> tuple[int, int]:
    """User and unit as the list sends them.

    Raises:
        NoGuest: nothing, or no such form.
    """
    user, _sep, unit = value.partition(":")
    if not (user.isascii() and user.isdecimal() and unit.isascii() and unit.isdecimal()) or len(value) > 20:
        raise NoGuest
    return int(user), int(unit)


def _invite_page(
    request: StaffRequest, opened: case_access.OpenCase, *, error: str = "", mode: str = "", status: int = 200
) -> HttpResponse:
    case = opened.case
    context = {
        "case": case,
        "case_id": str(case.public_id),
        "person": person_view(case.patient),
        "units": queries.colleagues(request.actor, case),
        "possible": rules.has_guests(case.state, case.holder_id),
        "mode": mode if mode in ("consult", "participate") else "consult",
        "invite_error": error,
        "form_key": new_form_key(),
    }
    if wants_fragment(request):
        name = "colleagues/_invite_form.html" if request.method == "POST" else "colleagues/_invite_dialog.html"
        return render(request, name, context, status=status)
    context |= staff_context(request, nav="case", case=case)
    return render(request, "colleagues/invite.html", context, status=status)
