"""Offers, tickets, acknowledgements, shifts, timers, notices."""

from __future__ import annotations

from django.apps import AppConfig


class HandoverConfig(AppConfig):
    """Offers, tickets, acknowledgements, shifts, timers, notices."""

    name = "handover"
    label = "handover"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Each part tells the apps below what it brings."""
        from handover.acknowledgements import ready as acknowledgements  # noqa: PLC0415  models must be loaded first
        from handover.guests import ready as guests  # noqa: PLC0415
        from handover.notices import ready as notices  # noqa: PLC0415
        from handover.offers import ready as offers  # noqa: PLC0415
        from handover.shifts import ready as shifts  # noqa: PLC0415
        from handover.tickets import ready as tickets  # noqa: PLC0415
        from handover.timers import ready as timers  # noqa: PLC0415

        for part in (shifts, offers, tickets, acknowledgements, timers, guests, notices):
            part.register()
