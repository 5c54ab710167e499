"""Closing time at the own desk, the coordinator's place on *Startsida*, and the own cases of a day (ORG-22, ORG-24)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import shown
from cases.forms import new_form_key
from cases.views.frame import case_lines, go, log_shown, post_key, staff_context, versions_of
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotAllowed
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.queries import closed_now
from direkt1177.units.staffed_time import STOCKHOLM
from direkt1177.views import wants_fragment
from handover import names
from handover.acknowledgements.queries import count_for, outstanding_at
from handover.offers.queries import of_giver, of_unit
from handover.shifts import board, closing_commands, queries, words
from handover.shifts.forms import DayForm
from handover.shifts.overseers import COORDINATOR


@staff_page
@require_POST
def tell_closing_now(request: StaffRequest) -> HttpResponse:
    """One click: the named patients, or all untold ones of the own list or, for a coordinator, of the unit (HRS-05)."""
    actor = request.actor
    chosen = request.POST.getlist("case")
    if not chosen:
        whole = request.POST.get("all") == "unit" and COORDINATOR in actor.permissions
        cases = queries.untold(actor.unit_id, words.midnight(now()), holder_id=None if whole else actor.user_id)
        chosen = [str(case.public_id) for case in cases]
    told = closing_commands.tell_closing(actor=actor, case_ids=chosen[: queries.LIMIT], key=post_key(request))
    text = ngettext("%(n)s patient has been told.", "%(n)s patients have been told.", told)
    messages.success(request, text % {"n": told})
    return go(request, _back(request))


@staff_page
@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """*Jag fortsätter*."""
    closing_commands.go_on_after_closing(actor=request.actor)
    messages.success(request, _("Your cases stay with you."))
    return go(request, _back(request))


@staff_page
@require_POST
def still_here(request: StaffRequest) -> HttpResponse:
    """The browser says, now and then, that somebody is typing."""
    closing_commands.note_writing(actor=request.actor)
    return HttpResponse(status=204)


@staff_page
@never_cache
@require_GET
def coordinator(request: StaffRequest) -> HttpResponse:
    """The coordinator's one place, as a section of *Startsida* or as a page (ORG-22)."""
    actor = request.actor
    if COORDINATOR not in actor.permissions:
        if wants_fragment(request):
            return HttpResponse()  # the section of others stays empty
        raise NotAllowed
    unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    feed = names.coordinator_feed(unit.pk)
    (version,) = versions_of(feed)
    context = {
        "counts": board.counts(unit),
        "offers": len(of_unit(actor)),
        "acknowledgements": len(outstanding_at(actor)),
        "unstaffed": board.unstaffed_roles(unit),
        "closed": closed_now(unit),
        "unit": unit,
        "feed": feed,
        "after": version,
    }
    if wants_fragment(request):
        return render(request, "handover/shifts/_coordinator.html", context)
    return render(request, "handover/shifts/coordinator.html", staff_context(request, nav="start") | context)


@staff_page
@never_cache
@require_GET
def closing_panel(request: StaffRequest) -> HttpResponse:
    """Asks whether the holder goes on, as long as the warning stands (SHF-08)."""
    actor = request.actor
    context = {"warned": queries.is_warned(actor.user_id, actor.unit_id), "key": new_form_key()}
    if wants_fragment(request):
        return render(request, "handover/shifts/_closing_panel.html", context)
    return render(request, "handover/shifts/closing_panel.html", staff_context(request, nav="start") | context)


@staff_page
@never_cache
@require_GET
def own_lists(request: StaffRequest) -> HttpResponse:
    """Where all that is one's own is found, with its number (ORG-24)."""
    actor = request.actor
    start = words.midnight(now())
    context = {
        "counts": queries.own_counts(actor.user_id, actor.unit_id, start, start + timedelta(days=1)),
        "offers": len(of_giver(actor)),
        "acknowledgements": count_for(actor),
    }
    if wants_fragment(request):
        return render(request, "handover/shifts/_own_lists.html", context)
    return render(request, "handover/shifts/own_lists.html", staff_context(request, nav="start") | context)


@staff_page
@never_cache
@require_GET
def own_day(request: StaffRequest) -> HttpResponse:
    """Own cases of a date, today unless another is chosen (ORG-24)."""
    form = DayForm(request.GET or None)
    today = now().astimezone(STOCKHOLM).date()
    day = (form.cleaned_data.get("datum") if form.is_bound and form.is_valid() else None) or today
    start = datetime.combine(day, time.min, tzinfo=STOCKHOLM)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=STOCKHOLM)
    cases = queries.own_of_day(request.actor.user_id, request.actor.unit_id, start, end)
    log_shown(request.actor, "own_day", cases)
    lines = case_lines(cases)
    rows = [
        {"line": lines[case.pk], "received_at": case.received_at, "closed_at": case.closed_at, "role": case.role.name,
         "word": shown.status_word(case.state)}
        for case in cases
    ]  # fmt: skip
    form = DayForm(initial={"datum": day}) if not form.errors else form
    context = staff_context(request, nav="start") | {"form": form, "day": day, "rows": rows}
    return render(request, "handover/shifts/own_day.html", context, status=422 if form.errors else 200)


def _back(request: StaffRequest) -> str:
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own and wanted.startswith("/personal/") else reverse("cases:start")
