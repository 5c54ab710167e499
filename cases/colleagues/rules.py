"""Pure rules: who is a guest of what, who takes part in the internal chat. No database, no clock."""

from __future__ import annotations

from cases.states import HELD_STATES

# Bases of ``cases.access`` that are guests'; only the second writes to the patient (CHT-16).
CONSULTS, TAKES_PART = "guest", "guest_participate"
# Who writes in the internal chat whatever the state; addressees of an offer come to it by ``takes_part`` (CHT-19).
_ALWAYS = frozenset({"holder", CONSULTS, TAKES_PART})


def has_guests(state: str, holder_id: int | None) -> bool:
    """Whether a case can have guests: somebody has it and it is not closed (I-09)."""
    return holder_id is not None and state in HELD_STATES


def basis_of(mode: str) -> str:
    """The basis of a guest with that mode."""
    return TAKES_PART if mode == "participate" else CONSULTS


def takes_part(basis: str, *, held: bool, offered: bool) -> bool:
    """Whether somebody with that basis writes in the internal chat now (CHT-13, CHT-19).

    Args:
        basis: of ``cases.access``.
        held: somebody has the case.
        offered: it is being handed over.
    """
    if not held:
        return False
    return basis in _ALWAYS or (offered and basis in ("offer", "queue_role"))


def may_read(basis: str, *, held: bool, offered: bool) -> bool:
    """Whether somebody reads it: whoever takes part, and who closed the visit, for the note (CHT-18)."""
    return basis == "closed_own" or takes_part(basis, held=held, offered=offered)
