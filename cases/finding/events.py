"""What happened: who opened what, who asked for what, who has looked through the day; never a reason's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from cases.events import CaseEvent
from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(CaseEvent):
    """A case was opened with a reason, by somebody who does not work in it.

    Attributes:
        opening_id: public id of the opening, where the reason stands.
    """

    opening_id: UUID

    def log(self) -> LogEntry:
        """The audit row."""
        data = {"opening": str(self.opening_id)}
        return LogEntry("case", str(self.public_id), self.patient_id, self.from_state, self.to_state, data)

    def doorbells(self) -> Sequence[Change]:
        """Nothing in the case has changed."""
        return ()


class FoundCaseOpened(CaseOpened):
    """From a search or *Alla besök* (QUE-21)."""

    code = "found_case_opened"


class EmergencyOpened(CaseOpened):
    """*Nödöppning* of a colleague's case; notices tell the holder (QUE-16)."""

    code = "emergency_opened"


class HandoverAsked(CaseEvent):
    """A colleague asks the holder to hand the case over; notices tell the holder (QUE-16)."""

    code = "handover_asked"

    def doorbells(self) -> Sequence[Change]:
        """Nothing in the case has changed."""
        return ()


@dataclass(frozen=True, slots=True)
class OpeningReviewed(Event):
    """A coordinator has looked at an emergency opening."""

    code = "opening_reviewed"
    opening_id: UUID
    patient_id: int

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("opening", str(self.opening_id), self.patient_id)


@dataclass(frozen=True, slots=True)
class DayReviewed(Event):
    """Somebody has looked through the list of today (QUE-12)."""

    code = "day_reviewed"
    unit_id: int
    day: date

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("unit", str(self.unit_id), data={"day": self.day.isoformat()})
