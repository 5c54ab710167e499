"""The project itself as an app: its management commands and system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings

from direkt1177 import logs


class ProjectConfig(AppConfig):
    """Registers the system checks and tells the outbox how workers are nudged."""

    name = "direkt1177"

    def ready(self) -> None:
        """Import the checks so that they are registered; name Celery's publish."""
        from direkt1177 import checks  # noqa: F401, PLC0415 - registration is the purpose
        from direkt1177.celery import app  # noqa: PLC0415
        from direkt1177.outbox import nudge  # noqa: PLC0415

        def publish(effect_id: int) -> None:
            app.send_task("direkt1177.run_effect", [effect_id], expires=60, retry=False, ignore_result=True)

        nudge.publish_through(publish)
        if settings.JSON_LOGS:
            logs.install_hooks()
