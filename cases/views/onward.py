"""Ways on from a visit besides *Avsluta besök*: pause, go on, close and book (CAS-12, CAS-13)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cases import access, commands, rules
from cases.errors import BookingTimeRefused, PatientNotTold, PauseTimeRefused
from cases.forms import BookForm, PauseForm, new_form_key
from cases.messages import moment_words
from cases.models import Case
from cases.slots import case_menu
from cases.views.case import case_page
from cases.views.frame import go, post_key
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import Invalid, NotFound, Refusal
from direkt1177.units import queries as unit_queries
from direkt1177.units import staffed_time
from direkt1177.units.clock import now
from direkt1177.units.policies import policy
from direkt1177.views import wants_fragment

# The patient's words when a time has been booked; staff change them as they like before sending.
BOOKED_TOLD = "Du har fått en tid: {time}, {where}. Ring 1177 om du blir sämre. Ring 112 om det är fara för liv."


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def pause(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Pausa besök* as a dialog of the case page; the address of its own works without script."""
    opened = _held(request, public_id, guests=True)
    settings = policy(opened.case.unit)
    must = settings.inform_patient_on_handover == "must"
    if request.method == "GET":
        local = timezone.localtime(_next_day(opened.case))
        initial = {"date": local.date(), "time": local.time(), "message": settings.pause_text}
        return _dialog(request, opened, "pause", PauseForm(initial=initial), must=must)
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _dialog(request, opened, "pause", form, must=must, status=422)
    try:
        commands.pause_visit(
            actor=request.actor,
            case_id=public_id,
            resume_at=form.cleaned_data["moment"],
            message=form.cleaned_data["message"],
            key=post_key(request),
        )
    except Invalid as refusal:
        field = {PauseTimeRefused: "date", PatientNotTold: "message"}.get(type(refusal))
        return _refused(request, opened, "pause", form, refusal, field, must=must)
    words = moment_words(form.cleaned_data["moment"])
    messages.success(request, _("The visit is paused until %(time)s. It stays with you.") % {"time": words})
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@require_POST
def resume(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Fortsätt besöket*."""
    commands.resume_visit(actor=request.actor, case_id=public_id, key=post_key(request))
    messages.success(request, _("The visit goes on."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def book(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Avsluta och boka tid*: what was booked in the record system, and closing (CAS-13)."""
    opened = _held(request, public_id)
    if request.method == "GET":
        local = timezone.localtime(_next_day(opened.case))
        return _dialog(request, opened, "book", BookForm(initial={"date": local.date(), "message": BOOKED_TOLD}))
    form = BookForm(request.POST)
    if not form.is_valid():
        return _dialog(request, opened, "book", form, status=422)
    try:
        commands.close_and_book(
            actor=request.actor,
            case_id=public_id,
            booked_for=form.cleaned_data["moment"],
            booked_where=form.where_words(),
            message=form.cleaned_data["message"],
            key=post_key(request),
        )
    except Invalid as refusal:
        field = "date" if isinstance(refusal, BookingTimeRefused) else None
        return _refused(request, opened, "book", form, refusal, field)
    messages.success(request, _("The visit is closed and the booking is noted. Check the note and sign it."))
    return go(request, reverse("cases:case", args=[public_id]))


def register() -> None:
    """The entries of the menu that are the errand's own (CAS-07)."""

    def may_pause(opened: access.OpenCase) -> bool:
        return rules.may_pause(opened.case.state, holds=opened.takes_part)

    def may_book(opened: access.OpenCase) -> bool:
        return rules.may_close(opened.case.state, holds=opened.works) and opened.case.offered_at is None

    case_menu.register(
        gettext_lazy("Pause visit"), "cases:pause", may_pause, icon="pause", order=15, dialog=True, guests=True
    )
    case_menu.register(
        gettext_lazy("Close and book a time"), "cases:book", may_book, icon="calendar-plus", order=80, dialog=True
    )


def _held(request: StaffRequest, public_id: UUID, *, guests: bool = False) -> access.OpenCase:
    opened = access.open_case(actor=request.actor, public_id=public_id, log=None)
    if not (opened.takes_part if guests else opened.works):
        raise NotFound
    return opened


def _next_day(case: Case) -> Any:
    """When the unit is staffed next after today; eight in the morning where that is not known."""
    at = timezone.localtime(now())
    tomorrow = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = staffed_time.next_staffed(unit_queries.calendar_for(case.unit, case.role), tomorrow)
    if found is None or found == tomorrow:  # never, or day and night
        return tomorrow.replace(hour=8)
    return found


def _refused(
    request: StaffRequest,
    opened: access.OpenCase,
    name: str,
    form: PauseForm | BookForm,
    refusal: Refusal,
    field: str | None,
    **more: Any,
) -> HttpResponse:
    form.add_error(field, str(refusal.message))
    return _dialog(request, opened, name, form, status=refusal.status, **more)


def _dialog(
    request: StaffRequest,
    opened: access.OpenCase,
    name: str,
    form: PauseForm | BookForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The case page with the dialog; for htmx the dialog alone, or its form with what was typed and what to change."""
    more |= {f"{name}_form": form}
    if wants_fragment(request):
        context = more | {"case_id": str(opened.case.public_id), "form_key": new_form_key(), "over": True}
        part = "dialog" if request.method == "GET" else "form"
        return render(request, f"cases/_{name}_{part}.html", context, status=status)
    return case_page(request, opened, tab="visit", status=status, more=more)
