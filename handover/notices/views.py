"""The notification centre, its bell, and what a user wants to be told of (NOT-01, NOT-02)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.views.frame import staff_context
from direkt1177.accounts.models import User
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.notices import queries
from handover.notices.commands import choose_notices, open_notice, read_all
from handover.notices.errors import NoMobile
from handover.notices.forms import ChoicesForm


@staff_page
@never_cache
@require_GET
def centre(request: StaffRequest) -> HttpResponse:
    """The user's notices, latest first."""
    page = queries.page_of(request.actor, before=request.GET.get("fore", ""))
    context = {"page": page, "unread": queries.unread_count(request.actor.user_id, request.actor.unit_id)}
    return render(request, "handover/notices/centre.html", staff_context(request, nav="notices") | context)


@staff_page
@never_cache
@require_GET
def counter(request: StaffRequest) -> HttpResponse:
    """Fragment of the topbar: the bell with its number."""
    unread = queries.unread_count(request.actor.user_id, request.actor.unit_id)
    return render(request, "handover/notices/_bell.html", {"unread": unread, "user_id": request.actor.user_id})


@staff_page
@require_POST
def follow(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """To what a notice is about; it is read from now on."""
    return redirect(open_notice(actor=request.actor, public_id=public_id))


@staff_page
@require_POST
def all_read(request: StaffRequest) -> HttpResponse:
    """Mark all as read."""
    n = read_all(actor=request.actor)
    messages.success(
        request, ngettext("%(n)s notice is marked as read.", "%(n)s notices are marked as read.", n) % {"n": n}
    )
    return redirect("handover:notices")


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def choices(request: StaffRequest) -> HttpResponse:
    """*Notifieringar* of the own settings (NOT-02)."""
    actor = request.actor
    form = ChoicesForm(request.POST or None, chosen=queries.choices_of(actor.user_id))
    if request.method == "POST" and form.is_valid():
        try:
            choose_notices(actor=actor, choices=form.cleaned_data)
        except NoMobile as refusal:
            form.add_error(None, str(refusal.message))
        else:
            messages.success(request, _("Saved"))
            return redirect("handover:notice_choices")
    unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    context = {
        "form": form,
        "nav_current": "settings",
        "has_mobile": bool(User.objects.get(pk=actor.user_id).mobile),
        "phones_allowed": policy(unit).work_phones_allowed,
    }
    return render(request, "handover/notices/choices.html", context, status=422 if form.errors else 200)
