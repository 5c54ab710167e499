"""Opening with a reason, *Nödöppning* and its review, *Be om överlämning* (QUE-16, QUE-21)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.errors import HeldByColleague
from cases.finding import access, commands, queries, rules
from cases.finding.forms import ReasonForm
from cases.forms import new_form_key
from cases.views.frame import staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.queries import person_view, today
from direkt1177.units.names import unit_names_at
from direkt1177.views import wants_fragment

HOURS = int(rules.READING_LASTS.total_seconds() // 3600)


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def open_found(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One visit, opened by an active choice with a reason: read only, for an hour."""
    form = ReasonForm(request.POST or None, initial={"form_key": new_form_key()})
    try:
        case, basis = access.to_open(actor=request.actor, public_id=public_id)
        if basis and request.method == "GET":
            return redirect("cases:case", public_id)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            commands.open_found(actor=request.actor, case_id=public_id, reason=data["reason"], key=data["form_key"])
            return redirect("cases:case", public_id)
    except HeldByColleague as held:
        return render(request, "cases/held.html", staff_context(request, nav="search") | {"held": held}, status=409)
    name = unit_names_at([(case.unit, case.arrived_at)])[case.unit_id, case.arrived_at].name
    context = staff_context(request, nav="search")
    context |= {"form": form, "unit_name": name, "month": case.arrived_at, "hours": HOURS}
    return render(request, "finding/open.html", context, status=422 if form.errors else 200)


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def emergency(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Nödöppning*: asks for the reason; what is opened can be read, not worked in."""
    form = ReasonForm(request.POST or None, initial={"form_key": new_form_key()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        commands.open_emergency(actor=request.actor, case_id=public_id, reason=data["reason"], key=data["form_key"])
        return redirect("cases:case", public_id)
    held = access.colleagues(actor=request.actor, public_id=public_id)
    if held is None:
        return redirect("cases:case", public_id)
    context = staff_context(request, nav="case") | {"form": form, "held": held, "hours": HOURS}
    return render(request, "finding/emergency.html", context, status=422 if form.errors else 200)


@staff_page
@require_POST
def ask_handover(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Be om överlämning* from the page that says who holds the case."""
    commands.ask_handover(actor=request.actor, case_id=public_id)
    messages.success(request, _("Your colleague has been asked to hand over the case."))
    return redirect("cases:case", public_id)


@staff_page
@never_cache
@require_GET
def openings(request: StaffRequest) -> HttpResponse:
    """The coordinator's list of emergency openings at the unit."""
    before = request.GET.get("fore", "")
    found = access.emergency_openings(
        actor=request.actor, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    rows = found[: queries.PAGE]
    context = staff_context(request, nav="start") | {
        "rows": [{"opening": row, "person": person_view(row.case.patient)} for row in rows],
        "before": rows[-1].pk if len(found) > queries.PAGE else "",
        "me": request.actor.user_id,
    }
    return render(request, "finding/openings.html", context)


@staff_page
@require_POST
def reviewed(request: StaffRequest, opening_id: UUID) -> HttpResponse:
    """*Granskad*."""
    commands.review_opening(actor=request.actor, opening_id=opening_id)
    messages.success(request, _("The opening is marked as reviewed."))
    return redirect("finding:openings")


@staff_page
@never_cache
@require_GET
def oversight(request: StaffRequest) -> HttpResponse:
    """Section of *Startsida*: who has looked through today, and what is to be reviewed (ORG-22, QUE-12)."""
    if not access.is_coordinator(request.actor):
        raise NotFound
    if not wants_fragment(request):
        return redirect("finding:openings")
    unit = request.actor.unit_id
    context = {"checks": queries.checks_of(unit, today()), "unreviewed": queries.unreviewed(unit)}
    return render(request, "finding/_oversight.html", context)
