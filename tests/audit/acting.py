"""Somebody who acts and something that happens, for tests of the lowest apps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from direkt1177.audit.record import BoardMove, Event, LogEntry
from direkt1177.realtime.changes import Change


@dataclass(frozen=True)
class Somebody:
    """A minimal actor."""

    key: str = "staff:1"
    kind: str = "staff"
    name: str = "Anna Test"
    role_name: str = "Sjuksköterska"
    unit_id: int | None = 3
    provider_id: int | None = 1
    authz_epoch: int = 0
    session_key: str = ""


@dataclass(frozen=True, slots=True)
class SomethingHappened(Event):
    """A case moved on a board."""

    code: ClassVar[str] = "test.something_happened"
    case: str
    patient: int = 7
    feeds: tuple[str, ...] = ()

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("case", self.case, self.patient, "waiting", "received", {"note": 1})

    def doorbells(self) -> Sequence[Change]:
        """One change in each feed."""
        return [Change(feed, f"case:{self.case}") for feed in self.feeds]

    def board_moves(self) -> Sequence[BoardMove]:
        """It left the board."""
        return [BoardMove("queue:1:1", self.case, self.patient, "leave")]
