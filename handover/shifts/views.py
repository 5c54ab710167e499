"""*Avsluta skift*: what is left, how it was, and out (SHF-03, SHF-05, SHF-06)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.forms import new_form_key
from cases.views.frame import case_lines, log_shown, staff_context
from direkt1177.accounts.commands import note_signed_out
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from handover.shifts import queries
from handover.shifts.commands import end_shift
from handover.shifts.errors import CasesRemain
from handover.shifts.forms import EndShiftForm
from journal.queries import unsigned_of


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def end_shift_page(request: StaffRequest) -> HttpResponse:
    """List what is left; end the shift and sign out when nothing stands in the way."""
    form = EndShiftForm(request.POST or None, initial={"form_key": new_form_key()})
    if request.method == "POST":
        if form.is_valid():
            try:
                end_shift(
                    actor=request.actor, satisfied=form.cleaned_data["satisfied"], key=form.cleaned_data["form_key"]
                )
            except CasesRemain as refusal:
                return _page(request, form, status=refusal.status, refusal=refusal)
            note_signed_out(actor=request.actor)
            logout(request)
            messages.success(request, _("Your shift has ended and you are signed out."))
            response = redirect("accounts:staff_sign_in")
            # Nothing of the patients stays in the browser: cached pages, drafts.
            response["Clear-Site-Data"] = '"cache", "storage"'
            return response
        return _page(request, form, status=422)
    return _page(request, form)


def _page(
    request: StaffRequest, form: EndShiftForm, *, status: int = 200, refusal: CasesRemain | None = None
) -> HttpResponse:
    left = queries.remaining(request.actor)
    unsigned = unsigned_of(request.actor.user_id, request.actor.unit_id)
    cases = [*left.blocking, *left.staying, *(item.case for item in unsigned)]
    log_shown(request.actor, "end_shift", cases)
    lines = case_lines(cases)
    context: dict[str, Any] = staff_context(request, nav="end_shift") | {
        "form": form,
        "blocking": [lines[case.pk] for case in left.blocking],
        "staying": [lines[case.pk] for case in left.staying],
        "unsigned": [lines[item.case.pk] for item in unsigned],
        "waiting": left.waiting,
        "refusal": refusal,
    }
    return render(request, "handover/end_shift.html", context, status=status)
