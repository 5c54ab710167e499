"""*Avsluta skift*: a choice for every own case, how it was, and out (SHF-03, SHF-05, SHF-06)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cases.forms import new_form_key
from cases.models import Case
from cases.views.frame import case_lines
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.commands import note_signed_out
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.shifts import end_page, queries
from handover.shifts.commands import EndOfShift, end_shift
from handover.shifts.errors import CasesRemain, NoActiveShift
from handover.shifts.forms import WORDS, ChoiceForm, EndShiftForm
from handover.shifts.rules import Choice


@never_cache
@require_http_methods(["GET", "POST"])
def end_shift_page(request: HttpRequest) -> HttpResponse:
    """List what is left; carry out the choices, end the shift and sign out when nothing stands in the way."""
    if request.method == "POST":
        actor = getattr(request, "actor", None)
        if isinstance(actor, StaffActor) and actor.shift_id is None:
            raise NoActiveShift
        if actor is None:
            # Another tab has ended the shift and signed out: the entry page says what this press did.
            messages.info(request, _("You are signed out, so nothing was done now. The shift may have ended already."))
    return _page(request)


@staff_page
def _page(request: StaffRequest) -> HttpResponse:
    form = EndShiftForm(request.POST or None, initial={"form_key": new_form_key()})
    if request.method == "GET":
        return render(request, "handover/end_shift.html", end_page.page_context(request, form))
    forms = _forms(request)
    bad = {key: _first_error(one) for key, one in forms.items() if not one.is_valid()}
    if not form.is_valid():
        return _again(request, form, forms, bad, status=422)
    wishes = [wish for key, one in forms.items() if key not in bad and (wish := one.wish()) is not None]
    if bad and not wishes:
        return _again(request, form, forms, bad, status=422)
    try:
        result = end_shift(
            actor=request.actor,
            satisfied=form.cleaned_data["satisfied"],
            key=form.cleaned_data["form_key"],
            wishes=wishes,
        )
    except CasesRemain as refusal:
        return _again(request, form, forms, bad, status=refusal.status, refusal=refusal)
    if result.ended:
        return _signed_out(request, result)
    failed = {outcome.case: outcome.reason for outcome in result.outcomes if outcome.reason}
    remain = CasesRemain(result.left) if result.left else None
    return _again(request, form, forms, bad | failed, status=409, refusal=remain, result=result)


def _forms(request: StaffRequest) -> dict[str, ChoiceForm]:
    left = queries.remaining(request.actor)
    unit = Unit.objects.select_related("provider__region").get(pk=request.actor.unit_id)
    cases = [*left.blocking, *left.offered]
    return end_page.choice_forms(request.actor.role_id, cases, unit, policy(unit), data=request.POST)


def _again(
    request: StaffRequest,
    form: EndShiftForm,
    forms: Mapping[str, ChoiceForm],
    reasons: Mapping[str, str],
    *,
    status: int,
    refusal: CasesRemain | None = None,
    result: EndOfShift | None = None,
) -> HttpResponse:
    """The page with every choice as it was sent, what was done and why the rest was not."""
    done = [] if result is None else _done(request, result)
    context = end_page.page_context(request, form, forms=forms, reasons=reasons, done=done)
    return render(request, "handover/end_shift.html", context | {"refusal": refusal}, status=status)


def _done(request: StaffRequest, result: EndOfShift) -> list[dict[str, str]]:
    carried_out = {outcome.case: outcome.choice for outcome in result.outcomes if not outcome.reason}
    cases = list(Case.objects.filter(public_id__in=carried_out).select_related("patient", "unit"))
    lines = case_lines(cases)
    return [
        {"name": lines[case.pk].name, "words": str(WORDS[Choice(carried_out[str(case.public_id)])])} for case in cases
    ]


def _signed_out(request: StaffRequest, result: EndOfShift) -> HttpResponse:
    note_signed_out(actor=request.actor)
    logout(request)
    messages.success(request, _("Your shift has ended and you are signed out."))
    if told := _counted(result):
        # How many, never who: the next person at the screen reads it too.
        messages.info(request, told)
    response = redirect("accounts:staff_sign_in")
    # Nothing of the patients stays in the browser: cached pages, drafts.
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _counted(result: EndOfShift) -> str:
    counts = Counter(outcome.choice for outcome in result.outcomes)
    return ", ".join(f"{WORDS[choice]}: {counts[choice]}" for choice in Choice if counts[choice])


def _first_error(form: ChoiceForm) -> str:
    errors: Any = next(iter(form.errors.values()), [""])
    return str(errors[0])
