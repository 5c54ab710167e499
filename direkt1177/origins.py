"""Sockets only for our own pages (S-13)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class OwnOrigins:
    """Lets a socket through when its ``Origin`` is exactly one of ours: scheme, host and port.

    Channels' own validator parses the header and answers 500 to one that cannot be parsed; comparing is enough.

    Args:
        application: what to do with the sockets that are let through.
        origins: full origins such as ``https://direkt.example.se``.
    """

    def __init__(self, application: Any, origins: Iterable[str]) -> None:
        self.application = application
        self.origins = {origin.lower().encode() for origin in origins}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass on, or answer 403."""
        named = [value.lower() for name, value in scope["headers"] if name == b"origin"]
        if len(named) == 1 and named[0] in self.origins:
            await self.application(scope, receive, send)
        else:
            await refuse_socket(scope, receive, send)


async def refuse_socket(scope: Any, receive: Any, send: Any) -> None:
    """Close before accepting, which the server answers with 403."""
    await receive()
    await send({"type": "websocket.close"})
