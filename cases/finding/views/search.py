"""*Sök patient*, its result, and other visits in *Alla besök* (QUE-21)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from cases import shown
from cases.finding import access, commands, rules
from cases.finding.forms import SearchForm
from cases.views.frame import staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit import limits
from direkt1177.views import wants_fragment


@sensitive_post_parameters("number")
@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """The form; the number is only ever posted, and at most so often a minute."""
    form = SearchForm(request.POST or None)
    if request.method == "POST":
        limits.require("search", request.actor.key)
        if form.is_valid():
            data = form.cleaned_data
            made = commands.search_patient(
                actor=request.actor, personal_number=data["number"], purpose=data["purpose"], other=data["other"]
            )
            return redirect("finding:result", made)
    context = staff_context(request, nav="search") | {"form": form}
    return render(request, "finding/search.html", context, status=422 if form.errors else 200)


@staff_page
@never_cache
@require_GET
def result(request: StaffRequest, search_id: UUID) -> HttpResponse:
    """What one's own search found."""
    found = access.found(actor=request.actor, search_id=search_id)
    context = staff_context(request, nav="search") | {
        "found": found,
        "person": found.person,
        "purpose": found.search.other or found.search.get_purpose_display(),
        "until": found.search.at + rules.SEARCH_LASTS,
        **visits_context(found.visits),
    }
    return render(request, "finding/result.html", context)


@staff_page
@never_cache
@require_GET
def other_visits(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Panel of *Alla besök*: visits that the holder of this one may not open without a reason."""
    seen = access.other_visits(actor=request.actor, public_id=public_id)
    if not wants_fragment(request):
        return redirect(f"{reverse('cases:case', args=[public_id])}?flik=besok")
    return render(request, "finding/_visits.html", visits_context(seen) | {"in_case": True})


def visits_context(seen: access.Visits) -> dict[str, Any]:
    """Context of ``finding/_visits.html``; the contact reason only where the case opens."""
    return {
        "here": [
            {
                "public_id": visit.case.public_id,
                "url": reverse("cases:preview" if visit.previews else "cases:case", args=[visit.case.public_id]),
                "opens": bool(visit.basis),
                "held_by": visit.held_by,
                "closed_by": visit.case.closed_by.full_name if visit.case.closed_by else "",
                "reason": visit.case.contact_reason if visit.basis else "",
                "kind": visit.case.get_kind_display(),
                "role": visit.case.role.name,
                "state": shown.status_word(visit.case.state),
                "holder": visit.case.holder.full_name if visit.case.holder else "",
                "arrived_at": visit.case.arrived_at,
            }
            for visit in seen.here
        ],
        "elsewhere": seen.elsewhere,
    }
