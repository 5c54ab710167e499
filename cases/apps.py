"""The errand: queue, claim, chat, closing."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    """The errand: queue, claim, chat, closing."""

    name = "cases"
    label = "cases"
    verbose_name = _("Phrases for the chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the apps below what the errand brings: feeds, actions, effects, ticks, where a person is shown."""
        from cases import actions, effects, feeds, leftovers, tasks  # noqa: PLC0415  models must be loaded first
        from cases.views import onward  # noqa: PLC0415
        from direkt1177.outbox import ticks  # noqa: PLC0415
        from direkt1177.outbox.effects import register_handler  # noqa: PLC0415
        from direkt1177.realtime import sources  # noqa: PLC0415
        from direkt1177.residents import shown as residents_shown  # noqa: PLC0415

        for source in (feeds.QueueSource(), feeds.ChatSource(), feeds.MeSource()):
            sources.register(source)
        actions.register()
        onward.register()
        leftovers.register()
        register_handler("case_unread_sms", effects.send_unread_sms)
        ticks.register("end_follow_ups", tasks.end_follow_ups)
        residents_shown.register(feeds.changes_showing)
