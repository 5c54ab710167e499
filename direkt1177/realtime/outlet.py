"""The way out of one socket: a slow reader never holds up anybody else and never makes a long queue (S-16)."""

from __future__ import annotations

import asyncio
import contextlib
import types
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

Send = Callable[[dict[str, Any]], Coroutine[Any, Any, None]]
MOST_WAITING = 64
STALLED_SECONDS = 10.0
CLOSE_SECONDS = 5.0


def lined(text: str) -> bytes:
    """A text as the one frame that goes over the line (RFC 6455, no compression, a server masks nothing)."""
    data = text.encode()
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data


class Answer(Protocol):
    """What is sent to many: as text, and once made ready for the line."""

    @property
    def text(self) -> str:
        """The frame."""

    @property
    def line(self) -> bytes:
        """``lined`` of it."""


def _server_of(send: Send) -> WebSocketsSansIOProtocol | None:
    """uvicorn's end of the socket, whose line takes frames that are ready: one frame for thousands of readers.

    With any other server, or with compression, all goes through ASGI's ``send``.
    """
    server = getattr(send, "__self__", None)
    if type(server) is WebSocketsSansIOProtocol and not server.config.ws_per_message_deflate:
        return server
    return None


@types.coroutine
def _finish(coroutine: Coroutine[Any, Any, None], waits_for: Any) -> Generator[Any, Any, None]:
    """Go on with a coroutine whose first step was already taken and which waits for something."""
    try:
        while True:
            try:
                value = yield waits_for
            except BaseException as error:  # noqa: BLE001 - cancellation goes through to the coroutine
                waits_for = coroutine.throw(error)
            else:
                waits_for = coroutine.send(value)
    except StopIteration:
        return


class Outlet:
    """Sends texts to one socket without ever waiting for it.

    Normally a write ends at once and costs no task. While the reader is slow, direct answers wait in a short queue and
    feeds are only marked as behind: they are read again from their position when the reader has caught up. A reader
    that takes nothing for 10 seconds is closed with 1013.

    Args:
        send: the ASGI ``send`` of the socket.
        caught_up: called with the feeds that were marked behind.
    """

    def __init__(self, send: Send, caught_up: Callable[[set[str]], None]) -> None:
        self._send = send
        self._server = _server_of(send)
        self._caught_up = caught_up
        # Thousands of sockets never need these: they are made for the slow ones.
        self._waiting: deque[str] | None = None
        self._behind: frozenset[str] = frozenset()
        self._draining: asyncio.Task[None] | None = None
        self._stall: asyncio.TimerHandle | None = None
        self.busy = False
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def push(self, text: str, *, volatile: bool = False) -> None:
        """Send a text, or queue it while the reader is slow; volatile ones are dropped then."""
        if self.closed.done() or (self.busy and volatile):
            return
        if not self.busy:
            if not self._write_line(lined(text)):
                self._write(text)
            return
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= MOST_WAITING:
            self.close(1013)
        else:
            self._waiting.append(text)

    def push_feed(self, feed: str, answer: Answer) -> bool:
        """Send the news of a feed; False when the reader is slow and has to catch up later."""
        if self.closed.done():
            return False
        if self.busy:
            self._behind |= {feed}
            return False
        if not self._write_line(answer.line):
            self._write(answer.text)
        return True

    def close(self, code: int) -> None:
        """Close the socket; whoever runs it sees ``closed`` and leaves."""
        if not self.closed.done():
            self.closed.set_result(code)

    async def say_goodbye(self) -> None:
        """Send the close frame; cut the line when even that is not taken."""
        if self._stall is not None:
            self._stall.cancel()
        code = self.closed.result()
        if self._draining is not None:
            self._draining.cancel()
        try:
            await asyncio.wait_for(self._send({"type": "websocket.close", "code": code}), CLOSE_SECONDS)
        except TimeoutError:
            # The server would wait for ever to flush what nobody reads; uvicorn's protocol lets us cut it.
            transport = getattr(getattr(self._send, "__self__", None), "transport", None)
            if transport is not None:
                transport.abort()
        except (OSError, RuntimeError):
            return  # it was gone already

    def _write_line(self, line: bytes) -> bool:
        """Hand a ready frame to the line itself, when the server is known and the line is free."""
        server = self._server
        if server is None or not server.writable.is_set() or server.conn.state is not State.OPEN:
            return False
        if server.close_sent or server.disconnected or not server.handshake_complete or server.transport.is_closing():
            return False
        server.transport.write(line)
        return True

    def _write(self, text: str) -> None:
        coroutine = self._send({"type": "websocket.send", "text": text})
        try:
            waits_for = coroutine.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            self.close(1006)
            return
        self.busy = True
        self._stall = asyncio.get_running_loop().call_later(STALLED_SECONDS, self.close, 1013)
        self._draining = asyncio.ensure_future(self._drain(coroutine, waits_for))

    async def _drain(self, coroutine: Coroutine[Any, Any, None], waits_for: Any) -> None:
        with contextlib.suppress(OSError, RuntimeError, asyncio.CancelledError):
            await _awaited(_finish(coroutine, waits_for))
            self._restart_stall()
            while self._waiting:
                await self._send({"type": "websocket.send", "text": self._waiting.popleft()})
                self._restart_stall()
            self._waiting = self._draining = None
            if self._stall is not None:
                self._stall.cancel()
                self._stall = None
            self.busy = False
            behind, self._behind = set(self._behind), frozenset()
            if behind:
                self._caught_up(behind)
            return
        self.close(1006)

    def _restart_stall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
        self._stall = asyncio.get_running_loop().call_later(STALLED_SECONDS, self.close, 1013)


async def _awaited(awaitable: Awaitable[None]) -> None:
    await awaitable
