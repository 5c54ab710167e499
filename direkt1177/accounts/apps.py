"""WHO: staff, roles, memberships, shifts, sign-in, actors."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """WHO: staff, roles, memberships, shifts, sign-in, actors."""

    name = "direkt1177.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
