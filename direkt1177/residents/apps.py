"""WHOSE: persons, guardians, protection."""

from __future__ import annotations

from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    """WHOSE: persons, guardians, protection."""

    name = "direkt1177.residents"
    label = "residents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the side effects and ticks that know residents."""
        from direkt1177.outbox import ticks  # noqa: PLC0415 - models must be loaded first
        from direkt1177.outbox.effects import register_handler  # noqa: PLC0415
        from direkt1177.residents import effects, tasks  # noqa: PLC0415

        register_handler("resident_sms", effects.send_resident_sms)
        register_handler("register_lookup", effects.look_up_person)
        register_handler("turned_13", effects.end_rights_at_13)
        ticks.register("birthdays", tasks.find_birthdays)
