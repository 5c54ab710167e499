"""When a shift may end: pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from cases.states import CaseState

# What nobody else can take over by itself, so that the shift cannot end on it (SHF-05, QUE-16).
BLOCKING_STATES = (CaseState.RECEIVED, CaseState.STARTED)


def blocks_end_of_shift(state: str) -> bool:
    """Whether an own case in this state must be dealt with before the shift ends."""
    return state in BLOCKING_STATES


def may_end(states: Iterable[str]) -> bool:
    """Whether a shift with own cases in these states may end."""
    return not any(blocks_end_of_shift(state) for state in states)
