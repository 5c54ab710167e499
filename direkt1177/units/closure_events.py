"""What happened to a unit's closures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from direkt1177.audit.record import Event, LogEntry
from direkt1177.units.models import Closure


@dataclass(frozen=True, slots=True)
class ClosureEvent(Event):
    """Something was decided on a closure; settings hold no personal data of patients."""

    closure_id: int
    unit_id: int
    before: str
    after: str
    data: dict[str, Any]

    @classmethod
    def of(cls, closure: Closure, *, before: str = "", reason: str = "", **more: Any) -> Self:
        """From the row as it is afterwards."""
        target = closure.target.name if closure.target else ""
        facts = {"kind": closure.kind, "starts": closure.starts_at.isoformat(), "ends": closure.ends_at.isoformat()}
        facts |= {"target": target, "manager": closure.manager, "reason": reason or closure.reason, **more}
        return cls(closure.pk, closure.unit_id, before, closure.status, facts)

    def log(self) -> LogEntry:
        """Under the unit, so that its history tells it."""
        data = {"closure": self.closure_id, **self.data}
        return LogEntry("unit", str(self.unit_id), from_state=self.before, to_state=self.after, data=data)


class ClosureRequested(ClosureEvent):
    """A planned closure was asked for (HRS-08)."""

    code = "closure_requested"


class ClosureAgreed(ClosureEvent):
    """Regional administration agreed (HRS-10)."""

    code = "closure_agreed"


class ClosureOrdered(ClosureEvent):
    """The head of operations ordered it; it holds (HRS-10)."""

    code = "closure_ordered"


class ClosureApproved(ClosureEvent):
    """The form was handled; it holds (HRS-10)."""

    code = "closure_approved"


class ClosureRejected(ClosureEvent):
    """Regional administration said no."""

    code = "closure_rejected"


class ClosureCancelled(ClosureEvent):
    """It was taken back before it began."""

    code = "closure_cancelled"


class ClosedAcutely(ClosureEvent):
    """An acute closure was carried out after the caller had been verified (HRS-15, HRS-16)."""

    code = "closure_acute"


class ClosureEnded(ClosureEvent):
    """The unit was opened again before the closure's end."""

    code = "closure_reopened"


class ClosureRetargeted(ClosureEvent):
    """Another unit takes new cases meanwhile, or none does."""

    code = "closure_retargeted"


class CardPublished(ClosureEvent):
    """The text stands on the contact card (HRS-13)."""

    code = "closure_card_published"


class CardWithdrawn(ClosureEvent):
    """The text is off the contact card again."""

    code = "closure_card_withdrawn"
