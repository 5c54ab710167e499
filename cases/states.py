"""The states of a case and the one transition table (CAS-01, design §4)."""

from __future__ import annotations

from enum import StrEnum


class CaseState(StrEnum):
    """Where a case is on its way through the clinic."""

    WAITING = "waiting"
    RECEIVED = "received"
    STARTED = "started"
    PAUSED = "paused"
    ASYNCHRONOUS = "asynchronous"
    CLOSED = "closed"
    CANCELLED = "cancelled"


TRANSITIONS: dict[CaseState, frozenset[CaseState]] = {
    # To started or asynchronous: a visit that had begun, lay in a queue again and is taken on (SHF, HOV-08).
    CaseState.WAITING: frozenset({CaseState.RECEIVED, CaseState.STARTED, CaseState.ASYNCHRONOUS, CaseState.CANCELLED}),
    CaseState.RECEIVED: frozenset({CaseState.WAITING, CaseState.STARTED}),
    CaseState.STARTED: frozenset({CaseState.WAITING, CaseState.PAUSED, CaseState.ASYNCHRONOUS, CaseState.CLOSED}),
    CaseState.PAUSED: frozenset({CaseState.STARTED, CaseState.WAITING, CaseState.ASYNCHRONOUS, CaseState.CLOSED}),
    CaseState.ASYNCHRONOUS: frozenset({CaseState.WAITING, CaseState.CLOSED}),
    CaseState.CLOSED: frozenset(),
    CaseState.CANCELLED: frozenset(),
}
OPEN_STATES = frozenset(
    {CaseState.WAITING, CaseState.RECEIVED, CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS}
)
HELD_STATES = OPEN_STATES - {CaseState.WAITING}


def can_move(source: str, target: str) -> bool:
    """Whether the table allows going from one state to another."""
    return CaseState(target) in TRANSITIONS[CaseState(source)]
