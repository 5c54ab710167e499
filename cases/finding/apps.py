"""Finding cases by patient or date, and opening with a reason."""

from __future__ import annotations

from django.apps import AppConfig


class FindingConfig(AppConfig):
    """Finding cases by patient or date, and opening with a reason."""

    name = "cases.finding"
    label = "finding"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Take the places on pages of the errand."""
        from cases.finding import ready  # noqa: PLC0415  models must be loaded first

        ready.register()
