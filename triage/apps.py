"""Protocols as data, interview, urgency, the resident's entrance."""

from __future__ import annotations

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Protocols as data, interview, urgency, the resident's entrance."""

    name = "triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"
