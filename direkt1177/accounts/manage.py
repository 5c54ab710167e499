"""Manage, the admin UI: its own entry with the same sign-in as the rest of staff's pages (AUTH-03, AUTH-04)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from direkt1177.accounts import queries
from direkt1177.accounts.manage_todo import to_do
from direkt1177.accounts.sign_in import safe_next
from direkt1177.audit.refusals import NotAllowed

_WITHOUT = {"password_change", "password_change_done"}  # staff have no passwords (AUTH-01)


class ManageSite(AdminSite):
    """Django's admin for whoever administers at some unit; a care role alone gives no access."""

    site_header = _("Manage")
    site_title = _("Manage")
    index_title = _("Users, permissions and units")
    site_url = None
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Signed in as staff, still allowed, and administrator of something somewhere."""
        user = queries.staff_from_session(request.session)
        return user is not None and user.is_staff

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The start page with what waits for the administrator."""
        waiting = {"to_do": to_do(int(request.user.pk or 0))}
        return super().index(request, {**waiting, **(extra_context or {})})

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is no own sign-in page: go to staff's and come back.

        Raises:
            NotAllowed: signed in, without any administrative permission.
        """
        if queries.staff_user_id(request.session) is not None:
            if self.has_permission(request):
                return HttpResponseRedirect(reverse("admin:index"))
            raise NotAllowed
        target = urlencode({"next": safe_next(request, reverse("admin:index"))})
        return HttpResponseRedirect(f"{reverse('accounts:staff_sign_in')}?{target}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """End the session; a shift goes on (AUTH-17)."""
        request.session.flush()
        return HttpResponseRedirect(reverse("accounts:staff_sign_in"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses without those for passwords."""
        return [u for u in super().get_urls() if getattr(u, "name", None) not in _WITHOUT]


site = ManageSite(name="admin")
