"""*Pågående på enheten* with *Frigör*, for coordinators and, without patients' names, for managers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases.forms import new_form_key
from cases.views.frame import go, staff_context, versions_of
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.models import AdminPermission
from direkt1177.accounts.queries import staff_from_session
from direkt1177.accounts.sign_in import StaffRequest, permission_page, staff_page
from direkt1177.audit.refusals import NotFound, Refusal, SignInNeeded
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.views import wants_fragment
from handover import names
from handover.shifts import board, overseers, release_commands, words
from handover.shifts.forms import ReleaseForm
from handover.shifts.overseers import Overseer


@staff_page
@never_cache
@require_GET
def unit_held(request: StaffRequest) -> HttpResponse:
    """Everything that is held at the unit, live by the coordinator's feed."""
    return _staff_page(request, replace(overseers.coordinator(request.actor), again=wants_fragment(request)))


@staff_page
@require_POST
def release(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """*Frigör* one case."""
    return _release(request, overseers.coordinator(request.actor), public_id)


@staff_page
@require_POST
def release_all(request: StaffRequest, holder_id: int) -> HttpResponse:
    """*Frigör alla för Anna, som gått hem*."""
    return _release_all(request, overseers.coordinator(request.actor), holder_id)


@never_cache
@require_GET
@permission_page(AdminPermission.Kind.STATISTICS)
def manager_held(request: HttpRequest) -> HttpResponse:
    """The same for a manager: holders, times and states, no patients."""
    return _manager_page(request, _manager(request))


@require_POST
@permission_page(AdminPermission.Kind.STATISTICS)
def manager_release(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """*Frigör* one case."""
    return _release(request, _manager(request), public_id)


@require_POST
@permission_page(AdminPermission.Kind.STATISTICS)
def manager_release_all(request: HttpRequest, holder_id: int) -> HttpResponse:
    """All of one colleague."""
    return _release_all(request, _manager(request), holder_id)


def _manager(request: HttpRequest) -> Overseer:
    """The manager at one of their units, the first unless the address names another.

    Raises:
        NotFound: not one of theirs.
    """
    user = staff_from_session(request.session)
    if user is None:
        raise SignInNeeded
    units: list[Unit] = request.permitted_units  # type: ignore[attr-defined]
    wanted = request.POST.get("enhet") or request.GET.get("enhet", "")
    unit = next((one for one in units if not wanted or str(one.public_id) == wanted), None)
    if unit is None:
        raise NotFound
    actor = ManageActor(
        user_id=user.pk, name=user.full_name or user.hsa_id, unit_id=unit.pk, provider_id=unit.provider_id
    )
    return Overseer(actor, unit, sees_patients=False)


def _release(request: HttpRequest, overseer: Overseer, public_id: UUID) -> HttpResponse:
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _again(request, overseer, f"case-{public_id}", _first(form), 422, form)
    data = form.cleaned_data
    try:
        release_commands.release_held_case(
            actor=overseer.actor, case_id=public_id, reason=data["reason"], key=data["key"]
        )
    except Refusal as refusal:
        return _again(request, overseer, f"case-{public_id}", refusal.message, refusal.status, form)
    messages.success(request, _("The case lies in the role's queue without owner. The patient has been told."))
    return go(request, _url(overseer))


def _release_all(request: HttpRequest, overseer: Overseer, holder_id: int) -> HttpResponse:
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _again(request, overseer, f"holder-{holder_id}", _first(form), 422, form)
    data = form.cleaned_data
    try:
        released = release_commands.release_all_of(
            actor=overseer.actor,
            unit_id=overseer.unit.pk,
            holder_id=holder_id,
            reason=data["reason"],
            key=data["key"],
        )
    except Refusal as refusal:
        return _again(request, overseer, f"holder-{holder_id}", refusal.message, refusal.status, form)
    text = ngettext(
        "%(n)s case lies in the role's queue without owner. The patient has been told.",
        "%(n)s cases lie in the roles' queues without owner. The patients have been told.",
        len(released),
    )
    messages.success(request, text % {"n": len(released)})
    return go(request, _url(overseer))


def _again(
    request: HttpRequest, overseer: Overseer, place: str, reason: Any, status: int, form: ReleaseForm
) -> HttpResponse:
    """The page with what is wrong at the form that was sent, and what was typed."""
    more = {"errors": [(place, str(reason))], "bad": place, "typed": form.data.get("reason", "")}
    if overseer.sees_patients:
        return _staff_page(request, overseer, status=status, more=more)  # type: ignore[arg-type]
    return _manager_page(request, overseer, status=status, more=more)


def _staff_page(
    request: StaffRequest, overseer: Overseer, *, status: int = 200, more: dict[str, Any] | None = None
) -> HttpResponse:
    feed = names.coordinator_feed(overseer.unit.pk)
    (version,) = versions_of(feed)
    context = _context(overseer) | {"feed": feed, "after": version, "refetch_url": reverse("handover:unit_held")}
    if wants_fragment(request) and status == 200:
        return render(request, "handover/shifts/_held.html", context)
    base = staff_context(request, nav="start")
    return render(request, "handover/shifts/held.html", base | context | (more or {}), status=status)


def _manager_page(
    request: HttpRequest, overseer: Overseer, *, status: int = 200, more: dict[str, Any] | None = None
) -> HttpResponse:
    units: list[Unit] = request.permitted_units  # type: ignore[attr-defined]
    context = _context(overseer) | {"units": units, "manager": True} | (more or {})
    return render(request, "handover/shifts/held_manager.html", context, status=status)


def _context(overseer: Overseer) -> dict[str, Any]:
    return {
        "unit": overseer.unit,
        "groups": board.held_groups(overseer),
        "ownerless": board.ownerless(overseer),
        "untold": board.untold_rows(overseer) if overseer.sees_patients else [],
        "unstaffed": board.unstaffed_roles(overseer.unit),
        "closing_at": words.closing_words(overseer.unit, now()),
        "sees_patients": overseer.sees_patients,
        "release_url": "handover:release" if overseer.sees_patients else "handover:manager_release",
        "release_all_url": "handover:release_all" if overseer.sees_patients else "handover:manager_release_all",
        "form_key": new_form_key(),
    }


def _url(overseer: Overseer) -> str:
    if overseer.sees_patients:
        return reverse("handover:unit_held")
    return f"{reverse('handover:manager_held')}?enhet={overseer.unit.public_id}"


def _first(form: ReleaseForm) -> str:
    errors: Any = next(iter(form.errors.values()))
    return str(errors[0])
