"""Video and voice inside a case."""

from __future__ import annotations

from django.apps import AppConfig


class CallsConfig(AppConfig):
    """Video and voice inside a case."""

    name = "cases.calls"
    label = "calls"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the apps below what calls bring: a feed, a tick, and that closing the visit ends them."""
        from cases.calls import commands, feeds, tasks  # noqa: PLC0415  models must be loaded first
        from direkt1177.audit.record import subscribe  # noqa: PLC0415
        from direkt1177.outbox import ticks  # noqa: PLC0415
        from direkt1177.realtime import sources  # noqa: PLC0415

        sources.register(feeds.CallSource())
        ticks.register("end_calls", tasks.end_calls)
        subscribe("visit_closed", commands.visit_closed)
