"""Lines that the system writes into the internal chat: Swedish data, as they are stored."""

from __future__ import annotations

_MODES = {"consult": "skriver bara internt", "participate": "deltar i chatten med patienten"}


def invited(who: str, mode: str) -> str:
    """A guest came."""
    return f"{who} bjöds in som gäst och {_MODES[mode]}."


def mode_changed(who: str, mode: str) -> str:
    """A guest's part changed."""
    return f"{who} {_MODES[mode]} från nu."


def ended(who: str, ending: str) -> str:
    """A guest went."""
    words = {
        "removed": "är inte längre gäst.",
        "left": "lämnade besöket.",
        "took_over": "tog över besöket och är inte längre gäst.",
    }
    return f"{who} {words.get(ending, 'är inte längre gäst.')}"
