"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from direkt1177.outbox.effects import register_handler
from handover.notices import effects


def register() -> None:
    """SMS to staff."""
    register_handler("staff_sms", effects.send_staff_sms)
