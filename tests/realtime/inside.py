"""One socket inside the tests' own process, for what must happen at one moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from direkt1177.realtime.hub import Hub
from direkt1177.realtime.sockets import Socket
from tests.realtime.lone.notes import Reader

FEED = "note:a"
ANNA = Reader("staff", "staff:1", "Anna Test", (FEED,))
Frames = list[dict[str, Any]]


def in_loop(
    work: Callable[[Socket, Frames], Coroutine[Any, Any, None]], *, gate: asyncio.Event | None = None
) -> Frames:
    """What a socket of a hub of its own is sent while something is done with it.

    Args:
        work: with the socket and what it has been sent so far; at most 20 seconds.
        gate: nothing goes out before it is set.
    """

    async def go() -> Frames:
        sent: Frames = []

        async def send(message: dict[str, Any]) -> None:
            if gate is not None:
                await gate.wait()
            sent.append(json.loads(message["text"]))

        hub = Hub()
        try:
            await asyncio.wait_for(work(Socket(hub, send, "0" * 32, ANNA, "sv"), sent), 20)
        finally:
            for task in list(hub._tasks):
                task.cancel()
            await asyncio.gather(*hub._tasks, return_exceptions=True)
        return sent

    return asyncio.run(go())
