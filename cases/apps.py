"""The errand: queue, claim, chat, closing."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The errand: queue, claim, chat, closing."""

    name = "cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
