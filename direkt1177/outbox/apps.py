"""DO: side effects as rows with leases."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """DO: side effects as rows with leases."""

    name = "direkt1177.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"
