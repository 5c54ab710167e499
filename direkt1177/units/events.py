"""What happened to regions, units and their settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from direkt1177.audit.record import Event, LogEntry


@dataclass(frozen=True, slots=True)
class PolicyChanged(Event):
    """A setting of a region or unit got a new value (ADM-07, ADM-08)."""

    region_id: int
    unit_id: int | None
    key: str
    old: Any
    new: Any
    source: str
    reason: str
    code: ClassVar[str] = "policy_changed"

    def log(self) -> LogEntry:
        """Old and new value; settings hold no personal data."""
        object_type, object_id = ("unit", self.unit_id) if self.unit_id else ("region", self.region_id)
        return LogEntry(
            object_type=object_type,
            object_id=str(object_id),
            data={"key": self.key, "old": self.old, "new": self.new, "source": self.source, "reason": self.reason},
        )


@dataclass(frozen=True, slots=True)
class RegionLoaded(Event):
    """A region's data file was loaded."""

    region_id: int
    document: str
    changed: tuple[str, ...]
    code: ClassVar[str] = "region_loaded"

    def log(self) -> LogEntry:
        """Which document, and which keys got another value."""
        return LogEntry(
            object_type="region",
            object_id=str(self.region_id),
            data={"document": self.document, "changed": list(self.changed)},
        )


@dataclass(frozen=True, slots=True)
class PolicyEnded(Event):
    """A unit's own value ends; the region's holds again (ADM-07)."""

    code: ClassVar[str] = "policy_ended"
    unit_id: int
    key: str
    old: Any
    ends: str
    reason: str

    def log(self) -> LogEntry:
        """What ended, and the first day on which it no longer holds."""
        data = {"key": self.key, "old": self.old, "ends": self.ends, "reason": self.reason}
        return LogEntry("unit", str(self.unit_id), data=data)


@dataclass(frozen=True, slots=True)
class HoursChanged(Event):
    """A unit or one of its roles got other weekly hours (HRS-01, ADM-08)."""

    code: ClassVar[str] = "hours_changed"
    unit_id: int
    role_id: int | None
    old: dict[str, str]
    new: dict[str, str]
    reason: str

    def log(self) -> LogEntry:
        """Old and new week: weekday (Monday 0) to hours."""
        data = {"role": self.role_id, "old": self.old, "new": self.new, "reason": self.reason}
        return LogEntry("unit", str(self.unit_id), data=data)


@dataclass(frozen=True, slots=True)
class CalendarExceptionEvent(Event):
    """A date with other hours than the week says was added, changed or removed."""

    unit_id: int
    old: str
    new: str
    reason: str

    def log(self) -> LogEntry:
        """Old and new, in words."""
        return LogEntry("unit", str(self.unit_id), data={"old": self.old, "new": self.new, "reason": self.reason})


class CalendarExceptionAdded(CalendarExceptionEvent):
    """A new exception."""

    code = "calendar_exception_added"


class CalendarExceptionChanged(CalendarExceptionEvent):
    """Another date, other hours or another reason."""

    code = "calendar_exception_changed"


class CalendarExceptionRemoved(CalendarExceptionEvent):
    """The week's hours hold again."""

    code = "calendar_exception_removed"
