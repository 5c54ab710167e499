"""The states of a call and the one transition table."""

from __future__ import annotations

from enum import StrEnum


class CallState(StrEnum):
    """Where a call is: asked for, going on, or over in one of three ways."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"
    ENDED = "ended"


TRANSITIONS: dict[CallState, frozenset[CallState]] = {
    CallState.REQUESTED: frozenset({CallState.ACCEPTED, CallState.DECLINED, CallState.MISSED}),
    CallState.ACCEPTED: frozenset({CallState.ENDED}),
    CallState.DECLINED: frozenset(),
    CallState.MISSED: frozenset(),
    CallState.ENDED: frozenset(),
}
OPEN_STATES = frozenset({CallState.REQUESTED, CallState.ACCEPTED})


def can_move(source: str, target: str) -> bool:
    """Whether the table allows going from one state to another."""
    return CallState(target) in TRANSITIONS[CallState(source)]
