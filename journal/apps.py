"""Note, sign, export."""

from __future__ import annotations

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Note, sign, export."""

    name = "journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A unit is not wound up while notes there wait for their signature (UCH-02)."""
        from direkt1177.units import leftovers  # noqa: PLC0415  models must be loaded first
        from journal.queries import left_at  # noqa: PLC0415

        leftovers.register(left_at)
