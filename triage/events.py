"""What happened in the entrance: audit rows without any text of the resident."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from direkt1177.audit.record import Event, LogEntry
from triage.models import Interview


@dataclass(frozen=True, kw_only=True)
class InterviewEvent(Event):
    """Something happened to an interview."""

    public_id: UUID
    patient_id: int
    from_state: str = Interview.Outcome.OPEN
    to_state: str = Interview.Outcome.OPEN
    data: dict[str, Any] = field(default_factory=dict)

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry(
            "interview", str(self.public_id), self.patient_id, str(self.from_state), str(self.to_state), self.data
        )

    @classmethod
    def of(cls, interview: Interview, **data: Any) -> InterviewEvent:
        """From an interview already changed."""
        return cls(
            public_id=interview.public_id,
            patient_id=interview.patient_id,
            to_state=str(interview.outcome),
            data=data,
        )


@dataclass(frozen=True, kw_only=True)
class InterviewStarted(InterviewEvent):
    """Somebody began to seek care or to ask an administrative question."""

    code: ClassVar[str] = "interview_started"


@dataclass(frozen=True, kw_only=True)
class EmergencyAdviceShown(InterviewEvent):
    """The resident was told to call 112."""

    code: ClassVar[str] = "emergency_advice_shown"


@dataclass(frozen=True, kw_only=True)
class UnstaffedWarningShown(InterviewEvent):
    """The resident was told that nobody reads the case in time."""

    code: ClassVar[str] = "unstaffed_warning_shown"


@dataclass(frozen=True, kw_only=True)
class InterviewEnded(InterviewEvent):
    """It ended: with a case, with self-care, with a call to 112, or left."""

    code: ClassVar[str] = "interview_ended"


@dataclass(frozen=True, kw_only=True)
class ProtocolPublished(Event):
    """A protocol version can be used from now on (TRI-17)."""

    code: ClassVar[str] = "protocol_published"
    protocol: str
    version: str
    sha256: str
    approved_by: str

    def log(self) -> LogEntry:
        """The audit row."""
        data = {"version": self.version, "sha256": self.sha256, "approved_by": self.approved_by}
        return LogEntry("protocol_version", self.protocol, data=data)
