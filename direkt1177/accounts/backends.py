"""Django's authentication back end for staff: there is no password, only an identity proven by a sign-in port."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from direkt1177.accounts.models import User


class StaffBackend(BaseBackend):
    """Loads the signed-in member of staff; rights come from ``AdminPermission`` rows (ORG-12)."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Nobody signs in with credentials: ``accounts.sign_in`` does it after the port has proven an HSA-id."""
        return None

    def get_user(self, user_id: int) -> User | None:
        """The active user of a session, or None."""
        return User.objects.filter(pk=user_id, is_active=True).first()
