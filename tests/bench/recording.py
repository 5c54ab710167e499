"""The SQL of a command, recorded twice and compared, so that a bare server can do exactly the same (limit L2)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

Statement = tuple[str, Any]


def record(run: Callable[[], object]) -> list[Statement]:
    """Every statement, with its values, that a function sends to the database."""
    from django.db import connection

    found: list[Statement] = []

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        run()
    return found


def plan_of(first: Sequence[Statement], second: Sequence[Statement], text: str, key: str) -> list[Any]:
    """What stays the same in two runs and how the rest goes on.

    Args:
        first, second: recorded one after the other, in the same case.
        text, key: what the second sent: body and idempotency key.
    """
    assert [sql for sql, _ in first] == [sql for sql, _ in second], "the command did not do the same twice"
    return [
        [sql, _compare(_plain(one), _plain(other), text, key)]
        for (sql, one), (_, other) in zip(first, second, strict=True)
    ]


class Replay:
    """A plan carried out again and again, each time one further."""

    def __init__(self, plan: list[Any]) -> None:
        self._plan = plan
        self._count = 0

    def next(self, body: str) -> Iterator[Statement]:
        """The statements of the next message."""
        self._count += 1
        key = uuid.uuid4().hex
        for sql, values in self._plan:
            yield sql, _fill(values, self._count, body, key)


def _plain(value: Any) -> Any:
    if hasattr(value, "obj"):  # psycopg's Json and Jsonb
        return {"$json": _plain(value.obj)}
    if isinstance(value, datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (str, int, float, bool)) or value is None:
        # Subclasses (states, for one) as what they are underneath.
        return next(
            (kind(value) for kind in (bool, int, float, str) if type(value) is not kind and isinstance(value, kind)),
            value,
        )
    return str(value)


def _compare(one: Any, other: Any, text: str, key: str) -> Any:
    if other in (text, key) and isinstance(other, str):
        return {"$is": "text" if other == text else "key"}
    if isinstance(other, dict) and "$at" in other:
        return {"$is": "now"} if one != other else other
    if one == other:
        return other
    if isinstance(other, dict):
        return {name: _compare(one[name], each, text, key) for name, each in other.items()}
    if isinstance(other, list):
        assert len(one) == len(other)
        return [_compare(a, b, text, key) for a, b in zip(one, other, strict=True)]
    if isinstance(other, int):
        return {"$is": "number", "at": other, "step": other - one}
    if isinstance(other, str):
        return _compare_text(one, other)
    raise TypeError(f"nothing is known of how {type(other).__name__} goes on")


def _compare_text(one: str, other: str) -> Any:
    start = _common(one, other)
    while start and other[start - 1].isdigit():
        start -= 1
    same = _common(one[start:][::-1], other[start:][::-1])
    while same and other[len(other) - same].isdigit():
        same -= 1
    tail = len(other) - same
    before, after = other[:start], other[tail:]
    middles = one[start : len(one) - len(after)], other[start:tail]
    if all(middle.isdecimal() for middle in middles):
        step = int(middles[1]) - int(middles[0])
        return {"$is": "numbered", "before": before, "at": int(middles[1]), "step": step, "after": after}
    return {"$is": "random"}


def _common(one: str, other: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _fill(value: Any, count: int, body: str, key: str) -> Any:
    if isinstance(value, list):
        return [_fill(each, count, body, key) for each in value]
    if not isinstance(value, dict):
        return value
    if "$at" in value:
        return datetime.fromisoformat(value["$at"])
    if "$json" in value:
        from psycopg.types.json import Jsonb

        return Jsonb(_fill(value["$json"], count, body, key))
    kind = value.get("$is")
    if kind is None:
        return {name: _fill(each, count, body, key) for name, each in value.items()}
    if kind in ("number", "numbered"):
        number = value["at"] + value["step"] * count
        return number if kind == "number" else f"{value['before']}{number}{value['after']}"
    return {"text": body, "key": key, "now": datetime.now(UTC)}.get(kind, uuid.uuid4().hex)
