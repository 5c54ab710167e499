"""What this part tells the apps below when the project starts."""

from __future__ import annotations


def register() -> None:
    """Nothing yet."""
