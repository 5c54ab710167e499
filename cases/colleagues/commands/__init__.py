"""Commands of guests and of the internal chat."""

from __future__ import annotations

from cases.colleagues.commands.guests import GuestDone, change_guest_mode, end_guest, invite_guest
from cases.colleagues.commands.internal import Written, mark_internal_seen, send_internal

__all__ = [
    "GuestDone",
    "Written",
    "change_guest_mode",
    "end_guest",
    "invite_guest",
    "mark_internal_seen",
    "send_internal",
]
