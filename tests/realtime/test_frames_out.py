"""Which short-lived frames a slow reader still gets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from direkt1177.realtime.sockets import Socket
from tests.realtime.inside import FEED, Frames, in_loop


@pytest.mark.django_db(transaction=True)
def test_a_finished_line_reaches_a_slow_reader_and_the_writing_of_it_does_not() -> None:
    """A line ended by Enter is said once and stored nowhere; the half of it is soon old."""
    gate = asyncio.Event()

    async def work(socket: Socket, sent: Frames) -> None:
        socket.hub._room(FEED).readers[socket] = 1
        socket.outlet.push('{"type": "pong"}')
        assert socket.outlet.busy
        frame: dict[str, Any] = {"feed": FEED, "from": "person:7", "label": "", "ttl": 10}
        for text, done in (("ha", False), ("hallå", True), ("h", False)):
            socket.hub.frame({**frame, "kind": "rtt", "data": {"line": 0, "text": text, "done": done}})
        socket.hub.frame({**frame, "kind": "typing"})
        gate.set()
        while len(sent) < 2:  # noqa: ASYNC110 - bounded by the caller
            await asyncio.sleep(0.01)

    assert [frame["data"]["text"] for frame in in_loop(work, gate=gate)[1:]] == ["hallå"]
