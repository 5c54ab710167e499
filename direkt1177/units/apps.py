"""WHERE: regions, care providers, units, staffed time, policies."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UnitsConfig(AppConfig):
    """WHERE: regions, care providers, units, staffed time, policies."""

    name = "direkt1177.units"
    label = "units"
    verbose_name = _("Units and settings")
    default_auto_field = "django.db.models.BigAutoField"
