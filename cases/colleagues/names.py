"""Names of the feed of the internal chat and of its objects."""

from __future__ import annotations

from uuid import UUID

GUESTS = "guests"


def internal_feed(case: UUID | str) -> str:
    """What staff of a case write to each other, and who the guests are."""
    return f"internal:{case}"


def line_object(seq: int) -> str:
    """A line of it."""
    return f"line:{seq}"
