"""What happened in asynchronous cases: audit rows, effects, doorbells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cases import names
from cases.events import CaseEvent
from direkt1177.audit.record import Event, LogEntry
from direkt1177.outbox.effects import EffectSpec
from direkt1177.realtime.changes import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class CareInitiated(CaseEvent):
    """Staff began an asynchronous case and hold it (ASY-01, ASY-04).

    Attributes:
        sms_now: the patient gets the SMS at once, whether or not they are in the service (policy ``async_sms``).
        seen: number of the newest message that the patient has seen, 0: with it the SMS about the first message and
            this one are one and the same.
    """

    code = "care_initiated"
    sms_now: bool
    seen: int = 0

    def effects(self) -> Sequence[EffectSpec]:
        """The fixed text without health data; to protected persons none is sent (NOT-07)."""
        if not self.sms_now:
            return ()
        return (
            EffectSpec(
                kind="resident_sms",
                key=f"new_message:{self.public_id}:{self.seen}",
                aggregate=f"case:{self.public_id}",
                payload={"person": self.started_by_id, "template": "new_message", "unit": self.unit_id},
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marked(CaseEvent):
    """The holder's list and page change; the patient sees nothing of it."""

    def doorbells(self) -> Sequence[Change]:
        """The holder's own lists."""
        changes = [Change(names.staff_chat_feed(self.public_id), names.HEADER)]
        if self.holder_id:
            changes.append(Change(names.me_feed(f"staff:{self.holder_id}"), names.OWN))
        return changes


class FollowUpDone(_Marked):
    """*Markera som klar* (ASY-03)."""

    code = "follow_up_done"


class FollowUpNotDone(_Marked):
    """The mark was taken back."""

    code = "follow_up_not_done"


class FollowUpExtended(CaseEvent):
    """The holder gave the follow-up more days; the patient may write again."""

    code = "follow_up_extended"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRated(Event):
    """The resident answered how it was. What they answered stands nowhere near the case."""

    code = "visit_rated"
    case_id: str
    patient_id: int

    def log(self) -> LogEntry:
        """That there was an answer, not which."""
        return LogEntry("case", self.case_id, self.patient_id)
