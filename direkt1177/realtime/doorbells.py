"""Doorbells leave the process through one background thread, so that no request, transaction or task waits for Redis.

The thread has its own event loop and therefore its own connection of the channel layer. What does not get out within
0.2 s is dropped: the watchdog of every process finds it within 10 s (design §3).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import redis.asyncio as redis
from channels.layers import get_channel_layer
from django.conf import settings

logger = logging.getLogger(__name__)
MOST_WAITING = 1000
SECONDS = 0.2
MOST_AT_ONCE = 200
# All processes listen to one group for all doorbells: what is rung at once goes out in one message.
BELLS = "bells"
# While no other process listens, what is rung waits for more. A process that begins to listen compares what it knows
# with the database first, so it misses nothing.
ALONE_SECONDS = 0.2
LOOK_SECONDS = 1.0
KNOWN_SECONDS = 3.0


def group_of(feed: str) -> str:
    """Name of the group for short-lived frames of a feed; says nothing about the feed."""
    return f"feed.{hashlib.sha256(feed.encode()).hexdigest()[:32]}"


class Doorbells:
    """Bounded, coalesced sending: of each feed only the newest version waits."""

    def __init__(self) -> None:
        self.dropped = 0
        self._lock = threading.Lock()
        self._bells: dict[str, int] = {}
        self._frames: deque[tuple[str, dict[str, Any]]] = deque(maxlen=MOST_WAITING)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None

    def ring(self, versions: Mapping[str, int]) -> None:
        """Announce new versions; returns at once, whatever Redis does."""
        with self._lock:
            for feed, version in versions.items():
                if feed not in self._bells and len(self._bells) >= MOST_WAITING:
                    self.dropped += 1
                    continue
                self._bells[feed] = max(version, self._bells.get(feed, 0))
        self._start()

    def send(self, feed: str, message: dict[str, Any]) -> None:
        """Send a short-lived message to everybody who reads a feed; the oldest give way when too many wait."""
        with self._lock:
            self._frames.append((feed, message))
        self._start()

    def _start(self) -> None:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._wake = asyncio.Event()
                threading.Thread(target=self._run, args=(self._loop, self._wake), name="doorbells", daemon=True).start()
            loop, wake = self._loop, self._wake
        if wake is not None:
            with contextlib.suppress(RuntimeError):  # the interpreter is shutting down
                loop.call_soon_threadsafe(wake.set)

    def _run(self, loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self._send_all(wake))
        finally:
            with self._lock:
                self._loop = self._wake = None
            loop.close()

    async def _send_all(self, wake: asyncio.Event) -> None:
        layer: Any = get_channel_layer()
        listeners = _Listeners()
        while layer is not None:
            await wake.wait()
            if listeners.only_own:
                await asyncio.sleep(ALONE_SECONDS)
            wake.clear()
            while (message := self._next()) is not None:
                group, content = message
                try:
                    await asyncio.wait_for(layer.group_send(group, content), SECONDS)
                except Exception as error:  # noqa: BLE001 - Redis away, frozen or restarted: all the same here
                    self.dropped += 1
                    logger.debug("doorbell dropped: %s", type(error).__name__)
            await listeners.look()

    def _next(self) -> tuple[str, dict[str, Any]] | None:
        """A group and what to send to it."""
        with self._lock:
            if self._bells:
                feeds = list(itertools.islice(self._bells, MOST_AT_ONCE))
                return BELLS, {"type": "bells", "versions": {feed: self._bells.pop(feed) for feed in feeds}}
            if not self._frames:
                return None
            feed, frame = self._frames.popleft()
            return group_of(feed), frame


class _Listeners:
    """Who listens to doorbells at all, asked now and then."""

    def __init__(self) -> None:
        config = settings.CHANNEL_LAYERS["default"]["CONFIG"]
        self._name = f"{config.get('prefix', 'asgi')}__group__{BELLS}"
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS)
        self._asked_at = -math.inf
        self._count = -1

    @property
    def only_own(self) -> bool:
        """Whether nobody but hubs of this process listens; False when it is not known."""
        return time.monotonic() - self._asked_at < KNOWN_SECONDS and 0 <= self._count <= len(_hearing)

    async def look(self) -> None:
        """Ask anew, now and then: after sending, so that no bell waits for it."""
        if time.monotonic() - self._asked_at > LOOK_SECONDS:
            self._asked_at = time.monotonic()
            try:
                async with asyncio.timeout(SECONDS):
                    [(_name, count)] = await self._redis.pubsub_numsub(self._name)
                self._count = int(count)
            except Exception:  # noqa: BLE001 - Redis away, frozen or restarted: all the same here
                self._count = -1


_hearing: set[int] = set()


def hears(hub: int, *, yes: bool) -> None:
    """A hub of this process listens to doorbells, or does not any more."""
    (_hearing.add if yes else _hearing.discard)(hub)


_own = Doorbells()
_listeners: list[Callable[[Mapping[str, int]], None]] = []


def ring(versions: Mapping[str, int]) -> None:
    """Announce new versions to the sockets of this process and to all other processes; never blocks."""
    for listener in _listeners:
        listener(versions)
    _own.ring(versions)


def send(feed: str, message: dict[str, Any]) -> None:
    """Send a short-lived message to the readers of a feed in all processes; never blocks."""
    _own.send(feed, message)


def listen(listener: Callable[[Mapping[str, int]], None]) -> None:
    """Hear the doorbells of this process directly, so that a change made here needs no Redis to be seen here."""
    _listeners.append(listener)


def _after_fork() -> None:
    """A forked child has no thread and must not use the parent's connection."""
    global _own  # noqa: PLW0603 - one per process, and this is a new process
    _own = Doorbells()
    _hearing.clear()


os.register_at_fork(after_in_child=_after_fork)
