"""What happened to a unit itself: its branch decision, its name, its end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from direkt1177.audit.record import Event, LogEntry
from direkt1177.units.models import UnitChange


@dataclass(frozen=True, slots=True)
class BranchDecided(Event):
    """A branch handles its own cases, or no longer does (ORG-21)."""

    code = "branch_decided"
    unit_id: int
    own_cases: bool
    decided_by: str
    decided_on: str
    valid_from: str
    reason: str

    def log(self) -> LogEntry:
        """The decision with decider and date."""
        new = {"own_cases": self.own_cases, "decided_by": self.decided_by, "decided_on": self.decided_on}
        data = {"new": new | {"valid_from": self.valid_from}, "reason": self.reason}
        return LogEntry("unit", str(self.unit_id), data=data)


@dataclass(frozen=True, slots=True)
class UnitRenamed(Event):
    """Another name or HSA-id holds from now on (UCH-03)."""

    code = "unit_renamed"
    unit_id: int
    old: dict[str, str]
    new: dict[str, str]
    reason: str

    def log(self) -> LogEntry:
        """Old and new."""
        return LogEntry("unit", str(self.unit_id), data={"old": self.old, "new": self.new, "reason": self.reason})


@dataclass(frozen=True, slots=True)
class UnitChangeEvent(Event):
    """A step of a winding up or takeover."""

    unit_id: int
    before: str
    after: str
    data: dict[str, Any]

    @classmethod
    def of(cls, change: UnitChange, *, before: str, reason: str = "") -> Self:
        """From the row as it is afterwards."""
        successor = change.successor.name if change.successor else ""
        data = {"kind": change.kind, "takes_effect": change.takes_effect.isoformat(), "successor": successor}
        return cls(change.unit_id, before, change.status, {**data, "reason": reason or change.reason})

    def log(self) -> LogEntry:
        """Under the unit, so that its history tells it."""
        return LogEntry("unit", str(self.unit_id), from_state=self.before, to_state=self.after, data=self.data)


class UnitChangePlanned(UnitChangeEvent):
    """A day was set."""

    code = "unit_change_planned"


class RegionTold(UnitChangeEvent):
    """Regional administration has confirmed that it knows (UCH-01)."""

    code = "unit_change_region_told"


class UnitChangeDone(UnitChangeEvent):
    """The unit is closed for good (UCH-02)."""

    code = "unit_change_done"


class UnitChangeCancelled(UnitChangeEvent):
    """It does not happen."""

    code = "unit_change_cancelled"
