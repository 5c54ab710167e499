"""How many cases wait at a unit, and whether that is so many that the manager decides what to do (HRS-20)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from direkt1177.units.models import Unit
from direkt1177.units.policies import policies_of

Count = Callable[[Collection[int]], Mapping[int, int]]
_count: list[Count] = []


@dataclass(frozen=True, slots=True)
class Load:
    """Waiting cases beside the unit's threshold; without a threshold it is never over."""

    unit_id: int
    waiting: int
    threshold: int | None

    @property
    def over(self) -> bool:
        """Whether the manager is to be told."""
        return self.threshold is not None and self.waiting >= self.threshold


def register(count: Count) -> None:
    """``count(unit_ids)`` gives waiting cases by unit id; the app of cases says how, from ``AppConfig.ready``."""
    _count[:] = [count]


def load_of(unit: Unit) -> Load:
    """Waiting cases of one unit and its threshold."""
    return loads_of([unit])[unit.pk]


def loads_of(units: Iterable[Unit]) -> dict[int, Load]:
    """The same for several units; two queries whatever their number."""
    units = list(units)
    waiting = _count[0]([unit.pk for unit in units]) if _count and units else {}
    settings = policies_of(units)
    return {unit.pk: Load(unit.pk, waiting.get(unit.pk, 0), settings[unit.pk].load_alert_threshold) for unit in units}
