"""Protocols as data, interview, urgency, the resident's entrance."""

from __future__ import annotations

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """Protocols as data, interview, urgency, the resident's entrance."""

    name = "triage"
    label = "triage"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Drafts that nobody goes on with are closed by the tick."""
        from direkt1177.outbox import ticks  # noqa: PLC0415
        from triage.commands import abandon_drafts  # noqa: PLC0415  models must be loaded first

        ticks.register("abandon_drafts", abandon_drafts)
