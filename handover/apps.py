"""Ending shifts; later handovers, tickets, acknowledgements."""

from __future__ import annotations

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    """Ending shifts; later handovers, tickets, acknowledgements."""

    name = "handover"
    label = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Changing unit asks how many cases would be left behind (SHF-05, SHF-07)."""
        from direkt1177.accounts import leaving  # noqa: PLC0415  models must be loaded first
        from handover.queries import blocking_count  # noqa: PLC0415

        leaving.register(blocking_count)
