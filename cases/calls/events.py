"""What happened to a call: the audit row and the doorbells. Nothing of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cases import names
from cases.calls.names import CALL, call_feed
from cases.events import CaseEvent
from direkt1177.audit.record import LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent(CaseEvent):
    """Something about a call of a case.

    Attributes:
        call_id: public id of the call.
        call_from, call_to: its state before and after.
        seq: number of the line in the chat that says so; None without one.
    """

    call_id: UUID
    call_from: str
    call_to: str
    seq: int | None = None

    def log(self) -> LogEntry:
        """The audit row, under the call's own id."""
        data = {"case": str(self.public_id), **self.data}
        return LogEntry("call", str(self.call_id), self.patient_id, self.call_from, self.call_to, data)

    def doorbells(self) -> Sequence[Change]:
        """The call's own feed, and the card in the chat when the state changed."""
        changes = [Change(call_feed(self.call_id), CALL)]
        if self.call_from != self.call_to:
            chat = names.patient_chat_feed(self.public_id)
            changes += [Change(chat, CALL), Change(chat, names.HEADER)]
            if self.seq is not None:
                changes.append(Change(chat, names.message_object(self.seq)))
        return changes


class CallRequested(CallEvent):
    """Staff ask the patient for a call (VID-03)."""

    code = "call_requested"


class CallAccepted(CallEvent):
    """The patient said yes, with the information on fees before them (VID-03, FEE-06)."""

    code = "call_accepted"


class CallDeclined(CallEvent):
    """The patient would rather write."""

    code = "call_declined"


class CallMissed(CallEvent):
    """Nobody answered in time, or staff took the request back."""

    code = "call_missed"


class CallEnded(CallEvent):
    """The red handset, the end of the visit, or everybody gone."""

    code = "call_ended"


class CallJoined(CallEvent):
    """Somebody's page came into the call."""

    code = "call_joined"


class CallLeft(CallEvent):
    """Somebody's page left; the call goes on (VID)."""

    code = "call_left"
