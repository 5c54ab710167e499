"""How late the event loop of this process runs."""

from __future__ import annotations

import asyncio
import time
from collections import deque

PERIOD = 0.25
REMEMBERED = 20


class LoopLag:
    """Wakes up four times a second and keeps how late that was for five seconds."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._late: deque[float] = deque(maxlen=REMEMBERED)
        self._due = 0.0

    def watch(self) -> None:
        """Begin watching the running loop; nothing happens when that is done already."""
        if self._task is None or self._task.done() or self._task.get_loop() is not asyncio.get_running_loop():
            self._due = time.monotonic() + PERIOD
            self._task = asyncio.ensure_future(self._measure())

    def worst(self) -> float:
        """The longest delay of the last five seconds, in seconds; one that still goes on counts too."""
        return max([*self._late, time.monotonic() - self._due, 0.0])

    async def _measure(self) -> None:
        while True:
            self._due = time.monotonic() + PERIOD
            await asyncio.sleep(PERIOD)
            self._late.append(max(0.0, time.monotonic() - self._due))
