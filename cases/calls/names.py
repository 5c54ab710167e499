"""Names of the feed of a call and of its object, here and in the chat."""

from __future__ import annotations

from uuid import UUID


def call_feed(call: UUID | str) -> str:
    """State of a call, and what its pages tell each other."""
    return f"call:{call}"


CALL = "call"
