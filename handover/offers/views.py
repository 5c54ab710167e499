"""Pages and panels of offers: form in, command, fragment or redirect out (HOV-01..16)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import access as case_access
from cases.errors import HeldByColleague
from cases.forms import new_form_key
from cases.views.frame import go, post_key, staff_context, versions_of
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.sign_in import StaffRequest, staff_page
from direkt1177.audit.refusals import NotFound
from direkt1177.views import wants_fragment
from handover import names
from handover.models import Handover
from handover.offers import access, commands, pages, picker
from handover.offers.commands import Offering
from handover.offers.errors import NoOffer, OfferRefused
from handover.offers.forms import DeclineForm, OfferForm, ReaddressForm
from handover.offers.queries import OfferRow, row_of


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def offer(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Lämna över besök*: as a page, or as the dialog of the case page."""
    opened = case_access.open_case(actor=request.actor, public_id=public_id, log=None)
    if opened.basis != "holder":
        raise NotFound
    if request.method == "GET":
        if request.GET.get("del") == "ord":
            context = pages.words_context(request.actor, opened.case, OfferForm(request.GET))
            return render(request, "handover/_offer_words.html", context | {"form": OfferForm()})
        form = OfferForm(initial={"form_key": new_form_key(), "to": request.GET.get("to", "")[:40]})
        return _offer_page(request, opened, form)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return _offer_page(request, opened, form, status=422)
    try:
        commands.offer_case(
            actor=request.actor, case_id=public_id, offering=offering_of(form), key=form.cleaned_data["form_key"]
        )
    except OfferRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
        return _offer_page(request, opened, form, status=refusal.status)
    messages.success(request, _("The case is offered. You have it and answer the patient until somebody takes over."))
    return go(request, reverse("cases:case", args=[public_id]))


@staff_page
@never_cache
@require_GET
def offer_panel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """What stands about an offer on the case page and in the preview; nothing when there is none."""
    found, opened = access.offer_of_case(request.actor, public_id)
    context = pages.panel_context(request.actor, found, opened)
    if wants_fragment(request):
        return render(request, "handover/_offer_panel.html", context)
    if found is None:
        return redirect("cases:preview" if opened.basis in case_access.PREVIEW_BASES else "cases:case", public_id)
    return redirect("handover:offer_page", found.public_id)


@staff_page
@never_cache
@require_GET
def offer_page(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    """*Öppna*: the offered case before it is taken (logged); once it is over, how it ended."""
    try:
        found, opened = access.open_offer(request.actor, offer_id)
    except HeldByColleague as held:
        return render(request, "cases/held.html", staff_context(request, nav="start") | {"held": held})
    if opened is None:
        raise _over(found)
    context = staff_context(request, nav="start") | pages.panel_context(request.actor, found, opened)
    context |= {"row": pages.row_context(row_of(found), request.actor), "decline_form": DeclineForm()}
    return render(request, "handover/offer_page.html", context)


@staff_page
@never_cache
@require_GET
def offers_to_me(request: StaffRequest) -> HttpResponse:
    """*Överlämningar till mig och min roll*, live by the feed of the desk (HOV-05)."""
    feed = names.desk_feed(request.actor.unit_id, request.actor.role_id)
    return _panel(request, "offers_to_me", feed, access.list_for_desk)


@staff_page
@never_cache
@require_GET
def my_offers(request: StaffRequest) -> HttpResponse:
    """Own offers that nobody has accepted yet (ORG-24)."""
    feed = names.desk_feed(request.actor.unit_id, request.actor.role_id)
    return _panel(request, "my_offers", feed, access.list_of_giver)


@staff_page
@never_cache
@require_GET
def unit_offers(request: StaffRequest) -> HttpResponse:
    """The coordinator's list of offers not accepted, by receiver, with waiting time (HOV-09, QUE-19)."""
    return _panel(request, "unit_offers", names.coordinator_feed(request.actor.unit_id), access.list_of_unit)


@staff_page
@require_POST
def accept_offer(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    """*Ta emot* of what fell back to the giver's unit when the giver's shift ended."""
    done = commands.accept_fallen_offer(actor=request.actor, offer_id=offer_id, key=post_key(request))
    messages.success(request, _("You have taken over the case. The chat goes on here."))
    return go(request, reverse("cases:case", args=[done.case_id]))


@staff_page
@never_cache
@require_http_methods(["GET", "POST"])
def decline_offer(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    """*Avböj* with a reason."""
    form = DeclineForm(request.POST or None, initial={"form_key": new_form_key()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        commands.decline_offer(
            actor=request.actor, offer_id=offer_id, reason=data["reason"], key=data["form_key"]
        )  # fmt: skip
        messages.success(request, _("You have declined. The giver has been told and still has the case."))
        return go(request, reverse("cases:start"))
    found, opened = access.open_offer(request.actor, offer_id)
    if opened is None:
        raise _over(found)
    context = staff_context(request, nav="start") | pages.panel_context(request.actor, found, opened)
    context |= {"decline_form": form, "row": pages.row_context(row_of(found), request.actor)}
    status = 422 if request.method == "POST" else 200
    return render(request, "handover/offer_page.html", context, status=status)


@staff_page
@require_POST
def withdraw_offer(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    """*Ta tillbaka*: until somebody has accepted."""
    done = commands.withdraw_offer(actor=request.actor, offer_id=offer_id, key=post_key(request))
    messages.success(request, _("The handover is withdrawn. The case is yours as before."))
    return go(request, next_url(request) or reverse("cases:case", args=[done.case_id]))


@staff_page
@require_POST
def readdress_offer(request: StaffRequest, offer_id: UUID) -> HttpResponse:
    """Offer to a role what was offered to a colleague."""
    form = ReaddressForm(request.POST)
    to = picker.parse(form.cleaned_data["to"] if form.is_valid() else "")
    key = form.cleaned_data.get("form_key") or post_key(request)
    done = commands.readdress_offer(actor=request.actor, offer_id=offer_id, to=to, key=key)
    messages.success(request, _("The case is now offered to the role."))
    return go(request, next_url(request) or reverse("cases:case", args=[done.case_id]))


def offering_of(form: OfferForm) -> Offering:
    """The form's content as the command takes it.

    Raises:
        NoReceiver: the choice is not one of the tree.
    """
    data = form.cleaned_data
    return Offering(
        to=picker.parse(data["to"]),
        urgency=data.get("urgency"),
        message=data["message"],
        patient_message=data["patient_message"],
        documented_first=data["documented_first"],
        misdirected=data["misdirected"],
    )


def next_url(request: HttpRequest) -> str:
    """Where to go on, when a page of our own said so: the end of the shift or the start page."""
    places = {"shift": "handover:end_shift", "start": "cases:start"}
    name = places.get(request.POST.get("next", ""))
    return reverse(name) if name else ""


def _offer_page(
    request: StaffRequest, opened: case_access.OpenCase, form: OfferForm, *, status: int = 200
) -> HttpResponse:
    fragment = wants_fragment(request)
    context = pages.offer_context(request.actor, opened, form, dialog=fragment)
    if fragment:
        name = "handover/_offer_form.html" if request.method == "POST" else "handover/_offer_dialog.html"
        return render(request, name, context, status=status)
    context = staff_context(request, nav="case", case=opened.case) | context
    return render(request, "handover/offer.html", context, status=status)


def _panel(request: StaffRequest, name: str, feed: str, read: Callable[[StaffActor], list[OfferRow]]) -> HttpResponse:
    """A list as a section of *Startsida*, or as a page of its own; the version is taken before reading."""
    (version,) = versions_of(feed)
    context = pages.rows_context(read(request.actor), request.actor)
    if wants_fragment(request):
        return render(request, f"handover/_{name}.html", context)
    context |= {"panel": f"handover/_{name}.html", "feed": feed, "after": version}
    return render(request, "handover/offers.html", staff_context(request, nav="start") | context)


def _over(found: Handover) -> NoOffer:
    return NoOffer(found.state, found.decided_by.full_name if found.decided_by else "")
