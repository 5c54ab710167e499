"""The two sockets, ``/ws/staff/`` and ``/ws/resident/``, as bare ASGI applications.

Channels' consumer classes close old database connections before every message, in the one thread that all consumers
share: the largest cost of the hot path. Here database work happens in threads of its own (``threads.in_thread``).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from direkt1177.realtime.hub import hub
from direkt1177.realtime.identity import session_key_of, viewer_of
from direkt1177.realtime.language import language_of
from direkt1177.realtime.outlet import Send
from direkt1177.realtime.sockets import Socket
from direkt1177.realtime.threads import in_thread

logger = logging.getLogger(__name__)
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]
PER_SESSION = 12
PER_ACTOR = 30
END_SECONDS = 5.0


class SignedInConsumer:
    """A socket for one kind of signed-in actor. Close codes: 4401 not signed in, 4403 signed in as something else,
    4400 broken frames, 1013 too slow or too many, 1012 restart."""

    kind: ClassVar[str]

    @classmethod
    def as_asgi(cls) -> Application:
        """The application that serves each socket."""

        async def application(_scope: Any, receive: Receive, send: Send) -> None:
            await cls().serve(_scope, receive, send)

        return application

    async def serve(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one socket until it closes."""
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        session_key = session_key_of(scope["headers"])
        code, socket = await self._open(session_key, language_of(scope["headers"]), send)
        if socket is None:
            with contextlib.suppress(OSError, RuntimeError):
                await send({"type": "websocket.close", "code": code})
            return
        reader: asyncio.Future[Any] = asyncio.ensure_future(self._read(socket, receive))
        try:
            await asyncio.wait({reader, socket.outlet.closed}, return_when=asyncio.FIRST_COMPLETED)
            if not reader.done():
                await socket.outlet.say_goodbye()
        finally:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError, RuntimeError):
                await reader
            socket.hub.sockets.discard(socket)
            await asyncio.shield(_end(socket))

    async def _open(self, session_key: str, language: str, send: Send) -> tuple[int, Socket | None]:
        here = hub()
        if here.draining:
            return 1012, None
        actor = await in_thread(viewer_of, session_key)
        if actor is None:
            return 4401, None
        if actor.kind != self.kind:
            return 4403, None
        of_session = sum(s.session_key == session_key for s in here.sockets)
        if of_session >= PER_SESSION or sum(s.actor.key == actor.key for s in here.sockets) >= PER_ACTOR:
            return 1013, None
        socket = Socket(here, send, session_key, actor, language)
        here.sockets.add(socket)
        try:
            await here.watch(socket)
        except BaseException:
            here.remove(socket)
            raise
        # Rights that changed between finding the actor and watching over them.
        socket.recheck_soon()
        return 0, socket

    async def _read(self, socket: Socket, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if message["type"] == "websocket.receive":
                try:
                    await socket.handle(message.get("text"))
                except Exception as error:  # noqa: BLE001 - content stays out of the log
                    logger.error("a frame could not be handled: %s", type(error).__name__)  # noqa: TRY400


async def _end(socket: Socket) -> None:
    try:
        await asyncio.wait_for(socket.close(), END_SECONDS)
    except Exception as error:  # noqa: BLE001 - PostgreSQL away: the open interval ends with the session
        logger.warning("the end of a reading could not be logged: %s", type(error).__name__)
        socket.hub.remove(socket)


class StaffConsumer(SignedInConsumer):
    """``/ws/staff/``."""

    kind = "staff"


class ResidentConsumer(SignedInConsumer):
    """``/ws/resident/``."""

    kind = "resident"
