"""What a unit still has to do before it can be wound up (UCH-02); apps above say how much of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Leftover:
    """One kind of work that is left, in words, and how much."""

    label: str | Promise
    count: int


Counter = Callable[[int], Iterable[Leftover]]
_counters: list[Counter] = []


def register(counter: Counter) -> None:
    """Ask ``counter(unit_id)`` when a unit is to be wound up; from ``AppConfig.ready``."""
    if counter not in _counters:
        _counters.append(counter)


def leftovers_of(unit_id: int) -> list[Leftover]:
    """All that is left at a unit, kinds without any left out."""
    return [found for counter in _counters for found in counter(unit_id) if found.count]
