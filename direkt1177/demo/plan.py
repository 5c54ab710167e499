"""Which errands the demo has: where they go, how far they have come, who has them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

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


# 60 errands; how many of each.
_PLAN: list[tuple[int, str, str, End, str, int]] = [
    (24, "exempelby", "seek_care", "waiting", "", 0),
    (6, "exempelby", "admin_question", "waiting", "", 0),
    (3, "testbacken", "seek_care", "waiting", "", 0),
    (3, "granbacken", "seek_care", "waiting", "", 0),
    (3, "exempelby", "seek_care", "started", "anna", 0),
    (1, "exempelby", "seek_care", "received", "anna", 0),
    (1, "exempelby", "seek_care", "started", "bjorn", 0),
    (1, "exempelby", "seek_care", "received", "bjorn", 0),
    (1, "exempelby", "seek_care", "started", "daniel", 0),
    (1, "exempelby", "admin_question", "started", "gun", 0),
    (1, "testbacken", "seek_care", "started", "karin", 0),
    (1, "granbacken", "seek_care", "started", "mona", 0),
    (2, "exempelby", "seek_care", "followed", "anna", 1),
    (1, "exempelby", "seek_care", "followed", "bjorn", 2),
    (1, "exempelby", "admin_question", "followed", "gun", 1),
    (3, "exempelby", "seek_care", "closed", "anna", 0),
    (2, "exempelby", "seek_care", "closed", "bjorn", 0),
    (1, "exempelby", "admin_question", "closed", "gun", 0),
    (2, "exempelby", "seek_care", "closed", "anna", 1),
    (1, "exempelby", "seek_care", "closed", "bjorn", 3),
    (1, "exempelby", "admin_question", "closed", "gun", 2),
]


def plan(cases: int) -> list[Slot]:
    """The first ``cases`` errands; every length has some of everything, more than 60 repeat the mix."""
    spread = sorted(
        ((place + 0.5) / count, order, row[1:])
        for order, row in enumerate(_PLAN)
        for count in [row[0]]
        for place in range(count)
    )
    seen: Counter[tuple[str, str, End, str, int]] = Counter()
    slots = []
    for index in range(cases):
        row = spread[index % len(spread)][2]
        slots.append(Slot(*row, number=seen[row]))
        seen[row] += 1
    return slots
