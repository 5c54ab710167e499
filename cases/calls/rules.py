"""Pure rules of calls. No database, no clock of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from cases.calls.states import OPEN_STATES, CallState
from cases.states import CaseState

# Who has not answered by then has not seen it; a new request is a press away.
UNANSWERED_AFTER = timedelta(minutes=5)
# Both have left and nobody pressed the red handset.
ABANDONED_AFTER = timedelta(minutes=30)
# No visit lasts longer; staff's sessions end then.
LONGEST = timedelta(hours=12)
# A page that is being loaded anew has no line for a moment.
ONLINE_GRACE = timedelta(seconds=30)


class Move(Protocol):
    """What ``present`` looks at: a row of who came and went."""

    actor_key: str
    session: str
    op: str


def may_request(case_state: str) -> bool:
    """Whether a call may be asked for: only in a visit that goes on (VID-01)."""
    return case_state == CaseState.STARTED


def may_answer(call_state: str) -> bool:
    """Whether a request still waits for an answer."""
    return call_state == CallState.REQUESTED


def is_open(call_state: str) -> bool:
    """Whether the call is asked for or going on."""
    return call_state in OPEN_STATES


def state_when_put_down(call_state: str) -> CallState | None:
    """What the red handset makes of it; None when it is over already.

    A request that staff take back was not answered: the patient sees the same as when nobody answered in time.
    """
    return {CallState.REQUESTED: CallState.MISSED, CallState.ACCEPTED: CallState.ENDED}.get(CallState(call_state))


def present(moves: Iterable[Move]) -> set[str]:
    """Actor keys of whoever is in the call: came with a page and has not left with it."""
    here: dict[str, str] = {}
    for move in moves:
        if move.op == "join":
            here[move.session] = move.actor_key
        else:
            here.pop(move.session, None)
    return set(here.values())


def over_by(
    call_state: str,
    *,
    case_state: str,
    requested_at: datetime,
    last_move_at: datetime | None,
    anyone: bool,
    now: datetime,
) -> CallState | None:
    """What the tick makes of an open call; None leaves it.

    Args:
        call_state, case_state: as they are.
        requested_at: when it was asked for.
        last_move_at: when somebody last came or left, None when nobody has.
        anyone: whether somebody is in it.
        now: UTC.
    """
    if call_state == CallState.REQUESTED:
        late = now - requested_at >= UNANSWERED_AFTER
        return CallState.MISSED if late or not may_request(case_state) else None
    if call_state != CallState.ACCEPTED:
        return None
    idle = not anyone and now - (last_move_at or requested_at) >= ABANDONED_AFTER
    gone = case_state in (CaseState.CLOSED, CaseState.CANCELLED)
    return CallState.ENDED if idle or gone or now - requested_at >= LONGEST else None
