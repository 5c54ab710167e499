"""The project itself as an app: its management commands and system checks."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """Registers the system checks."""

    name = "direkt1177"

    def ready(self) -> None:
        """Import the checks so that they are registered."""
        from direkt1177 import checks  # noqa: F401, PLC0415 - registration is the purpose
