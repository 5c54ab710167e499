"""ABOVE: figures for managers; reads only."""

from __future__ import annotations

from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    """ABOVE: figures for managers; reads only."""

    name = "direkt1177.statistics"
    label = "statistics"
    default_auto_field = "django.db.models.BigAutoField"
