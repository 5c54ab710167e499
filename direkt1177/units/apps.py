"""WHERE: regions, care providers, units, staffed time, policies."""

from __future__ import annotations

from django.apps import AppConfig


class UnitsConfig(AppConfig):
    """WHERE: regions, care providers, units, staffed time, policies."""

    name = "direkt1177.units"
    label = "units"
    default_auto_field = "django.db.models.BigAutoField"
