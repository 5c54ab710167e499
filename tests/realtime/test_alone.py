"""What cannot be done together is done alone, each wish for itself, whatever happens to the one before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from pydantic import BaseModel, ConfigDict

from direkt1177.realtime import actions, identity
from direkt1177.realtime.sockets import MOST_UNANSWERED, Socket
from tests.realtime.inside import ANNA, in_loop
from tests.realtime.lone.notes import Reader

pytestmark = pytest.mark.django_db(transaction=True)


class Wish(BaseModel):
    """A numbered wish."""

    model_config = ConfigDict(extra="forbid")
    id: str


async def _never(*_args: Any) -> Any:
    raise RuntimeError("together it cannot be done")


@pytest.fixture
def sometimes_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every other time that a session is looked up the database is away; an action that only works alone."""
    times = iter(range(10_000))

    def look(_store: Any) -> Reader:
        if next(times) % 2 == 0:
            raise OperationalError("away")
        return ANNA

    monkeypatch.setattr(identity, "_resolvers", [look])
    actions.register("try", schema=Wish, handler=lambda _actor, _wish: {}, cheap=True, together=_never)
    yield
    del actions._actions["try"]


def _frame(number: int) -> str:
    return json.dumps({"action": "try", "id": str(number)})


def test_a_wish_that_fails_alone_is_answered_and_the_next_one_is_done(sometimes_away: None) -> None:
    """More wishes than may be on their way: each gets its answer, in order, and the socket is read on."""
    wishes = 2 * MOST_UNANSWERED

    async def work(socket: Socket, sent: list[dict[str, Any]]) -> None:
        for number in range(wishes):
            await socket.handle(_frame(number))
        while len(sent) < wishes:  # noqa: ASYNC110 - bounded by the caller
            await asyncio.sleep(0.01)
        assert socket._unanswered == 0

    sent = in_loop(work)
    assert [ack["id"] for ack in sent] == [str(number) for number in range(wishes)]
    assert [ack["ok"] for ack in sent] == [False, True] * MOST_UNANSWERED
    assert {ack["error"]["code"] for ack in sent if not ack["ok"]} == {"unavailable"}


def test_nobody_waits_for_answers_of_a_closed_socket(sometimes_away: None) -> None:
    """As many as may be on their way will never be answered; closing the socket ends the waiting."""

    async def work(socket: Socket, _sent: list[dict[str, Any]]) -> None:
        socket._unanswered = MOST_UNANSWERED
        waiting = asyncio.ensure_future(socket.handle(_frame(0)))
        await asyncio.sleep(0)
        socket.outlet.close(1013)
        await waiting
        assert socket._unanswered == MOST_UNANSWERED

    assert in_loop(work) == []
