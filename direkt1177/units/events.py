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
