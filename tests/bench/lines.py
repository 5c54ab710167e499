"""A cheap WebSocket client (RFC 6455) on a plain asyncio protocol, so that the load costs less than the server."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
from collections.abc import Callable, Sequence
from typing import cast
from urllib.parse import urlsplit

# Called with the line, a whole text message, and when it came (``perf_counter``).
OnMessage = Callable[["Line", bytes, float], None]


class Line(asyncio.Protocol):
    """One open socket.

    Args:
        url: ``ws://`` address.
        on_message: what to do with each text.
        headers: of the handshake, besides the usual ones.
    """

    transport: asyncio.Transport

    def __init__(self, url: str, on_message: OnMessage, headers: Sequence[tuple[str, str]] = ()) -> None:
        self.url, self.headers = url, headers
        self.on_message = on_message
        self.open = False
        self.lost = False
        self.closed_code: int | None = None
        self.ready: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self._buffer = bytearray()
        self._part = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the handshake."""
        self.transport = transport = cast("asyncio.Transport", transport)  # uvloop's is not one by inheritance
        address = urlsplit(self.url)
        key = base64.b64encode(os.urandom(16)).decode()
        usual = [f"GET {address.path} HTTP/1.1", f"Host: {address.netloc}", "Upgrade: websocket", "Connection: Upgrade"]
        socket = ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
        own = [f"{name}: {value}" for name, value in self.headers]
        transport.write(("\r\n".join([*usual, *socket, *own]) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        """Take the frames apart."""
        came = time.perf_counter()
        self._buffer += data
        if not self.open and not self._handshake():
            return
        buffer, at, size = self._buffer, 0, len(self._buffer)
        while size - at >= 2:
            first, length, head = buffer[at], buffer[at + 1] & 127, 2
            if length >= 126:
                head = 4 if length == 126 else 10
                if size - at < head:
                    break
                length = int.from_bytes(buffer[at + 2 : at + head], "big")
            if size - at < head + length:
                break
            self._frame(first, bytes(buffer[at + head : at + head + length]), came)
            at += head + length
        if at:
            del buffer[:at]

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._write(1, text.encode())

    def close(self) -> None:
        """Say goodbye and hang up."""
        if not self.transport.is_closing():
            self._write(8, struct.pack("!H", 1000))
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side hung up."""
        self.open, self.lost = False, True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed in the handshake: {exc}"))

    def _handshake(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._buffer[:end])
        del self._buffer[: end + 4]
        if b" 101 " not in head.split(b"\r\n")[0]:
            if not self.ready.done():
                self.ready.set_exception(ConnectionError(head[:200].decode("latin1")))
            self.transport.close()
            return False
        self.open = True
        self.ready.set_result(self)
        return True

    def _frame(self, first: int, payload: bytes, came: float) -> None:
        kind = first & 15
        if kind == 9:
            self._write(10, payload)
        elif kind == 8:
            self.closed_code = int.from_bytes(payload[:2], "big") if payload else 1005
            self.transport.close()
        elif kind in (0, 1, 2):
            self._part = self._part + payload if self._part else payload
            if first & 128:
                message, self._part = self._part, b""
                self.on_message(self, message, came)

    def _write(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 128 | kind, 128 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 128 | kind, 254, size)
        else:
            head = struct.pack("!BBQ", 128 | kind, 255, size)
        # A mask of zeros leaves the payload as it is.
        self.transport.write(head + b"\0\0\0\0" + payload)


async def connect(url: str, on_message: OnMessage, headers: Sequence[tuple[str, str]] = ()) -> Line:
    """Open one socket.

    Raises:
        ConnectionError: the handshake was refused.
    """
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    assert address.hostname and address.port
    _transport, line = await loop.create_connection(
        lambda: Line(url, on_message, headers), address.hostname, address.port
    )
    return await asyncio.wait_for(line.ready, 30)


def nothing(_line: Line, _message: bytes, _came: float) -> None:
    """Ignore what comes."""
