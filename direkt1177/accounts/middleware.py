"""``request.actor``: who acts, asked once per request, signed out when it is no longer allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from direkt1177.accounts import queries

GetResponse = Callable[[HttpRequest], HttpResponse]
_SEEN_EVERY = timedelta(minutes=5)
# Asked by the page itself, not by a hand on the keyboard.
_BACKGROUND = ("/live/", "/personal/i-tjanst/")
# As panels that fetch themselves again; as pages somebody opened them.
_PANELS = (
    "/personal/koordinator/", "/personal/pagaende-pa-enheten/", "/personal/mina-listor/", "/personal/har-stangt/",
    "/personal/overlamningar/", "/personal/vidimera/", "/personal/notiser/",
)  # fmt: skip


class ActorMiddleware:
    """Sets ``request.actor`` (staff with unit and role, resident or None) and ends sessions that may not go on.

    A session ends when the account is inactive, ``authz_epoch`` was raised (a permission was removed, the unit was
    changed elsewhere) or nothing was done for too long (S-03, S-14).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find the actor, then go on."""
        actor = queries.actor_from_session(request.session)
        if actor is None and self._is_over(request):
            request.session.flush()
            request.user = AnonymousUser()
            messages.info(request, _("You were signed out. Sign in again to go on."))
        request.actor = actor  # type: ignore[attr-defined]
        self._mark_seen(request)
        response = self.get_response(request)
        if request.session.get(queries.SEEN) or request.session.get(queries.PERSON):
            # Nothing of a signed-in person stays in shared or back-button caches (S-04).
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _is_over(self, request: HttpRequest) -> bool:
        session = request.session
        if queries.person_id(session) is not None:
            return True
        if queries.staff_user_id(session) is None:
            return False
        return session.get(queries.MEMBERSHIP) is not None or queries.staff_from_session(session) is None

    def _mark_seen(self, request: HttpRequest) -> None:
        seen = request.session.get(queries.SEEN)
        if not seen or request.path.startswith(_BACKGROUND) or _fetches_itself(request):
            return
        now = timezone.now()
        if now - datetime.fromisoformat(seen) > _SEEN_EVERY:
            request.session[queries.SEEN] = now.isoformat()


def _fetches_itself(request: HttpRequest) -> bool:
    by_script = request.method == "GET" and request.headers.get("HX-Request") == "true"
    return by_script and request.path.startswith(_PANELS)
