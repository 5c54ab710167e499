"""What timers leave in the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cases import names
from cases.events import CaseEvent
from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change


class _ForStaff(CaseEvent):
    """Only staff see that a timer spoke up."""

    def doorbells(self) -> Sequence[Change]:
        """The staff header, so that the panel with the clock is fetched again."""
        return [Change(names.staff_chat_feed(self.public_id), names.HEADER)]


class InactivityDue(_ForStaff):
    """The patient has been silent as long as the threshold says; the holder decides (INA-02)."""

    code = "inactivity_due"


class TargetPassed(_ForStaff):
    """A response or assessment target passed, or long ago; ``data`` says which (QUE-14, TRI-04)."""

    code = "target_passed"


class UnclosedReminded(_ForStaff):
    """The holder was asked by SMS to close or hand over an open visit (INA-09)."""

    code = "unclosed_reminded"


class PatientWarned(_ForStaff):
    """The holder warned in the chat that the case is closed without an answer (INA-04)."""

    code = "inactivity_warned"


class ContactTried(_ForStaff):
    """SMS reminder or phone call; ``data`` says which and whether the patient was reached (INA-03, INA-05)."""

    code = "contact_tried"


@dataclass(frozen=True, slots=True)
class ManyWaiting(Event):
    """More wait at a unit than its threshold; the managers were told (HRS-20)."""

    code = "many_waiting"
    unit_id: int
    waiting: int

    def log(self) -> LogEntry:
        """The audit row."""
        data: dict[str, Any] = {"waiting": self.waiting}
        return LogEntry("unit", str(self.unit_id), data=data)
