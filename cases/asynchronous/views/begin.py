"""*Nytt Asynk*: find the patient, say what about and how long, write, send (ASY-04, ASY-05, ASY-07, CAS-17)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access as case_access
from cases import rules as case_rules
from cases.asynchronous import access, commands, rules
from cases.asynchronous.access import Recipients
from cases.asynchronous.errors import CallGone, NobodyToWriteTo, NoSuchPerson, TooManySearches, lack_words
from cases.asynchronous.forms import PURPOSES, AboutForm, SearchForm, WriteForm
from cases.asynchronous.teleq import phone_queue
from cases.errors import MessageTooLong
from cases.forms import new_form_key
from cases.views.frame import staff_context
from direkt1177.accounts.models import User
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.residents.numbers import NumberError
from direkt1177.residents.queries import person_view
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy

SUGGESTED = "Administrativt"
IMAGE_REASON = "Bild till telefonsamtal"
# Content for the patient, in Swedish whatever language staff use (ASY-07).
IMAGE_TEXT = (
    "Hej! Vi har talats vid i telefon. Svara här med bilden: tryck på gemet bredvid skrivfältet och välj bilden. "
    "Skriv gärna när den togs. Ring 112 om det blir akut."
)
_FIELDS = {
    "precondition_missing": None, "nobody_to_write_to": None, "agreement_missing": "agreed", "check_missing": "checked",
    "reason_missing": None, "message_empty": "text", "message_too_long": "text",
}  # fmt: skip


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """Whom it is about: by personal identity number, or whoever is on the telephone now."""
    if request.method == "GET":
        return _search_page(request, SearchForm())
    form = SearchForm(request.POST)
    if not form.is_valid():
        return _search_page(request, form, status=422)
    data = form.cleaned_data
    try:
        purpose = str(dict(PURPOSES)[data["purpose"]])
        person = access.search_person(actor=request.actor, number=data["number"], purpose=purpose)
    except (NoSuchPerson, TooManySearches) as refusal:
        form.add_error("number", str(refusal.message))
        return _search_page(request, form, status=refusal.status)
    return redirect("asynchronous:begin", person.public_id)


@staff_page
@require_POST
def from_call(request: StaffRequest, call_id: UUID) -> HttpResponse:
    """*Nytt Asynk* for the one who calls: the telephone queue knows the number (ASY-07)."""
    call = next((one for one in _calls(request) if one.call_id == call_id), None)
    if call is None:
        raise CallGone
    purpose = str(dict(PURPOSES)["phone"])
    try:
        person = access.search_person(actor=request.actor, number=call.personal_number, purpose=purpose)
    except NumberError:  # mistyped on the telephone
        raise NoSuchPerson from None
    return redirect(f"{reverse('asynchronous:begin', args=[person.public_id])}?for=bild")


@staff_page
@never_cache
@require_GET
def from_case(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Nytt* of the case page, with the patient prefilled (CAS-17)."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    if not opened.works and opened.basis != "closed_own":
        raise NotFound
    access.admit(actor=request.actor, person=opened.case.patient, basis=opened.basis, reason="")
    return redirect("asynchronous:begin", opened.case.patient.public_id)


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def begin(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """The two steps: about what and how long; then the first message."""
    try:
        found = access.recipients(actor=request.actor, person_id=person_id)
    except NobodyToWriteTo as refusal:
        return _search_page(request, SearchForm(), refusal=refusal, status=refusal.status)
    unit = Unit.objects.select_related("provider__region").get(pk=request.actor.unit_id)
    days = rules.choosable_days(policy(unit).follow_up_max_days)
    readers = [
        (one.pk, person_view(one).name) for one, lacks in zip(found.people, found.lacks, strict=True) if not lacks
    ]
    image = (request.POST.get("kind") or request.GET.get("for")) in ("image", "bild")
    if request.method == "GET" or not readers:
        reason = IMAGE_REASON if image else SUGGESTED
        start = {"reason": reason, "days": 3 if 3 in days else None, "kind": "image" if image else "text"}
        start |= {"form_key": new_form_key(), "reader": readers[0][0] if len(readers) == 1 else None}
        form = AboutForm(days, readers, initial=start)
        return _page(request, found, form, unit, status=200 if request.method == "GET" else 409)
    about = AboutForm(days, readers, request.POST)
    if not about.is_valid() or request.POST.get("do") == "back":
        return _page(request, found, about, unit, status=200 if about.is_valid() else 422)
    if request.POST.get("do") != "send":
        data = about.cleaned_data | {"text": IMAGE_TEXT if image else ""}
        return _page(request, found, WriteForm(days, readers, initial=data), unit)
    return _send(request, found, WriteForm(days, readers, request.POST), unit)


def _send(request: StaffRequest, found: Recipients, form: WriteForm, unit: Unit) -> HttpResponse:
    if not form.is_valid():
        return _page(request, found, form, unit, status=422)
    data = form.cleaned_data
    try:
        done = commands.begin_case(
            actor=request.actor,
            person_id=found.patient.public_id,
            reader_id=data["reader"],
            reason=data["reason"],
            days=data["days"],
            text=data["text"],
            agreed=data["agreed"],
            checked=data["checked"],
            key=data["form_key"],
        )
    except Refusal as refusal:
        if refusal.code not in _FIELDS and not isinstance(refusal, MessageTooLong):
            raise
        form.add_error(_FIELDS.get(refusal.code, "text"), str(refusal.message))
        return _page(request, found, form, unit, status=refusal.status)
    messages.success(request, _("The case is created and the message is sent. You hold the case."))
    return redirect("cases:case", done.public_id)


def _calls(request: StaffRequest) -> list[Any]:
    hsa_id = User.objects.values_list("hsa_id", flat=True).get(pk=request.actor.user_id)
    return [call for call in phone_queue().calls_of(hsa_id) if call.personal_number]


def _search_page(
    request: StaffRequest, form: SearchForm, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    context = staff_context(request, nav="asynchronous") | {"form": form, "calls": _calls(request), "refusal": refusal}
    return render(request, "asynchronous/search.html", context, status=status)


def _page(request: StaffRequest, found: Recipients, form: AboutForm, unit: Unit, *, status: int = 200) -> HttpResponse:
    settings, person = policy(unit), person_view(found.patient)
    closed = all(found.lacks)
    readers = [person_view(one) for one in found.people]
    context = staff_context(request, nav="asynchronous") | {
        "form": form,
        "writes": isinstance(form, WriteForm),
        "person": person,
        "readers": readers,
        "own": [one.pk for one in found.people] == [found.patient.pk],
        "sms_possible": any(one.sms_possible for one in readers),
        "closed_because": [lack_words(lack) for lack in found.lacks[0]] if closed else [],
        "ask_agreed": rules.needs_agreement(settings.care_initiated_precondition),
        "ask_checked": rules.needs_check(policy=settings.require_protected_check, masked=person.masked),
        "sms_policy": settings.async_sms,
        "max_days": settings.follow_up_max_days,
    }
    if isinstance(form, WriteForm):
        days = int(form["days"].value())
        end = case_rules.follow_up_end(days, now(), calendar_for(unit, request.actor.role_id))
        context |= {"last_day": case_rules.last_day(end), "last_hour": case_rules.last_hour(end)}
    return render(request, "asynchronous/begin.html", context, status=status)
