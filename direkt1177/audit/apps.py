"""PROOF: append-only change log and read log."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """PROOF: append-only change log and read log."""

    name = "direkt1177.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
