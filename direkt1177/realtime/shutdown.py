"""A deploy: sockets are told to come back and closed with 1012 over some seconds, then the server stops (R-14)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import threading
from typing import TYPE_CHECKING, Any

from django.conf import settings

from direkt1177.realtime.frames import text_of

if TYPE_CHECKING:
    from direkt1177.realtime.hub import Hub

logger = logging.getLogger(__name__)
SPREAD_SECONDS = 10.0


def on_terminate(hub: Hub) -> None:
    """Put the farewell before what the server does on SIGTERM (only in the main thread, where signals arrive)."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before):
        return

    def stop(number: int, frame: Any) -> None:
        if hub.draining or not hub.sockets:
            before(number, frame)
            return
        hub.loop.call_soon_threadsafe(lambda: hub.background(_drain(hub, lambda: before(number, None))))

    signal.signal(signal.SIGTERM, stop)


async def _drain(hub: Hub, stop: Any) -> None:
    hub.draining = True
    spread = float(getattr(settings, "SOCKET_RESTART_SPREAD", SPREAD_SECONDS))
    logger.info("asking %d sockets to come back", len(hub.sockets))
    try:
        for socket in list(hub.sockets):
            delay = random.uniform(0, spread)  # noqa: S311 - spreads the reconnects
            socket.outlet.push(text_of({"type": "restart", "delay": round(delay, 2)}))
            hub.loop.call_later(delay, socket.outlet.close, 1012)
        deadline = hub.loop.time() + spread + 1
        while hub.sockets and hub.loop.time() < deadline:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.05)
    finally:
        stop()
