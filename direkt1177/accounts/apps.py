"""WHO: staff, roles, memberships, shifts, sign-in, actors."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """WHO: staff, roles, memberships, shifts, sign-in, actors."""

    name = "direkt1177.accounts"
    label = "accounts"
    verbose_name = _("Staff and permissions")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the sockets who sits behind a session."""
        from direkt1177.accounts.queries import actor_from_session  # noqa: PLC0415 - models must be loaded first
        from direkt1177.realtime import identity  # noqa: PLC0415

        identity.register(actor_from_session)
