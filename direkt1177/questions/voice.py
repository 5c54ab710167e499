"""Who a text speaks to or about: one Swedish text serves the resident, a guardian and staff."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{([A-Za-zåäöÅÄÖ]+)\}")
PLACEHOLDERS = frozenset({"du", "dig", "din", "ditt", "dina", "sig", "name"})


@dataclass(frozen=True)
class Voice:
    """Fills the placeholders {du} {dig} {din} {ditt} {dina} {sig} {name}; a capital first letter gives a capital.

    Args:
        name: first name of the child, "patienten" for staff, or "" when the text speaks to the person concerned.
    """

    name: str = ""

    def __call__(self, text: str) -> str:
        """Return the text with its placeholders filled; unknown ones stay as they are."""
        return _PLACEHOLDER.sub(self._fill, text)

    def _fill(self, found: re.Match[str]) -> str:
        word = found.group(1)
        key = word.lower()
        if key not in PLACEHOLDERS:
            return found.group(0)
        value = self._about(key) if self.name else self._to_you(key)
        return value[:1].upper() + value[1:] if word[:1].isupper() else value

    def _about(self, key: str) -> str:
        if key in {"du", "dig", "name"}:
            return self.name
        return "sig" if key == "sig" else genitive(self.name)

    def _to_you(self, key: str) -> str:
        return {"sig": "dig", "name": "du"}.get(key, key)


def genitive(name: str) -> str:
    """Give the Swedish genitive of a name (Alma: Almas, Lukas: Lukas)."""
    return name if name[-1:].lower() in {"s", "x", "z"} else f"{name}s"


#: Speaks to the person the interview is about.
TO_YOU = Voice()
#: For staff, who read about the patient.
FOR_STAFF = Voice("patienten")


def unknown_placeholders(text: str) -> set[str]:
    """Name the placeholders of a text that no voice fills (a misprint in a data file)."""
    return {word for word in _PLACEHOLDER.findall(text) if word.lower() not in PLACEHOLDERS}
