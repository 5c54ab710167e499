"""What keeps somebody at a unit: apps above say how many cases a user still holds there."""

from __future__ import annotations

from collections.abc import Callable

Holding = Callable[[int, int], int]
_holdings: list[Holding] = []


def register(holding: Holding) -> None:
    """Add a function from (user id, unit id) to the number of cases held there (from ``AppConfig.ready``)."""
    if holding not in _holdings:
        _holdings.append(holding)


def held_at(user_id: int, unit_id: int) -> int:
    """Number of cases that must be closed or handed over before the unit may be left (SHF-05)."""
    return sum(holding(user_id, unit_id) for holding in _holdings)
