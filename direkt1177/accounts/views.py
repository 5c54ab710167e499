"""Signing in and out, choosing a unit, the own settings, who is on duty."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from direkt1177.accounts import commands, queries, shift_commands
from direkt1177.accounts.actors import ManageActor, ResidentActor, StaffActor
from direkt1177.accounts.errors import OngoingCases
from direkt1177.accounts.forms import ChooseUnitForm, ProfileForm
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.accounts.sign_in import (
    STAFF_START,
    StaffRequest,
    choose_membership,
    open_resident_session,
    open_staff_session,
    resident_backends,
    safe_next,
    staff_backends,
    staff_page,
)
from direkt1177.audit import limits
from direkt1177.audit.refusals import Refusal, SignInNeeded
from direkt1177.residents.commands import ask_register
from direkt1177.residents.entrance import remember_unit, unit_for
from direkt1177.residents.queries import age_of
from direkt1177.residents.rules import OWN_SIGN_IN_FROM

T = TypeVar("T")
# Entries that need no care role (AUTH-03).
_OTHER_ENTRIES = ("/admin/", "/statistik/")


@never_cache
@require_http_methods(["GET", "POST"])
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    """Entry of staff: prove who it is, then choose the unit (AUTH-03, AUTH-06)."""
    target = safe_next(request, STAFF_START)
    errors: list[tuple[str, str]] = []
    backends = staff_backends()
    if request.method == "POST":
        user = _who(request, (b.identify for b in backends))
        if user is not None:
            open_staff_session(request, user)
            commands.note_signed_in(actor=ManageActor(user_id=user.pk, name=user.full_name or user.hsa_id))
            return _after_staff_sign_in(request, user, target)
        errors = [("person-1-1", _("Choose who is signing in."))]
    context = {"offers": [(b.template, b.offer()) for b in backends], "next": target, "errors": errors}
    return render(request, "accounts/staff_sign_in.html", context, status=422 if errors else 200)


def _who(request: HttpRequest, ways: Iterable[Callable[[QueryDict], T | None]]) -> T | None:
    """Whoever is proven by one of the ways; attempts of an address are limited, failed ones more (S-09).

    Raises:
        TooOften: too many from this network address.
    """
    address = limits.address_of(request)
    limits.refuse_when_spent("sign_in_failed", address)
    limits.require("sign_in", address)
    found = next((found for identify in ways if (found := identify(request.POST))), None)
    if found is None:
        limits.require("sign_in_failed", address)
    return found


def _after_staff_sign_in(request: HttpRequest, user: User, target: str) -> HttpResponse:
    if target.startswith(_OTHER_ENTRIES):
        return redirect(target)
    memberships = queries.memberships_of(user.pk)
    if not memberships:
        return redirect(_entry_without_role(user))
    shifts = queries.active_shifts([user.pk]).get(user.pk, [])
    elsewhere = [shift for shift in shifts if shift.unit_id != memberships[0].unit_id]
    if len(memberships) == 1 and user.shift_type and not elsewhere:
        _start_at(request, user.pk, memberships[0].pk)
        return redirect(target)
    return redirect(f"{reverse('accounts:choose_unit')}?{urlencode({'next': target})}")


def _entry_without_role(user: User) -> str:
    if user.is_staff:
        return "/admin/"
    if queries.units_with_permission(user.pk, [AdminPermission.Kind.STATISTICS]).exists():
        return "/statistik/"
    return reverse("accounts:choose_unit")


@never_cache
@require_http_methods(["GET", "POST"])
def choose_unit(request: HttpRequest) -> HttpResponse:
    """Choose the unit; the first time also shift type and load balancer. Shows shifts that still run (SHF-04)."""
    user = queries.staff_from_session(request.session)
    if user is None:
        raise SignInNeeded
    target = safe_next(request, STAFF_START)
    memberships = queries.memberships_of(user.pk)
    shifts = queries.active_shifts([user.pk]).get(user.pk, [])
    present = getattr(request, "actor", None)
    first_time = not user.shift_type
    options: dict[str, Any] = {"memberships": memberships, "first_time": first_time}
    if request.method == "POST":
        form = ChooseUnitForm(request.POST, **options)
        if form.is_valid():
            data = form.cleaned_data
            try:
                _start_at(
                    request,
                    user.pk,
                    int(data["membership"]),
                    shift_type=data.get("shift_type", ""),
                    load_balancer=data.get("load_balancer"),
                )
            except OngoingCases as refusal:
                return _leaves_cases(request, refusal)
            except Refusal as refusal:
                form.add_error(None, str(refusal.message))
            else:
                return redirect(target)
    else:
        chosen = (
            present.membership_id if isinstance(present, StaffActor) else memberships[0].pk if memberships else None
        )
        form = ChooseUnitForm(initial={"membership": str(chosen)}, **options)
    context = {
        "form": form,
        "next": target,
        "shifts": shifts,
        "memberships": memberships,
        "user_name": user.full_name or user.hsa_id,
        "leaving": isinstance(present, StaffActor) and present.shift_id is not None,
        "first_time": first_time,
        "manage": user.is_staff,
    }
    return render(request, "accounts/choose_unit.html", context, status=422 if form.errors else 200)


@require_POST
def end_running_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """End a shift that still runs, at any unit, from the page where it is seen (SHF-04)."""
    user = queries.staff_from_session(request.session)
    if user is None:
        raise SignInNeeded
    actor = ManageActor(user_id=user.pk, name=user.full_name or user.hsa_id)
    try:
        shift = shift_commands.end_own_shift(actor=actor, shift_id=shift_id)
    except OngoingCases as refusal:
        return _leaves_cases(request, refusal)
    messages.success(request, _("The shift at %(unit)s has ended.") % {"unit": shift.unit.name})
    return redirect("accounts:choose_unit")


def _leaves_cases(request: HttpRequest, refusal: OngoingCases) -> HttpResponse:
    """Nothing is left behind: the page leads to *Avsluta skift* at the unit where the cases are (SHF-05, SHF-07)."""
    present = getattr(request, "actor", None)
    here = isinstance(present, StaffActor) and refusal.at_unit in ("", present.unit_name)
    context = {
        "refusal": refusal,
        "here": here,
        "unit_name": refusal.at_unit or (present.unit_name if isinstance(present, StaffActor) else ""),
    }
    return render(request, "accounts/leaves_cases.html", context, status=refusal.status)


def _start_at(
    request: HttpRequest, user_id: int, membership_id: int, *, shift_type: str = "", load_balancer: bool | None = None
) -> None:
    """Start or go on with the shift, leaving another unit first, and bind the session to it (L-02, SHF-07)."""
    present = getattr(request, "actor", None)
    wanted = queries.staff_actor(
        user_id=user_id, membership_id=membership_id, session_key=request.session.session_key or ""
    )
    if wanted is None:
        raise SignInNeeded
    if isinstance(present, StaffActor) and present.unit_id != wanted.unit_id:
        wanted = commands.change_unit(actor=present, membership_id=membership_id)
    else:
        commands.start_shift(actor=wanted, shift_type=shift_type, load_balancer=load_balancer)
    choose_membership(request, membership_id, wanted.authz_epoch)


@require_POST
def staff_sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, not the shift (AUTH-17, SHF-03)."""
    actor = getattr(request, "actor", None)
    if isinstance(actor, StaffActor):
        commands.note_signed_out(actor=actor)
    return _signed_out(request, reverse("accounts:staff_sign_in"))


@never_cache
@require_http_methods(["GET", "POST"])
def resident_sign_in(request: HttpRequest) -> HttpResponse:
    """Entry of residents (AUTH-07); a child under 13 is sent to a guardian (ENT-16)."""
    remember_unit(request)
    target = safe_next(request, "/")
    errors: list[tuple[str, str]] = []
    backends = resident_backends()
    if request.method == "POST":
        person = _who(request, (b.identify for b in backends))
        if person is None:
            errors = [("person-1-1", _("Choose who is signing in."))]
        elif age_of(person.birth_date) < OWN_SIGN_IN_FROM:
            errors = [("", _("Children under 13 cannot sign in. A guardian signs in and chooses the child."))]
        else:
            open_resident_session(request, person)
            actor = queries.actor_from_session(request.session)
            if isinstance(actor, ResidentActor):
                commands.note_signed_in(actor=actor)
            ask_register(person=person)
            return redirect(target)
    context = {
        "offers": [(b.template, b.offer()) for b in backends],
        "next": target,
        "errors": errors,
        "unit": unit_for(request, None),
    }
    return render(request, "accounts/resident_sign_in.html", context, status=422 if errors else 200)


@require_POST
def resident_sign_out(request: HttpRequest) -> HttpResponse:
    """End the resident's session; nothing stays in the browser."""
    actor = getattr(request, "actor", None)
    if isinstance(actor, ResidentActor):
        commands.note_signed_out(actor=actor)
    return _signed_out(request, reverse("accounts:resident_sign_in"))


def _signed_out(request: HttpRequest, target: str) -> HttpResponse:
    request.session.flush()
    response = redirect(target)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@staff_page
@require_http_methods(["GET", "POST"])
def settings(request: StaffRequest) -> HttpResponse:
    """The own profile; name and title are mandatory because the patient sees them (AUTH-11)."""
    actor = request.actor
    user = User.objects.get(pk=actor.user_id)
    form = ProfileForm(request.POST) if request.method == "POST" else ProfileForm.of(user)
    if request.method == "POST" and form.is_valid():
        commands.update_profile(actor=actor, **form.cleaned_data)
        messages.success(request, _("Saved"))
        return redirect("accounts:settings")
    context = {
        "form": form,
        "nav_current": "settings",
        "hsa_id": user.hsa_id,
        "shift_type": user.get_shift_type_display(),
        "memberships": queries.memberships_of(user.pk),
        "incomplete": not user.profile_complete,
    }
    return render(request, "accounts/settings.html", context, status=422 if form.errors else 200)


@staff_page
@require_GET
def on_duty(request: StaffRequest) -> HttpResponse:
    """Fragment of the side menu: colleagues with an active shift at the unit."""
    return render(request, "base/_on_duty.html", {"on_duty": queries.on_duty(request.actor.unit_id)})
