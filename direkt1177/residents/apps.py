"""WHOSE: persons, guardians, protection."""

from __future__ import annotations

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    """WHOSE: persons, guardians, protection."""

    name = "direkt1177.residents"
    label = "residents"
    default_auto_field = "django.db.models.BigAutoField"
