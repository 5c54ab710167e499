"""What happened to an acknowledgement: audit row and doorbells; nothing of it ever reaches the patient (ACK-02)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change
from handover import names
from handover.models import Acknowledgement


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgementEvent(Event):
    """Something happened to a post."""

    public_id: UUID
    patient_id: int
    unit_id: int
    to_user_id: int | None
    to_role_id: int | None
    kind: str

    @classmethod
    def of(cls, post: Acknowledgement) -> Self:
        """From a post already changed."""
        return cls(
            public_id=post.public_id,
            patient_id=post.patient_id,
            unit_id=post.unit_id,
            to_user_id=post.to_user_id,
            to_role_id=post.to_role_id,
            kind=str(post.kind),
        )

    def log(self) -> LogEntry:
        """The audit row."""
        data = {"kind": self.kind, "unit": self.unit_id, "to_user": self.to_user_id, "to_role": self.to_role_id}
        return LogEntry("acknowledgement", str(self.public_id), self.patient_id, data=data)

    def doorbells(self) -> Sequence[Change]:
        """The addressee's desk or notices, and the coordinator's list."""
        changes = [Change(names.coordinator_feed(self.unit_id), names.ACKNOWLEDGEMENTS)]
        if self.to_user_id is not None:
            changes.append(Change(names.notices_feed(self.to_user_id), names.ACKNOWLEDGEMENTS))
        if self.to_role_id is not None:
            changes.append(Change(names.desk_feed(self.unit_id, self.to_role_id), names.ACKNOWLEDGEMENTS))
        return changes


class AcknowledgementAsked(AcknowledgementEvent):
    """A colleague, or a timer, asks somebody to follow up or to know."""

    code = "acknowledgement_asked"


class Acknowledged(AcknowledgementEvent):
    """*Vidimera* was pressed: who and when stand on the row (ACK-03)."""

    code = "acknowledged"
