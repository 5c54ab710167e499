"""PUSH: feed heads and changes, doorbells, hub, socket consumers; knows nobody."""

from __future__ import annotations

from django.apps import AppConfig


class RealtimeConfig(AppConfig):
    """PUSH: feed heads and changes, doorbells, hub, socket consumers; knows nobody."""

    name = "direkt1177.realtime"
    label = "realtime"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Doorbells of commands go to the sockets of this process and out through the background thread."""
        from direkt1177.realtime import changes, doorbells, hub  # noqa: PLC0415 - models exist only after set-up

        doorbells.listen(hub.ring_here)
        changes.on_doorbell(doorbells.ring)
