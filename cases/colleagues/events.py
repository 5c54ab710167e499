"""What happened around the colleagues in a case: audit rows and doorbells. Never what was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cases import names
from cases.colleagues.names import GUESTS, internal_feed, line_object
from cases.events import CaseEvent
from direkt1177.audit.record import LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestEvent(CaseEvent):
    """Something about a guest.

    Attributes:
        guest_id: public id of the row.
        user_id, guest_unit_id: who, and where they work.
        seq: number of the internal line that says so; None without one.
        queue: unit and role in whose queue the case lies, whose row has the mark (QUE-24).
        mode: what they may do.
    """

    guest_id: UUID
    user_id: int
    guest_unit_id: int
    mode: str
    seq: int | None = None
    queue: tuple[int, int] | None = None

    def log(self) -> LogEntry:
        """The audit row, under the guest's own id."""
        data = {"case": str(self.public_id), "user": self.user_id, "mode": self.mode, **self.data}
        return LogEntry("guest", str(self.guest_id), self.patient_id, self.from_state, self.to_state, data)

    def doorbells(self) -> Sequence[Change]:
        """The internal chat, the guest's and the holder's lists, what the guest may see, the mark in the queue."""
        feed, guest = internal_feed(self.public_id), names.me_feed(f"staff:{self.user_id}")
        changes = [
            Change(feed, GUESTS),
            Change(names.staff_chat_feed(self.public_id), names.HEADER),
            Change(guest, names.OWN),
            Change(guest, "authz"),
        ]
        if self.seq is not None:
            changes.append(Change(feed, line_object(self.seq)))
        if self.holder_id and self.holder_id != self.user_id:
            changes.append(Change(names.me_feed(f"staff:{self.holder_id}"), names.OWN))
        if self.queue is not None:
            changes.append(Change(names.queue_feed(*self.queue), names.case_object(self.public_id)))
        return changes


class GuestInvited(GuestEvent):
    """*Bjud in* (CHT-14)."""

    code = "guest_invited"


class GuestModeChanged(GuestEvent):
    """The holder let the guest take part, or only consult (CHT-16)."""

    code = "guest_mode_changed"


class GuestEnded(GuestEvent):
    """Removed, left, or the case has come where guests have no place (I-09)."""

    code = "guest_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalSent(CaseEvent):
    """A line in the internal chat; its text is in no event (CHT-13).

    Attributes:
        seq: number of the line.
    """

    code = "internal_sent"
    seq: int

    def doorbells(self) -> Sequence[Change]:
        """Only the internal feed: nothing of the patient's moves."""
        return (Change(internal_feed(self.public_id), line_object(self.seq)),)
