"""A waiting case before it is taken: beside the list or as a page of its own (QUE-09, QUE-13)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases import access, queries, shown
from cases.errors import HeldByColleague, clock_text
from cases.forms import new_form_key
from cases.views.case import uploads_context
from cases.views.frame import go, staff_context
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.views import wants_fragment


@staff_page
@never_cache
@require_GET
def preview(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Every showing is logged by the door; a case taken meanwhile shows only who holds it."""
    try:
        opened = access.preview_case(actor=request.actor, public_id=public_id)
    except HeldByColleague as held:
        return _answer(request, {"held": held}, status=200)
    if opened.basis not in access.PREVIEW_BASES:
        return (
            go(request, reverse("cases:case", args=[public_id]))
            if wants_fragment(request)
            else redirect("cases:case", public_id)
        )
    context = {"case": preview_context(opened), "opened": opened, "form_key": new_form_key()}
    if opened.reads_chat and opened.case.offered_at is None:  # the panel of an offer brings its own
        lines = queries.timeline(opened.case)
        context["chat_messages"] = [shown.message_context(line, opened.case.public_id) for line in lines]
    return _answer(request, context)


def preview_context(opened: access.OpenCase) -> dict[str, Any]:
    """What the sheet shows of the case itself; answers and triage result come from triage by URL."""
    case, card = opened.case, queries.case_card(opened.case)
    person = card.person
    return {
        "public_id": str(case.public_id),
        "urgency": case.urgency,
        "urgency_word": card.urgency_label,
        "arrived_at": case.arrived_at,
        "name": person.name,
        "protected": person.masked,
        "age": person.age_text,
        "sex": person.sex_text,
        "reason": case.contact_reason,
        "entrance": case.get_kind_display(),
        "listing": _listing(opened, card),
        "role_name": (case.offered_role or case.role).name,
        "other_role": opened.other_role,
        "giver_id": case.holder_id if case.offered_at is not None else None,
        # It waits in another unit's queue and is taken where the offer is shown (handover).
        "elsewhere": opened.basis == "offer" and case.offered_at is None,
        "giver": case.holder.full_name if case.offered_at is not None and case.holder else "",
        "released_at": clock_text(case.released_at) if case.released_at else "",
        "released_from": case.released_from.full_name if case.released_from else "",
        "running": case.started_at is not None,
        "starter": card.starter.name if case.started_by_id != case.patient_id else "",
        "take_url": reverse("cases:receive", args=[case.public_id]),
        "sms_possible": card.sms_possible,
        "uploads": uploads_context(card.uploads),
        "unstaffed_next_at": case.unstaffed_next_at if case.unstaffed_warned_at else None,
        "unstaffed_warned_at": case.unstaffed_warned_at,
    }


def _listing(opened: access.OpenCase, card: queries.CaseCard) -> str:
    if card.listed_unit:
        return _("Listed at %(unit)s") % {"unit": card.listed_unit}
    if opened.case.patient.listed_unit_id is None:
        return _("Listing not known")
    return _("Listed here")


def _answer(request: StaffRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "cases/_preview.html", context, status=status)
    return render(request, "cases/preview.html", staff_context(request, nav="queue") | context, status=status)
