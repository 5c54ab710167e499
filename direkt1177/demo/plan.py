"""Which errands the demo has: where they go, how far they have come, who has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

End = Literal["waiting", "received", "started", "followed", "closed"]


@dataclass(frozen=True, slots=True)
class Slot:
    """One errand to be.

    Attributes:
        unit: slug.
        kind: ``seek_care`` or ``admin_question``.
        end: how far it comes.
        by: key of the member of staff who takes it; empty while it waits.
        days_ago: how many working days ago it arrived.
        number: counts errands of the same kind and fate, from 0.
    """

    unit: str
    kind: str
    end: End
    by: str = ""
    days_ago: int = 0
    number: int = 0


#: How many; then as the first fields of ``Slot``.
Row = Sequence[Any]


def plan(rows: Sequence[Row], cases: int) -> list[Slot]:
    """The first ``cases`` errands; every length has some of everything, more than the rows have repeat the mix."""
    spread = sorted(
        ((place + 0.5) / count, order, tuple(row[1:]))
        for order, row in enumerate(rows)
        for count in [row[0]]
        for place in range(count)
    )
    seen: Counter[tuple[Any, ...]] = Counter()
    slots = []
    for index in range(cases):
        row = spread[index % len(spread)][2]
        slots.append(replace(Slot(*row), number=seen[row]))
        seen[row] += 1
    return slots
