"""Lines that stand in the patient chat for ever: content, so Swedish, whoever reads (design §1)."""

from __future__ import annotations

_NOUN = {"video": "Videosamtalet", "voice": "Röstsamtalet"}


def requested(name: str, kind: str) -> str:
    """Staff ask for a call."""
    return f"{name} vill prata med dig {'på video' if kind == 'video' else 'i ett röstsamtal'}."


def outcome(kind: str, state: str) -> str:
    """What became of it.

    Args:
        kind: ``video`` or ``voice``.
        state: of ``CallState``, not ``requested``.
    """
    words = {
        "accepted": "accepterades",
        "declined": "avböjdes",
        "missed": "besvarades inte",
        "ended": "avslutades",
    }
    return f"{_NOUN[kind]} {words[state]}."
