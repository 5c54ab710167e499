"""DO: side effects as rows with leases."""

from __future__ import annotations

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """DO: side effects as rows with leases."""

    name = "direkt1177.outbox"
    label = "outbox"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Ticks of this app and of the one below it."""
        from direkt1177.outbox import effects_run, ticks  # noqa: PLC0415 - models exist only after set-up
        from direkt1177.realtime import changes  # noqa: PLC0415

        ticks.register("heartbeat", ticks.beat)
        ticks.register("effects", effects_run.run_due)
        ticks.register("forget_feed_changes", changes.forget_old)
