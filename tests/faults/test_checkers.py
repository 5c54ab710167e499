"""The checkers find what they are there to find: each kind of damage, made by hand, is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults import checkers
from tests.faults.checkers import History

ROWS = [["1", "staff:1", "welcome-2", "Hej"], ["2", "person:1", "p-1", "a"], ["3", "person:1", "p-2", "b"]]


def line(kind: str, **facts: Any) -> dict[str, Any]:
    """A line of history."""
    return {"t": 0.0, "proc": "p", "type": kind, **facts}


def acked(*pairs: tuple[str, int]) -> History:
    """Messages that were sent and acknowledged."""
    return History([one for ident, seq in pairs for one in (line("invoke", id=ident), line("ok", id=ident, seq=seq))])


GOOD = acked(("p-1", 2), ("p-2", 3))
PEOPLE = [{"name": "p", "case": "c"}]


def test_nothing_is_found_where_all_is_well() -> None:
    stored = {"c": ROWS}
    shown = History([*GOOD.lines, line("shown", items=ROWS), line("refused", reason="unavailable")])
    assert checkers.durable(shown, stored) == checkers.unique(stored) == checkers.in_order(stored) == []
    assert checkers.converged(shown, PEOPLE, stored) == checkers.still_in(shown) == []


@pytest.mark.parametrize(
    ("history", "rows"),
    [
        (GOOD, ROWS[:2]),  # acknowledged and gone
        (acked(("p-1", 2), ("p-2", 4)), ROWS),  # under another number than acknowledged
        (History([*GOOD.lines, line("invoke", id="p-3")]), ROWS),  # never answered
        (History([*GOOD.lines, line("lost", id="p-3", code="closed")]), ROWS),
    ],
)
def test_lost_messages_are_found(history: History, rows: list[list[str]]) -> None:
    assert len(checkers.durable(history, {"c": rows})) == 1


def test_doubled_messages_are_found() -> None:
    assert checkers.unique({"c": [*ROWS, ["4", *ROWS[2][1:]]]})


@pytest.mark.parametrize("rows", [ROWS[:1] + ROWS[2:], [ROWS[0], ["2", *ROWS[2][1:]], ["3", *ROWS[1][1:]]]])
def test_holes_and_wrong_order_are_found(rows: list[list[str]]) -> None:
    assert checkers.in_order({"c": rows})


@pytest.mark.parametrize("items", [ROWS[:2], [*ROWS[:2], ["3", "person:1", "p-2", "other"]], None])
def test_who_shows_something_else_is_found(items: list[list[str]] | None) -> None:
    history = History([] if items is None else [line("shown", items=items)])
    assert checkers.converged(history, PEOPLE, {"c": ROWS})


@pytest.mark.parametrize("one", [line("signed_out", code=4401), line("refused", reason="revoked")])
def test_who_was_sent_away_is_found(one: dict[str, Any]) -> None:
    assert checkers.still_in(History([one]))
