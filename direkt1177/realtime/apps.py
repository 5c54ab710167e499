"""PUSH: feed heads and changes, doorbells, hub, socket consumers; knows nobody."""

from __future__ import annotations

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """PUSH: feed heads and changes, doorbells, hub, socket consumers; knows nobody."""

    name = "direkt1177.realtime"
    label = "realtime"
    default_auto_field = "django.db.models.BigAutoField"
