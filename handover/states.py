"""States of offers and tickets, one transition table each (HOV-01, TIK-15)."""

from __future__ import annotations

from enum import StrEnum


class HandoverState(StrEnum):
    """How an offer ended, or that it still stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    # The giver's shift ended: it became an ordinary queue item of the addressed role (or fell back to the own one).
    QUEUED = "queued"


class TicketState(StrEnum):
    """From draft to its end."""

    DRAFT = "draft"
    SENT = "sent"
    USABLE = "usable"
    ACTIVATED = "activated"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


HANDOVER_TRANSITIONS: dict[HandoverState, frozenset[HandoverState]] = {
    HandoverState.PENDING: frozenset(HandoverState) - {HandoverState.PENDING},
    HandoverState.ACCEPTED: frozenset(),
    HandoverState.DECLINED: frozenset(),
    HandoverState.WITHDRAWN: frozenset(),
    HandoverState.QUEUED: frozenset(),
}
TICKET_TRANSITIONS: dict[TicketState, frozenset[TicketState]] = {
    TicketState.DRAFT: frozenset({TicketState.SENT, TicketState.USABLE, TicketState.WITHDRAWN}),
    # Sent waits for the issuing case to be closed (TIK-06).
    TicketState.SENT: frozenset({TicketState.USABLE, TicketState.EXPIRED, TicketState.WITHDRAWN}),
    TicketState.USABLE: frozenset({TicketState.ACTIVATED, TicketState.EXPIRED, TicketState.WITHDRAWN}),
    TicketState.ACTIVATED: frozenset(),
    TicketState.EXPIRED: frozenset(),
    TicketState.WITHDRAWN: frozenset(),
}
