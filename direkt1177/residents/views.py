"""Residents' home, profile and support (ENT-01..04, 14, 39)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from direkt1177.audit.refusals import SignInNeeded
from direkt1177.residents import queries
from direkt1177.residents.commands import update_contact_details
from direkt1177.residents.entrance import remember_unit, unit_for
from direkt1177.residents.forms import ContactForm
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from direkt1177.units.queries import closed_now, opening

View = Callable[[HttpRequest, Person], HttpResponse]


def _own_page(view: View) -> Callable[[HttpRequest], HttpResponse]:
    """Let in signed-in residents with their own person; this app lies below the one that knows sign-in (AUTH-07)."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if actor is None or actor.kind != "resident":
            raise SignInNeeded
        return view(request, Person.objects.select_related("listed_unit").get(pk=actor.person_id))

    return guarded


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The two entrances with the region's texts and when the unit answers (ENT-01..03, HRS-04)."""
    remember_unit(request)  # before the sign-in redirect, so that the link's unit survives it (ENT-06)
    return _home(request)


@_own_page
def _home(request: HttpRequest, person: Person) -> HttpResponse:
    unit = unit_for(request, person)
    settings = policy(unit) if unit is not None else Policy()
    context: dict[str, Any] = {
        "nav_current": "home",
        "first_name": "" if person.is_masked else person.first_name,
        "unit": unit,
        "opening": opening(unit) if unit is not None else None,
        "closed": closed_now(unit) if unit is not None else None,
        "texts": settings.entrance_texts,
        "can_send_now": settings.accept_outside_hours,
    }
    return render(request, "residents/home.html", context)


@require_http_methods(["GET", "POST"])
@_own_page
def profile(request: HttpRequest, person: Person) -> HttpResponse:
    """Own details; a missing mobile number is allowed, and its consequence said (ENT-14)."""
    form = ContactForm(request.POST) if request.method == "POST" else ContactForm.of(person)
    if request.method == "POST" and form.is_valid():
        actor = request.actor  # type: ignore[attr-defined]  # set by ActorMiddleware, checked by _own_page
        update_contact_details(actor=actor, person_id=person.pk, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("residents:profile")
    choices = queries.people_for(person)
    context = {
        "nav_current": "profile",
        "form": form,
        "person": person,  # their own page: never masked for themselves
        "view": queries.person_view(person),
        "children": [choice.view for choice in choices if choice.relation == "guardian"],
    }
    return render(request, "residents/profile.html", context, status=422 if form.errors else 200)


@require_GET
def support(request: HttpRequest) -> HttpResponse:
    """Phone and hours of support and common questions; open to all, for who cannot sign in needs it most (ENT-39)."""
    unit = _unit_of(request)
    settings = policy(unit) if unit is not None else Policy()
    context = {
        "nav_current": "support",
        "unit": unit,
        "phone": settings.support_phone,
        "hours": settings.support_hours,
    }
    return render(request, "residents/support.html", context)


def _unit_of(request: HttpRequest) -> Unit | None:
    actor = getattr(request, "actor", None)
    person = Person.objects.filter(pk=actor.person_id).first() if actor and actor.kind == "resident" else None
    return unit_for(request, person)
