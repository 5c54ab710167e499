"""Feeds that need not be drawn at every change (``calm_seconds`` of their source) are read and drawn together.

Changes are gathered for a moment; then one query looks what is new in all of these feeds, and one reading draws those
that have rested long enough. Rights that changed are heeded at every look, rest or not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from direkt1177.realtime.changes import Since, since_each
from direkt1177.realtime.reading import Answer, render_each
from direkt1177.realtime.sources import calm_seconds
from direkt1177.realtime.threads import in_thread

if TYPE_CHECKING:
    from direkt1177.realtime.hub import Hub
    from direkt1177.realtime.rooms import Room

logger = logging.getLogger(__name__)
GATHER_SECONDS = 0.1
MOST_AT_ONCE = 100


class Calm:
    """The calm feeds of a hub that have news."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rooms: set[Room] = set()
        self._looked: dict[Room, int] = {}
        self._drawn: dict[Room, float] = {}
        self._running = False

    def want(self, room: Room) -> None:
        """There is news in this feed."""
        self._rooms.add(room)
        if not self._running:
            self._running = True
            self._hub.background(self._run())

    def forget(self, room: Room) -> None:
        """Nobody reads it here any more."""
        self._rooms.discard(room)
        self._looked.pop(room, None)
        self._drawn.pop(room, None)

    async def _run(self) -> None:
        try:
            while self._rooms:
                await asyncio.sleep(GATHER_SECONDS)
                due = [room for room in self._rooms if self._is_due(room)][:MOST_AT_ONCE]
                if due:
                    await self._take(due)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the watchdog tries again; content stays out of the log
            logger.warning("feeds could not be read: %s", type(error).__name__)
            self._rooms.clear()
        finally:
            self._running = False

    def _is_due(self, room: Room) -> bool:
        return room.wanted > self._looked.get(room, 0) or not self._rests(room)

    def _rests(self, room: Room) -> bool:
        return bool(room.readers) and time.monotonic() < self._drawn.get(room, 0.0) + calm_seconds(room.feed)

    async def _take(self, rooms: Sequence[Room]) -> None:
        before = {room: room.version or 0 for room in rooms}
        news = await in_thread(since_each, {room.feed: version for room, version in before.items()})
        drawn = []
        for room in rooms:
            found = news[room.feed]
            if room not in self._rooms or room.version != before[room]:
                continue  # left, or begun anew, meanwhile
            self._looked[room] = found.version
            if found.version <= before[room]:
                room.restart_at(found.version)
                self._rooms.discard(room)
                continue
            room.heed(found)
            if not self._rests(room):
                drawn.append(room)
        wanted = [(room.feed, language, news[room.feed]) for room in drawn for language in room.languages()]
        answers = await in_thread(render_each, wanted) if wanted else {}
        for room in drawn:
            if room.version == before[room] and room in self._rooms:
                self._show(room, before[room], news[room.feed], answers)

    def _show(self, room: Room, before: int, news: Since, answers: dict[tuple[str, str], Answer]) -> None:
        here = {language: answer for (feed, language), answer in answers.items() if feed == room.feed}
        room.deliver(before, news.version, here)
        self._drawn[room] = time.monotonic()
        if room.wanted <= news.version:
            self._rooms.discard(room)
