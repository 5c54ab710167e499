"""The panel *Triage resultat och prioritet* of case page and preview, fetched by URL (TRI-09, TRI-10)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.access import any_case
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from triage import tickets
from triage.queries import triage_result


@require_GET
@staff_page
def result_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Fragment: what the resident answered. The page around it has logged the opening; this reads the same case."""
    opened = any_case(actor=request.actor, public_id=public_id)
    result = triage_result(opened.case)
    page = {
        "case": opened.case,
        "result": result,
        "documented": tickets.documented(result.ticket) if result is not None and result.ticket is not None else (),
        "prefix": request.GET.get("prefix", "")[:1] if request.GET.get("prefix") == "p" else "",
    }
    return render(request, "triage/_result_panel.html", page)
