"""What the tick finds due (design §2)."""

from __future__ import annotations

from cases.calls import queries
from cases.calls.commands import expire_call


def end_calls() -> int:
    """End calls that nobody answered or that everybody has left; two ticks at once are harmless.

    Returns:
        How many ended.
    """
    return sum(expire_call(call_pk=pk) for pk in queries.due_to_end())
