"""Whom it is about and where it goes: the first page of both entrances (ENT-01, 06..10, 15..25)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from cases.models import Case
from direkt1177.accounts.sign_in import ResidentRequest, resident_page
from direkt1177.residents.entrance import remember_unit, unit_for
from direkt1177.residents.models import Person
from direkt1177.residents.queries import Choice, people_for
from direkt1177.units.closed_words import interval_words
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from direkt1177.units.queries import (
    Route,
    calendar_for,
    closed_now,
    picker_state,
    routes_of,
    units_in_region,
    units_to_choose,
)
from direkt1177.units.staffed_time import next_staffed
from triage import queries
from triage.access import open_interview
from triage.commands import start_interview
from triage.forms import WhoForm
from triage.rules import next_page
from triage.views.frame import form_key, new_key, url_of


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """*Sök vård*: who needs help, with drafts to go on with."""
    remember_unit(request)  # before the sign-in redirect, so that the link's unit survives it (ENT-06)
    return _who(request, kind=Case.Kind.SEEK_CARE)


@require_http_methods(["GET", "POST"])
def admin_question(request: HttpRequest) -> HttpResponse:
    """*Administrativa frågor*: no medical assessment is made here (ENT-02)."""
    remember_unit(request)
    return _who(request, kind=Case.Kind.ADMIN_QUESTION)


@require_GET
@resident_page
def drafts(request: ResidentRequest) -> HttpResponse:
    """Fragment for the start page: what is begun and not sent."""
    return render(request, "triage/_drafts.html", {"drafts": queries.drafts(request.actor.person_id)})


@require_GET
@resident_page
def resume(request: ResidentRequest, public_id: UUID) -> HttpResponse:
    """The stable address of an interview: leads to the first page that is not done."""
    loaded = queries.load(open_interview(actor=request.actor, public_id=public_id))
    if loaded.interview.kind == Case.Kind.ADMIN_QUESTION and loaded.interview.ticket is None:
        return HttpResponseRedirect(reverse("triage:write_question", args=[public_id]))
    return HttpResponseRedirect(url_of(loaded, next_page(loaded.state)))


@resident_page
def _who(request: ResidentRequest, *, kind: Case.Kind) -> HttpResponse:
    person = Person.objects.select_related("listed_unit").get(pk=request.actor.person_id)
    unit = unit_for(request, person)
    closed = closed_now(unit) if unit is not None else None
    if closed and request.method == "GET" and not {"annan", "vidare"} & set(request.GET):
        return _closed_page(request, closed)
    if closed and "annan" in request.GET:
        routes, unit = _routes(units_to_choose(closed.asked.provider.region_id)), None
    else:
        routes = [] if unit is not None else _routes(_units(request))
    settings = policy(closed.receiver() if closed else unit) if unit is not None else Policy()
    people = people_for(person, min_age=settings.min_age_years, own_from=settings.guardian_until_age)
    units = [item.asked for item in routes if item.unit is not None]
    form = WhoForm(
        request.POST if request.method == "POST" else None,
        people=[(str(item.view.public_id), item.view.first_name) for item in people if item.allowed],
        units=[(str(item.public_id), item.name) for item in units],
    )
    if request.method == "POST" and form.is_valid():
        chosen = next(item for item in people if str(item.view.public_id) == form.cleaned_data["who"])
        public_id = start_interview(
            actor=request.actor,
            key=form_key(request),
            kind=kind,
            patient_id=chosen.person.pk,
            unit_id=_receiver(request, chosen, unit, units, form.cleaned_data["unit"]).pk,
        )
        return HttpResponseRedirect(reverse("triage:resume", args=[public_id]))
    context: dict[str, Any] = {
        "form": form,
        "kind": kind,
        "people": people,
        "chosen": form["who"].value(),
        "chosen_unit": form["unit"].value(),
        "routes": routes,
        "several_regions": len({item.asked.provider.region_id for item in routes}) > 1,
        "unit": unit,
        "text": settings.entrance_texts[kind],
        "too_young_text": settings.too_young_text,
        "drafts": queries.drafts(person.pk) if kind == Case.Kind.SEEK_CARE else [],
        "back_url": "/",
        "key": form_key(request) if form.is_bound else new_key(),
        "errors": [(f"id_{name}", text) for name, texts in form.errors.items() for text in texts],
    }
    return render(request, "triage/who.html", context, status=422 if form.errors else 200)


def _closed_page(request: ResidentRequest, route: Route) -> HttpResponse:
    """A saved link to a closed unit: until when, who takes new cases instead, what else can be done (HRS-18)."""
    closure = route.own_closure
    context = {
        "unit": route.asked,
        "route": route,
        "closure": closure,
        "interval": interval_words(closure) if closure is not None else "",
        "reopens": next_staffed(calendar_for(route.asked), closure.ends_at) if closure is not None else None,
        "instead": picker_state(route.unit) if route.unit is not None else None,
        "back_url": "/",
    }
    return render(request, "triage/closed.html", context)


def _routes(units: list[Unit]) -> list[Route]:
    """The units to choose from, each with where its new cases go now."""
    found = routes_of(units)
    return [found[unit.pk] for unit in units]


def _units(request: ResidentRequest) -> list[Unit]:
    """Units an unlisted resident may choose between (ENT-09)."""
    if request.actor.region_id is not None:
        return units_to_choose(request.actor.region_id)
    regions = Unit.objects.filter(active=True).values_list("provider__region_id", flat=True).distinct()
    care = (Unit.Type.PRIMARY_CARE, Unit.Type.BRANCH)
    return [unit for region in sorted(regions) for unit in units_in_region(region) if unit.type in care]


def _receiver(request: ResidentRequest, chosen: Choice, unit: Unit | None, units: list[Unit], picked: str) -> Unit:
    """The unit of the contact card's link; else, where the region routes by listing, the patient's own; else chosen.

    Whoever meets a closed unit may choose any (HRS-19).
    """
    if "annan" in request.GET and picked:
        return next(item for item in units if str(item.public_id) == picked)
    if chosen.relation == "guardian" and not request.session.get("link_unit") and chosen.person.listed_unit_id:
        listed = Unit.objects.select_related("provider__region").filter(pk=chosen.person.listed_unit_id, active=True)
        own = listed.first()
        if own is not None and policy(own).listing_routing == "to_listed_unit":
            return own
    if unit is not None:
        return unit
    return next(item for item in units if str(item.public_id) == picked)
