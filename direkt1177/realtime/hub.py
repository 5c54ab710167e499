"""One hub per process and event loop: one receiver of doorbells, fan-out inside the process, and a watchdog.

Redis may be dead, flushed or frozen: every 10 s the watchdog compares the heads in PostgreSQL with what was sent here
and delivers what was missed (design §3).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
import weakref
from collections.abc import Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from django.conf import settings

from direkt1177.realtime import changes, doorbells, shutdown
from direkt1177.realtime.calm import Calm
from direkt1177.realtime.frames import text_of
from direkt1177.realtime.identity import living
from direkt1177.realtime.rooms import Room
from direkt1177.realtime.sources import has_volatile
from direkt1177.realtime.threads import in_thread
from direkt1177.realtime.together import Fresh, Turns

if TYPE_CHECKING:
    from direkt1177.realtime.actions import Action
    from direkt1177.realtime.sockets import Socket

logger = logging.getLogger(__name__)
WATCHDOG_SECONDS = 10.0
REJOIN_SECONDS = 3600.0
RECHECK_SECONDS = 60.0
JOIN_PATIENCE = 0.3
LAYER_SECONDS = 2.0
DEAF_ROUNDS = 3


class Hub:
    """All live reading of one process."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.sockets: set[Socket] = set()
        self.loop = asyncio.get_running_loop()
        self.draining = False
        self._layer: Any = None
        self._channel: str | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._deaf = 0
        self._turns: dict[str, Turns] = {}
        self._calm = Calm(self)
        self._hears = asyncio.Event()
        self._receiver = self.background(self._receive())
        self.background(self._watch())
        shutdown.on_terminate(self)

    def background(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something without waiting for it; a reference is kept until it ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- reading ---------------------------------------------------------------------------------------------------

    async def join(self, feed: str, socket: Socket) -> Room:
        """Make the socket a reader of the feed, still without position. Join first, then read: nothing falls between.

        When Redis does not answer at once the reading goes on without it and the watchdog fills the gaps.
        """
        room = self._room(feed)
        room.readers[socket] = None
        await self._hearing()
        return room

    def leave(self, feed: str, socket: Socket) -> None:
        """The socket no longer reads the feed."""
        room = self.rooms.get(feed)
        if room is not None:
            room.readers.pop(socket, None)
            self._close_if_empty(room)

    async def watch(self, socket: Socket) -> None:
        """Hear of changes to the socket's own rights, whatever it subscribes to."""
        feed = f"me:{socket.actor.key}"
        room = self._room(feed)
        room.watchers.add(socket)
        await self._hearing()
        if room.version is None:
            heads = await in_thread(changes.heads, [feed])
            room.start_at(heads.get(feed, 0))

    def remove(self, socket: Socket) -> None:
        """The socket is gone; it has left its feeds before."""
        self.sockets.discard(socket)
        room = self.rooms.get(f"me:{socket.actor.key}")
        if room is not None:
            room.watchers.discard(socket)
            self._close_if_empty(room)

    def bells(self, versions: Mapping[str, int]) -> None:
        """Doorbells rung in this process, from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            self.loop.call_soon_threadsafe(self._bells, dict(versions))

    def turns(self, action: Action) -> Turns:
        """Where wishes for an action that is carried out together are taken."""
        found = self._turns.get(action.name)
        if found is None:
            assert action.together is not None
            found = self._turns[action.name] = Turns(self, action, action.together)
        return found

    def tell(self, news: Iterable[Fresh]) -> None:
        """Show what was just stored here to those who read it here, without reading it again."""
        for fresh in news:
            room = self.rooms.get(fresh.feed)
            if room is not None:
                try:
                    room.show(fresh)
                except Exception as error:  # noqa: BLE001 - content stays out of the log
                    logger.error("news could not be shown: %s", type(error).__name__)  # noqa: TRY400
                    room.bell(fresh.version)

    def frame(self, message: dict[str, Any]) -> None:
        """Show a short-lived frame to everybody who reads its feed here, except its sender."""
        room = self.rooms.get(message["feed"])
        if room is None:
            return
        text = text_of({**message, "type": "frame"})
        # A lost step of setting up a call would cost seconds, and a finished line is said once and stored nowhere; what
        # somebody does just now is soon old.
        lasting = message["kind"] == "signal" or (message["kind"] == "rtt" and message["data"].get("done"))
        for socket, position in list(room.readers.items()):
            if position is not None and socket.actor.key != message["from"]:
                socket.outlet.push(text, volatile=not lasting)

    def _bells(self, versions: Mapping[str, int]) -> None:
        for name, version in versions.items():
            room = self.rooms.get(name.removeprefix(changes.DOUBT))
            if room is None:
                continue
            if name.startswith(changes.DOUBT):
                room.doubt()
            else:
                room.bell(version)

    def _room(self, feed: str) -> Room:
        room = self.rooms.get(feed)
        if room is None:
            room = self.rooms[feed] = Room(feed, self._calm)
            self._join_soon(room)
        return room

    async def _hearing(self) -> None:
        if not self._hears.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hears.wait(), JOIN_PATIENCE)

    def _close_if_empty(self, room: Room) -> None:
        if not room.empty or self.rooms.get(room.feed) is not room:
            return
        del self.rooms[room.feed]
        room.stop()
        if room.joined and self._channel is not None:
            self.background(self._quietly(self._layer.group_discard(doorbells.group_of(room.feed), self._channel)))

    # -- the channel layer -----------------------------------------------------------------------------------------

    def _join_soon(self, room: Room) -> None:
        """Hear the short-lived frames of a feed, if it has any; doorbells are heard for all feeds at once."""
        if has_volatile(room.feed) and (room.join_task is None or room.join_task.done()):
            room.join_task = self.background(self._join(room))

    async def _join(self, room: Room) -> None:
        while self.rooms.get(room.feed) is room:
            if self._channel is not None and await self._quietly(
                self._layer.group_add(doorbells.group_of(room.feed), self._channel)
            ):
                room.joined = True
                return
            await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries

    async def _receive(self) -> None:
        """The only receiver of this process; starts anew when the layer fails."""
        wait = 0.2
        while True:
            # A fresh layer each time: one whose own receiver died stays deaf without a word.
            self._layer = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
            try:
                channel = await asyncio.wait_for(self._layer.new_channel(), LAYER_SECONDS)
                await asyncio.wait_for(self._layer.group_add(doorbells.BELLS, channel), LAYER_SECONDS)
                self._channel = channel
                self._rejoin()
                # What was rung before is found by comparing; what is rung from now on is heard.
                self._hears.set()
                doorbells.hears(id(self), yes=True)
                self.background(self._compare_quietly())
                wait = 0.2
                while True:
                    self._handle(await self._layer.receive(self._channel))
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - Redis away, frozen or restarted: all the same here
                logger.warning("doorbells are not heard: %s", type(error).__name__)
            self._deafened()
            await self._quietly(self._layer.flush())
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - spreads retries
            wait = min(wait * 2, 10.0)

    def _deafened(self) -> None:
        self._channel = None
        self._hears.clear()
        doorbells.hears(id(self), yes=False)

    def _handle(self, message: dict[str, Any]) -> None:
        versions = message.get("versions")
        if message.get("type") == "bells" and isinstance(versions, dict):
            self._bells({str(feed): int(version) for feed, version in versions.items()})
        elif message.get("type") == "frame" and message.get("origin") != id(self):
            self.frame({k: message[k] for k in ("feed", "kind", "from", "label", "ttl", "data") if k in message})

    def _rejoin(self) -> None:
        for room in self.rooms.values():
            room.joined = False
            self._join_soon(room)

    async def _quietly(self, work: Coroutine[Any, Any, Any]) -> bool:
        try:
            await asyncio.wait_for(work, LAYER_SECONDS)
        except Exception as error:  # noqa: BLE001 - Redis away, frozen or restarted: all the same here
            logger.debug("channel layer: %s", type(error).__name__)
            return False
        return True

    # -- the watchdog ----------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        period = float(getattr(settings, "REALTIME_WATCHDOG_SECONDS", WATCHDOG_SECONDS))
        rejoin = time.monotonic() + REJOIN_SECONDS
        while True:
            await asyncio.sleep(period)
            try:
                missed = await self._compare(list(self.rooms))
                await self._check_sockets()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away: the next round tries again
                logger.warning("watchdog: %s", type(error).__name__)
                continue
            self._deaf = self._deaf + 1 if missed else 0
            if self._channel is not None and (self._deaf >= DEAF_ROUNDS or time.monotonic() > rejoin):
                # It looks alive but hears nothing, or the memberships are old: begin anew.
                self._deaf, rejoin = 0, time.monotonic() + REJOIN_SECONDS
                self._receiver.cancel()
                self._deafened()
                await self._quietly(self._layer.flush())
                self._receiver = self.background(self._receive())

    async def _compare(self, feeds: list[str]) -> int:
        """Compare heads with what is known here, in one query; returns how many doorbells were missed."""
        if not feeds:
            return 0
        heads = await in_thread(changes.heads, feeds)
        missed = 0
        for feed, version in heads.items():
            room = self.rooms.get(feed)
            if room is not None and not room.bell(version):
                room.kick()  # known already, but reading it may have failed
            elif room is not None:
                missed += 1
        return missed

    async def _compare_quietly(self) -> None:
        try:
            await self._compare(list(self.rooms))
        except Exception as error:  # noqa: BLE001 - PostgreSQL away: the watchdog tries again
            logger.warning("heads could not be compared: %s", type(error).__name__)

    async def _check_sockets(self) -> None:
        """End sockets whose session is gone, in one query; read each actor's rights anew once a minute."""
        asked = list(self.sockets)  # those who come while this is asked are not in the answer
        alive = await in_thread(living, {s.session_key for s in asked}) if asked else set()
        now = time.monotonic()
        for socket in asked:
            if socket.session_key not in alive:
                socket.outlet.close(4401)
            elif now - socket.checked_at > RECHECK_SECONDS:
                socket.recheck_soon()


_hubs: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = weakref.WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def ring_here(versions: Mapping[str, int]) -> None:
    """Doorbells of this process go straight to its own hubs."""
    for each in list(_hubs.values()):
        each.bells(versions)


def socket_count() -> int:
    """How many sockets are open in this process, for monitoring."""
    return sum(len(each.sockets) for each in list(_hubs.values()))


def is_draining() -> bool:
    """Whether this process is being stopped and takes leave of its sockets: no new traffic, please."""
    return any(each.draining for each in list(_hubs.values()))
