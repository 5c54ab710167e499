"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.slots import TOPBAR, slots
from direkt1177.outbox.effects import register_handler
from direkt1177.realtime import sources
from handover.notices import asked, effects, feeds


def register() -> None:
    """SMS to staff, and the feed of the bell."""
    register_handler("staff_sms", effects.send_staff_sms)
    sources.register(feeds.NoticesSource())
    asked.register()
    # The bell brings its feed itself: pages need not ask for its version.
    slots.register(TOPBAR, "handover:notices_counter", title=_("Notices"))
