"""What happened at the end of a shift or of a day; audit rows carry facts, never what was written (SHF, HRS-05)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from cases import names as case_names
from cases.events import CaseEvent
from cases.models import Case
from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change
from handover import names


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftHolder(CaseEvent):
    """A case went from its holder into the queue of a role; the holder's open pages lose it within a second (S-14).

    Attributes:
        giver_id: who held it.
    """

    queue_op: ClassVar[Any] = "put"
    board_op: ClassVar[str] = "enter"
    giver_id: int

    @classmethod
    def by(cls, case: Case, *, giver_id: int, from_state: str, **data: Any) -> Self:
        """From a case that already waits.

        Args:
            case: after the change.
            giver_id: who held it.
            from_state: the state before.
            data: facts for the audit row.
        """
        facts = {"giver": giver_id, "role": case.role_id} | data
        return cls.of(case, from_state=from_state, holder_id=giver_id, giver_id=giver_id, data=facts)

    def doorbells(self) -> Sequence[Change]:
        """Case, queue, the giver's list and rights, and what the coordinator watches."""
        return [
            *CaseEvent.doorbells(self),
            Change(case_names.me_feed(f"staff:{self.giver_id}"), "authz"),
            Change(names.coordinator_feed(self.unit_id), case_names.case_object(self.public_id)),
        ]


class CaseReleased(LeftHolder):
    """*Frigör ärendet*: a coordinator or manager let it go, with a reason; marked *utan ägare*."""

    code = "case_released"


class CaseLeftBehind(LeftHolder):
    """It went by itself or with its holder's account: marked *utan ägare*."""

    code = "case_left_behind"


class CaseReturned(LeftHolder):
    """Unfinished after closing, its holder silent: back to the role's queue (a unit's setting)."""

    code = "case_returned"


class CaseLeftToRole(LeftHolder):
    """Its holder ended the shift and left it to a role of the unit (CAS-11)."""

    code = "case_left_to_role"


class CasePutBackAtEnd(LeftHolder):
    """Received and never started: back to its queue when the shift ended."""

    code = "case_put_back_at_end"


class ClosingTold(CaseEvent):
    """The patient was told that the service closes for the day (HRS-05)."""

    code = "closing_told"


@dataclass(frozen=True, slots=True)
class HolderEvent(Event):
    """A holder is at work around closing time."""

    user_id: int
    unit_id: int
    at: datetime
    closing: str = ""

    def log(self) -> LogEntry:
        """Who, where, when by the clock of the rules, and after which closing."""
        data = {"unit": self.unit_id, "at": self.at.isoformat(), "closing": self.closing}
        return LogEntry("user", str(self.user_id), data=data)


class HolderGoesOn(HolderEvent):
    """*Jag fortsätter*: the holder works on after closing; nothing is sent back (SHF-08)."""

    code = "holder_goes_on"


class HolderWrites(HolderEvent):
    """The holder has typed in a chat or note around closing time: nothing is sent back meanwhile."""

    code = "holder_writes"


@dataclass(frozen=True, slots=True)
class ResponsibleMissing(Event):
    """The hourly check found a case that nobody sees as theirs: an error of ours, told to the coordinator."""

    code = "responsible_missing"
    case: str
    patient_id: int
    unit_id: int
    why: str

    def log(self) -> LogEntry:
        """Which case and why."""
        return LogEntry("case", self.case, self.patient_id, data={"unit": self.unit_id, "why": self.why})
