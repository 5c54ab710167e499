"""Asynchronous cases."""

from __future__ import annotations

from django.apps import AppConfig


class AsynchronousConfig(AppConfig):
    """Asynchronous cases."""

    name = "cases.asynchronous"
    label = "asynchronous"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the apps below: what needs no answer, what closing does, and where a new one begins."""
        from cases.asynchronous import ready  # noqa: PLC0415  models must be loaded first

        ready.register()
