"""What happened to a ticket: audit rows without any text, and who is told (TIK-15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from cases import names as case_names
from direkt1177.audit.record import Event, LogEntry
from direkt1177.realtime.changes import Change
from handover.models import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEvent(Event):
    """Something happened to a ticket; the fields are the ticket as it stands after it."""

    public_id: UUID
    patient_id: int
    holder_person_id: int
    issuing_case: UUID
    from_state: str
    to_state: str
    data: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, ticket: Ticket, *, from_state: str, **data: Any) -> Self:
        """From a ticket already changed.

        Args:
            ticket: after the change.
            from_state: the state before; empty for a new one.
            data: ids and numbers for the log, never text.
        """
        return cls(
            public_id=ticket.public_id,
            patient_id=ticket.patient_id,
            holder_person_id=ticket.holder_person_id,
            issuing_case=ticket.issuing_case.public_id,
            from_state=str(from_state),
            to_state=str(ticket.state),
            data=data,
        )

    def log(self) -> LogEntry:
        """The audit row."""
        return LogEntry("ticket", str(self.public_id), self.patient_id, self.from_state, self.to_state, self.data)

    def doorbells(self) -> Sequence[Change]:
        """Whoever may use it sees its lists anew; the issuing case's page too."""
        people = sorted({self.patient_id, self.holder_person_id})
        changes = [Change(case_names.me_feed(f"person:{person}"), case_names.OWN) for person in people]
        return [*changes, Change(case_names.staff_chat_feed(self.issuing_case), case_names.HEADER)]


class TicketSaved(TicketEvent):
    """A draft was saved; nobody but staff knows of it."""

    code = "ticket_saved"

    def doorbells(self) -> Sequence[Change]:
        """Only the issuing case's page."""
        return (Change(case_names.staff_chat_feed(self.issuing_case), case_names.HEADER),)


class DraftThrownAway(TicketEvent):
    """A draft that was never sent went with its case; nobody was told of it."""

    code = "ticket_draft_thrown_away"

    def doorbells(self) -> Sequence[Change]:
        """Only the issuing case's page."""
        return (Change(case_names.staff_chat_feed(self.issuing_case), case_names.HEADER),)


class TicketSent(TicketEvent):
    """It was sent to the patient; the issuing case is still open."""

    code = "ticket_sent"


class TicketBecameUsable(TicketEvent):
    """*Avsluta besök* of the issuing case is done (TIK-06)."""

    code = "ticket_became_usable"


class TicketFormAnswered(TicketEvent):
    """The patient answered one of its forms."""

    code = "ticket_form_answered"

    def doorbells(self) -> Sequence[Change]:
        """Nobody waits for it."""
        return ()


class TicketActivated(TicketEvent):
    """The patient used it: a new case at the receiving unit (TIK-08)."""

    code = "ticket_activated"


class TicketHasExpired(TicketEvent):
    """Its last day has passed unused (TIK-13)."""

    code = "ticket_has_expired"


class TicketWasWithdrawn(TicketEvent):
    """Staff took it back, with a reason."""

    code = "ticket_was_withdrawn"


class TicketUnusedInTime(TicketEvent):
    """Urgency 1 or 2 and not used when it should have been assessed: somebody is to call the patient."""

    code = "ticket_unused_in_time"

    def doorbells(self) -> Sequence[Change]:
        """The posts ring for themselves."""
        return ()
