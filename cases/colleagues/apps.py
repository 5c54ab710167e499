"""Colleagues in a case: guests, and what staff write to each other."""

from __future__ import annotations

from django.apps import AppConfig


class ColleaguesConfig(AppConfig):
    """Colleagues in a case: guests, and what staff write to each other."""

    name = "cases.colleagues"
    label = "colleagues"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the apps below what colleagues bring: a feed, places on pages, and when guests leave."""
        from cases.colleagues import ready  # noqa: PLC0415  models must be loaded first

        ready.register()
