"""Commands of calls."""

from __future__ import annotations

from cases.calls.commands.asking import accept_call, decline_call, request_call
from cases.calls.commands.outcome import CallDone
from cases.calls.commands.taking_part import end_call, expire_call, join_call, leave_call, visit_closed

__all__ = [
    "CallDone",
    "accept_call",
    "decline_call",
    "end_call",
    "expire_call",
    "join_call",
    "leave_call",
    "request_call",
    "visit_closed",
]
