"""One open socket: what it reads, what it may do, and how often its rights are looked at again."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from django.utils import translation

from direkt1177.realtime import actions, doorbells, sources
from direkt1177.realtime.changes import Since, since
from direkt1177.realtime.frames import (
    MAX_LINE,
    OWN_ACTIONS,
    BadFrameError,
    OwnFrame,
    Ping,
    Subscribe,
    Unsubscribe,
    parse_object,
    parse_own,
    refused,
    text_of,
    volatile,
)
from direkt1177.realtime.hub import Hub
from direkt1177.realtime.identity import viewer_of
from direkt1177.realtime.outlet import Outlet, Send
from direkt1177.realtime.refused import Refused
from direkt1177.realtime.request_id import request_id
from direkt1177.realtime.sources import Grant, NoSuchFeedError, source_for
from direkt1177.realtime.threads import in_thread
from direkt1177.realtime.together import Asked

logger = logging.getLogger(__name__)
STRIKES = 3
CHECK_AGAIN_SECONDS = 1.0
MOST_FEEDS = 40
WINDOW_SECONDS = 10.0
MESSAGES_PER_WINDOW = 20
CHEAP_PER_WINDOW = 200
# So many messages of a socket may be on their way into the database; it is not read further until one is there.
MOST_UNANSWERED = 16


class GoneError(Exception):
    """The session has ended or its rights are gone."""


@dataclass(slots=True)
class Reading:
    """A subscription: why it is allowed, and the interval under which it is logged."""

    grant: Grant
    interval: uuid.UUID = field(default_factory=uuid.uuid4)


class Budget:
    """At most so many in ten seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._times: deque[float] | None = None  # few of thousands of sockets ever write much

    def take(self) -> bool:
        """Count one; False when there are too many."""
        now = time.monotonic()
        if self._times is None:
            self._times = deque()
        while self._times and now - self._times[0] > WINDOW_SECONDS:
            self._times.popleft()
        if len(self._times) >= self._most:
            return False
        self._times.append(now)
        return True


class Socket:
    """The state of one socket; frames are handled one after the other.

    Args:
        hub: of this process.
        send: ASGI ``send``.
        session_key: of the cookie.
        actor: found in that session.
        language: chosen when the page was opened; another choice opens the page, and the socket, anew.
    """

    def __init__(self, hub: Hub, send: Send, session_key: str, actor: Any, language: str) -> None:
        self.hub = hub
        self.session_key = session_key
        self.actor = actor
        self.language = language
        self.checked_at = time.monotonic()
        self.outlet = Outlet(send, self.catch_up)
        self._readings: dict[str, Reading] = {}
        self._lock = asyncio.Lock()
        self._strikes = 0
        self._messages = Budget(MESSAGES_PER_WINDOW)
        self._cheap = Budget(CHEAP_PER_WINDOW)
        self._doubts = False
        # Rights are being looked at: until they are known, nothing of a feed goes out; it is read again afterwards.
        self.unsure = False
        self._missed: tuple[str, ...] = ()
        self._recheck: asyncio.Task[Any] | None = None
        self._unanswered = 0
        self._answered: asyncio.Future[None] | None = None

    async def handle(self, raw: str | bytes | None) -> None:
        """Answer one frame from the client; bad ones are named, and the third closes the socket with 4400."""
        name = None
        try:
            frame = parse_object(raw if raw is not None else b"")
            name = frame.get("action")
            if isinstance(name, str) and name in OWN_ACTIONS:
                await self._own(parse_own(frame))
                return
            action = actions.named(name)
            await self._perform(action, {k: v for k, v in frame.items() if k != "action"})
        except BadFrameError as error:
            if error.code != "too_large" or raw is None or not self._too_long(raw):
                self._strike(error.code, name)

    def _too_long(self, raw: str | bytes) -> bool:
        """Somebody pasted a whole book into a message: say so, that is no broken frame. False when it is one."""
        try:
            frame = parse_object(raw, MAX_LINE)
        except BadFrameError:
            return False
        action = actions.find(frame.pop("action", None))
        if action is None or action.too_long is None or frame.keys() - action.schema.model_fields.keys():
            return False
        fits = self._messages.take()
        with translation.override(self.language):
            refusal = actions.refused(action, frame, action.too_long()).ack
            self._push(refusal if fits else actions.too_fast(action.name, frame))
        return True

    async def close(self) -> None:
        """Stop reading everything; the end of each interval is logged."""
        async with self._lock:
            readings, self._readings = self._readings, {}
            for feed in readings:
                self.hub.leave(feed, self)
            self.hub.remove(self)
            if readings:
                await in_thread(_log_ends, self.actor, readings)

    # -- frames ----------------------------------------------------------------------------------------------------

    async def _own(self, frame: OwnFrame) -> None:
        fast = not self._cheap.take()
        if isinstance(frame, Ping):
            if not fast:
                self.outlet.push(text_of({"type": "pong", "t": frame.t}))
        elif isinstance(frame, Unsubscribe):
            async with self._lock:
                await self._drop([frame.feed])
        elif isinstance(frame, Subscribe):
            full = frame.feed not in self._readings and len(self._readings) >= MOST_FEEDS
            if fast or full:
                self._push(refused(frame.feed, "too_fast" if fast else "too_many"))
                return
            async with self._lock:
                await self._subscribe(frame.feed, frame.after)
        elif not fast and frame.feed in self._readings:
            source = source_for(frame.feed)
            if frame.action in sources.volatile_kinds(source):
                label = sources.label_of(source, self.actor, frame.feed)
                message = volatile(frame, self.actor.key, label)
                self.hub.frame(message)
                doorbells.send(frame.feed, {**message, "origin": id(self.hub)})

    async def _perform(self, action: actions.Action, frame: dict[str, Any]) -> None:
        budget = self._cheap if action.cheap else self._messages
        if not budget.take():
            with translation.override(self.language):
                self._push(actions.too_fast(action.name, frame))
            return
        if action.together is None:
            self._tell(action, await in_thread(_act, self.session_key, self.language, action, frame, counted=False))
            return
        with translation.override(self.language):
            payload = actions.check(action, frame)
        if isinstance(payload, actions.Outcome):
            self._tell(action, payload)
            return
        while self._unanswered >= MOST_UNANSWERED:
            self._answered = asyncio.get_running_loop().create_future()
            either: set[asyncio.Future[Any]] = {self._answered, self.outlet.closed}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self.outlet.closed.done():
                return
        self._unanswered += 1
        self.hub.turns(action).ask(Asked(self, self.session_key, self.language, payload, frame))

    async def perform_alone(self, action: actions.Action, wish: Asked) -> None:
        """What could not be done together with others' wishes: the plain way."""
        try:
            outcome = await in_thread(_act, self.session_key, self.language, action, wish.frame, counted=wish.counted)
            self._tell(action, outcome)
        finally:
            self._one_less()

    def failed(self, action: actions.Action, wish: Asked) -> None:
        """A wish could not even be tried (PostgreSQL away): its sender tries again under the same id."""
        with translation.override(self.language):
            self._push(actions.unavailable(action, wish.frame).ack)

    def answered(self, ack: dict[str, Any]) -> None:
        """A wish was carried out together with others'."""
        self._one_less()
        self._push(ack)

    def _one_less(self) -> None:
        self._unanswered -= 1
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _tell(self, action: actions.Action, outcome: actions.Outcome | None) -> None:
        if outcome is None:
            self.outlet.close(4401)
            return
        self._push(outcome.ack)
        if outcome.malformed:
            self._strike("bad_frame", action.name)

    def _strike(self, code: str, action: object) -> None:
        self._strikes += 1
        known = action if isinstance(action, str) and (action in OWN_ACTIONS or actions.find(action)) else None
        self._push({"type": "error", "code": code, "action": known})
        if self._strikes >= STRIKES:
            self.outlet.close(4400)

    def _push(self, frame: dict[str, Any]) -> None:
        self.outlet.push(text_of(frame))

    # -- reading ---------------------------------------------------------------------------------------------------

    async def _subscribe(self, feed: str, after: int) -> None:
        """Join, then authorise and read, then answer; afterwards the room delivers."""
        known = self._readings.get(feed)
        try:
            room = await self.hub.join(feed, self)
            self.actor, reading, news = await in_thread(_open, self.session_key, feed, after, known)
            self._readings[feed] = reading
            answer = await room.answer(after, news, self.language)
            position = after
            # The room may have moved on while this was read: go on from here until level with it.
            while room.version is not None and answer.version < room.version:
                news = await in_thread(since, feed, answer.version)
                if news.version <= answer.version:
                    room.restart_at(news.version)
                    break
                if not self.outlet.push_feed(feed, answer):
                    break  # slow: it reads on from its position when it has caught up
                position = answer.version
                answer = await room.answer(position, news, self.language)
        except GoneError:
            self.hub.leave(feed, self)
            self.outlet.close(4401)
            return
        except asyncio.CancelledError:  # it closed meanwhile, and does not know yet that it reads this feed
            self.hub.leave(feed, self)
            raise
        except Exception as error:
            self.hub.leave(feed, self)
            expected = isinstance(error, (Refused, NoSuchFeedError))
            self._push(refused(feed, getattr(error, "code", "not_found") if expected else "unavailable"))
            await self._drop([feed])
            if not expected:
                raise
            return
        room.readers[self] = answer.version if self.outlet.push_feed(feed, answer) else position
        room.start_at(answer.version)

    def catch_up(self, feeds: set[str]) -> None:
        """The reader is fast again: read what it missed, from its own position."""
        self.hub.background(self._read_again(feeds))

    async def _read_again(self, feeds: set[str]) -> None:
        async with self._lock:
            for feed in feeds & self._readings.keys():
                if self.unsure:
                    self.miss(feed)
                    continue
                room = self.hub.rooms.get(feed)
                position = room.readers.get(self) if room else None
                if room is None or position is None:
                    continue
                answer = await room.answer(position, await in_thread(since, feed, position), self.language)
                if answer.version > position and self.outlet.push_feed(feed, answer):
                    room.readers[self] = answer.version

    async def _drop(self, feeds: list[str]) -> None:
        gone = {feed: self._readings.pop(feed) for feed in feeds if feed in self._readings}
        for feed in feeds:
            self.hub.leave(feed, self)
        if gone:
            await in_thread(_log_ends, self.actor, gone)

    # -- rights ----------------------------------------------------------------------------------------------------

    def recheck_soon(self) -> None:
        """Look at the actor's rights again, now."""
        self._doubts = self.unsure = True
        if self._recheck is None or self._recheck.done():
            self._recheck = self.hub.background(self._check_until_sure())

    def miss(self, feed: str) -> None:
        """There is news in a feed that must wait until the rights are known."""
        if feed not in self._missed:
            self._missed = (*self._missed, feed)

    async def _check_until_sure(self) -> None:
        while self._doubts and not self.outlet.closed.done():
            self._doubts = False  # one that comes during the check asks for another
            try:
                await self._check()
            except Exception as error:  # noqa: BLE001 - PostgreSQL away
                logger.warning("rights could not be read: %s", type(error).__name__)
                self._doubts = True
                await asyncio.sleep(CHECK_AGAIN_SECONDS)
        self.unsure, self._recheck = False, None
        missed, self._missed = set(self._missed), ()
        if missed:
            self.catch_up(missed)

    async def _check(self) -> None:
        async with self._lock:
            self.checked_at = time.monotonic()
            feeds = list(self._readings)
            actor, lost = await in_thread(_still_allowed, self.session_key, feeds)
            if actor is None or actor.kind != self.actor.kind or actor.key != self.actor.key:
                self.outlet.close(4401)
                return
            await self._drop(lost)
            self.actor = actor
            for feed in lost:
                self._push(refused(feed, "revoked"))


def _act(
    session_key: str, language: str, action: actions.Action, frame: dict[str, Any], *, counted: bool
) -> actions.Outcome | None:
    request_id.set(uuid.uuid4().hex)
    actor = viewer_of(session_key)
    if actor is None:
        return None
    with translation.override(language):
        return actions.perform(action, actor, frame, counted=counted)


def _open(session_key: str, feed: str, after: int, known: Reading | None) -> tuple[Any, Reading, Since]:
    """Authorise through the app's own door, log the start of the reading, look what is new."""
    actor = viewer_of(session_key)
    if actor is None:
        raise GoneError
    source = source_for(feed)
    reading = Reading(source.authorize(actor, feed))
    if known is not None:
        reading.interval = known.interval
    elif reading.grant.log:
        source.log_start(actor, feed, reading.grant, reading.interval)
    return actor, reading, since(feed, after)


def _still_allowed(session_key: str, feeds: list[str]) -> tuple[Any, list[str]]:
    actor = viewer_of(session_key)
    if actor is None:
        return None, []
    lost = []
    for feed in feeds:
        try:
            source_for(feed).authorize(actor, feed)
        except Refused:
            lost.append(feed)
    return actor, lost


def _log_ends(actor: Any, readings: dict[str, Reading]) -> None:
    for feed, reading in readings.items():
        if reading.grant.log:
            source_for(feed).log_end(actor, feed, reading.grant, reading.interval)
