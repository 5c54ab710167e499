"""Names of feeds, objects and boards of the errand, in one place (design §3)."""

from __future__ import annotations

from uuid import UUID


def queue_feed(unit_id: int, role_id: int) -> str:
    """The queue of a unit and role; also its board in the log of who was shown."""
    return f"queue:{unit_id}:{role_id}"


def patient_chat_feed(case: UUID | str) -> str:
    """What patient and staff both see of a case."""
    return f"chat:{case}:patient"


def staff_chat_feed(case: UUID | str) -> str:
    """What only staff see of a case."""
    return f"chat:{case}:staff"


def me_feed(actor_key: str) -> str:
    """Own ongoing cases and revocations of one person."""
    return f"me:{actor_key}"


def case_object(case: UUID | str) -> str:
    """A case in a queue feed."""
    return f"case:{case}"


def message_object(seq: int) -> str:
    """A message in a chat feed."""
    return f"message:{seq}"


HEADER = "case"
OWN = "own"
