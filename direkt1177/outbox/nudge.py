"""Tell a worker that something is due, without ever waiting: the tick finds it within seconds anyway (R-06).

A publish to a frozen broker can hang for a minute, so it happens in a thread of its own with a short, bounded queue.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
MOST_WAITING = 500


class Nudges:
    """One background thread that publishes row ids; full means dropped."""

    def __init__(self, publish: Callable[[int], None]) -> None:
        self._publish = publish
        self._waiting: queue.Queue[int] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.dropped = 0

    def offer(self, effect_id: int) -> None:
        """Hand over a row id; returns at once."""
        try:
            self._waiting.put_nowait(effect_id)
        except queue.Full:
            self.dropped += 1
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            effect_id = self._waiting.get()
            try:
                self._publish(effect_id)
            except Exception as error:  # noqa: BLE001 - the broker is away: the tick does it
                self.dropped += 1
                logger.debug("nudge dropped: %s", type(error).__name__)


_own: Nudges | None = None
_publish: Callable[[int], None] | None = None


def publish_through(publish: Callable[[int], None]) -> None:
    """Name the function that tells a worker of a row id (the composition root knows Celery)."""
    global _own, _publish  # noqa: PLW0603 - one per process
    _publish = publish
    _own = Nudges(publish)


def offer(effect_id: int) -> None:
    """Tell a worker; returns at once, and does nothing when nobody publishes."""
    if _own is not None:
        _own.offer(effect_id)


def _after_fork() -> None:
    if _publish is not None:
        publish_through(_publish)


os.register_at_fork(after_in_child=_after_fork)
