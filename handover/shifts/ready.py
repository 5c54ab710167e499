"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from direkt1177.accounts import leaving
from handover.shifts.queries import blocking_count


def register() -> None:
    """Changing unit asks how many cases would be left behind (SHF-05, SHF-07)."""
    leaving.register(blocking_count)
