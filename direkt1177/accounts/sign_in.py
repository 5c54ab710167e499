"""Signing in behind ports, the session's contents, and the doors of staff and resident pages (AUTH-03, 06, 17)."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string

from direkt1177.accounts import queries
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.demo_persons import DemoGroup, resident_groups, staff_groups
from direkt1177.accounts.models import User
from direkt1177.audit.refusals import NotAllowed, SignInNeeded
from direkt1177.residents.entrance import REGION, UNIT
from direkt1177.residents.models import Person

STAFF_SESSION = timedelta(hours=12)
RESIDENT_SESSION = timedelta(hours=8)
STAFF_START = "/personal/"
LONGEST_NEXT = 2000  # characters; Django refuses redirects above 16 KiB
P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request inside ``@staff_page``."""

    actor: StaffActor


class ResidentRequest(HttpRequest):
    """A request inside ``@resident_page``."""

    actor: ResidentActor


class StaffSignIn(Protocol):
    """A way for staff to prove their HSA-id: SITHS in production, a list of invented persons in the demo."""

    template: str

    def offer(self) -> list[DemoGroup]:
        """Persons to choose between; empty where a card or an app says who it is."""

    def identify(self, answer: QueryDict) -> User | None:
        """The active user whose HSA-id was proven, or None."""


class ResidentSignIn(Protocol):
    """A way for residents to prove their personnummer: BankID in production, a list in the demo (AUTH-07)."""

    template: str

    def offer(self) -> list[DemoGroup]:
        """Persons to choose between; empty where an app says who it is."""

    def identify(self, answer: QueryDict) -> Person | None:
        """The person whose personnummer was proven, or None."""


class DemoStaffSignIn:
    """Lists the demo staff; refused by production settings and by a system check."""

    template = "accounts/_demo_persons.html"

    def offer(self) -> list[DemoGroup]:
        """Everyone with a role or an administrative permission."""
        return staff_groups()

    def identify(self, answer: QueryDict) -> User | None:
        """Trust the choice: nobody here is real."""
        hsa_id = answer.get("person", "").replace("\0", "")
        return User.objects.filter(hsa_id=hsa_id, is_active=True).first() if hsa_id else None


class DemoResidentSignIn:
    """Lists the demo residents; refused by production settings and by a system check."""

    template = "accounts/_demo_persons.html"

    def offer(self) -> list[DemoGroup]:
        """Residents with their families."""
        return resident_groups()

    def identify(self, answer: QueryDict) -> Person | None:
        """Trust the choice: nobody here is real."""
        try:
            public_id = UUID(answer.get("person", ""))
        except ValueError:
            return None
        return Person.objects.filter(public_id=public_id).first()


def staff_backends() -> list[StaffSignIn]:
    """Configured ways for staff."""
    return [cast("StaffSignIn", import_string(path)()) for path in settings.STAFF_SIGN_IN_BACKENDS]


def resident_backends() -> list[ResidentSignIn]:
    """Configured ways for residents."""
    return [cast("ResidentSignIn", import_string(path)()) for path in settings.RESIDENT_SIGN_IN_BACKENDS]


def safe_next(request: HttpRequest, default: str) -> str:
    """The address to go back to, on our own host only; ``default`` for anything else (AUTH-06)."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    own_page = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if own_page and wanted.startswith("/") and len(wanted) <= LONGEST_NEXT else default


def open_staff_session(request: HttpRequest, user: User) -> None:
    """Start a session of a member of staff under a new key; what was in the old one is gone."""
    request.session.flush()
    login(request, user, backend="direkt1177.accounts.backends.StaffBackend")
    request.session[queries.EPOCH] = user.authz_epoch
    request.session[queries.SEEN] = timezone.now().isoformat()
    request.session.set_expiry(timezone.now() + STAFF_SESSION)


def choose_membership(request: HttpRequest, membership_id: int, epoch: int) -> None:
    """Put the chosen unit and role into the session, under a new key (L-02)."""
    request.session[queries.MEMBERSHIP] = membership_id
    request.session[queries.EPOCH] = epoch
    request.session.cycle_key()


def open_resident_session(request: HttpRequest, person: Person) -> None:
    """Start a session of a resident under a new key; the unit of the link they came by is kept (ENT-06)."""
    kept = {key: request.session[key] for key in (REGION, UNIT) if key in request.session}
    request.session.flush()
    request.session[queries.PERSON] = person.pk
    request.session[queries.EPOCH] = person.authz_epoch
    for key, value in kept.items():
        request.session[key] = value
    request.session.set_expiry(timezone.now() + RESIDENT_SESSION)
    request.session.cycle_key()


def is_staff_session(request: HttpRequest) -> bool:
    """Whether a member of staff is signed in, with or without a chosen unit."""
    return SESSION_KEY in request.session and BACKEND_SESSION_KEY in request.session


def staff_page(
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in staff with a chosen unit and an active shift; others are sent to sign in or to choose one.

    The address survives both (AUTH-06, AUTH-08).
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        actor = getattr(request, "actor", None)
        if isinstance(actor, StaffActor) and actor.shift_id is not None:
            return view(cast("StaffRequest", request), *args, **kwargs)
        if queries.staff_from_session(request.session) is None:
            raise SignInNeeded
        return _to_choose_unit(request)

    return guarded


def resident_page(
    view: Callable[Concatenate[ResidentRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in signed-in residents; others are sent to sign in and come back (AUTH-07)."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(getattr(request, "actor", None), ResidentActor):
            raise SignInNeeded
        return view(cast("ResidentRequest", request), *args, **kwargs)

    return guarded


def permission_page(*kinds: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff who hold one of the administrative permissions at some unit, whatever their care role (AUTH-03).

    The view gets ``request.permitted_units``: the units where it is held.

    Raises:
        SignInNeeded: nobody from staff is signed in.
        NotAllowed: signed in, without the permission.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = queries.staff_from_session(request.session)
            if user is None:
                raise SignInNeeded
            units = list(queries.units_with_permission(user.pk, kinds))
            if not units:
                raise NotAllowed
            request.permitted_units = units  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def _to_choose_unit(request: HttpRequest) -> HttpResponse:
    page = request.get_full_path() if request.method == "GET" else STAFF_START
    if len(page) > LONGEST_NEXT:
        page = STAFF_START
    target = reverse("accounts:choose_unit")
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=401)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(f"{target}?{urlencode({'next': page})}")
