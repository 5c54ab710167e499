"""*Lämna över flera*: own cases to one role at once, with the outcome of each (HOV-11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.forms import new_form_key
from cases.models import Case
from cases.states import CaseState
from cases.views.frame import case_lines, log_shown, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.offers import picker, rules
from handover.offers.bulk import Outcome, offer_each
from handover.offers.errors import OfferRefused
from handover.offers.forms import BulkForm
from handover.offers.picker import Purpose
from handover.offers.views import offering_of

OFFERABLE = (CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS)


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def offer_many(request: StaffRequest) -> HttpResponse:
    """Choose cases and receiver; afterwards how it went with each."""
    cases = _own(request)
    choices = [(str(case.public_id), str(case.public_id)) for case in cases]
    setting = policy(Unit.objects.select_related("provider__region").get(pk=request.actor.unit_id))
    phrase = rules.phrase(setting, to=None, to_words="en kollega", reply_words="")
    if request.method == "GET":
        form = BulkForm(
            choices,
            initial={"form_key": new_form_key(), "cases": [c[0] for c in choices], "patient_message": phrase},
        )
        return _page(request, cases, form)
    form = BulkForm(choices, request.POST)
    if not form.is_valid():
        return _page(request, cases, form, status=422)
    try:
        offering = offering_of(form)
    except OfferRefused as refusal:
        form.add_error(refusal.field, str(refusal.message))
        return _page(request, cases, form, status=422)
    ids = [UUID(value) for value in form.cleaned_data["cases"]]
    outcomes = offer_each(actor=request.actor, case_ids=ids, offering=offering, key=form.cleaned_data["form_key"])
    return _page(request, cases, form, outcomes=outcomes, status=200 if any(o.offered for o in outcomes) else 409)


def _own(request: StaffRequest) -> list[Case]:
    """Own begun cases at the unit that are not offered, most urgent first."""
    held = Case.objects.filter(holder_id=request.actor.user_id, unit_id=request.actor.unit_id, state__in=OFFERABLE)
    held = held.filter(offered_at__isnull=True).select_related("patient", "unit")
    return list(held.order_by("sort_rank", "arrived_at", "pk"))


def _page(
    request: StaffRequest,
    cases: list[Case],
    form: BulkForm,
    *,
    outcomes: list[Outcome] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    log_shown(actor, "offer_many", cases)
    lines = case_lines(cases)
    by_id = {case.public_id: lines[case.pk] for case in cases}
    setting = policy(Unit.objects.select_related("provider__region").get(pk=actor.unit_id))
    chosen = form.data.get("to", "") if form.is_bound else ""
    ticked = set(form.data.getlist("cases")) if form.is_bound else {str(c.public_id) for c in cases}  # type: ignore[attr-defined]
    context: dict[str, Any] = staff_context(request, nav="start") | {
        "form": form,
        "lines": [
            {"line": lines[case.pk], "id": str(case.public_id), "checked": str(case.public_id) in ticked}
            for case in cases
        ],
        "groups": picker.tree(actor, purpose=Purpose.OFFER, chosen=chosen),
        "must_tell": rules.must_tell_patient(setting),
        "outcomes": [
            {"line": by_id.get(o.case_id), "id": str(o.case_id), "refusal": o.refusal} for o in outcomes or []
        ],
        "done": outcomes is not None,
    }
    return render(request, "handover/offer_many.html", context, status=status)
