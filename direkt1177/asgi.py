"""Entry point of web and socket processes; both run the whole application (composition root)."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
http_application = get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up first

from direkt1177.realtime.consumers import ResidentConsumer, StaffConsumer  # noqa: E402


async def refuse_socket(scope: Any, receive: Any, send: Any) -> None:
    """Answer sockets on any other path with 403 instead of an error in the log."""
    await receive()
    await send({"type": "websocket.close"})


_sockets: list[Any] = [
    path("ws/staff/", StaffConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/resident/", ResidentConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path(r"", refuse_socket),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter(
    {
        "http": http_application,
        # Full origins, not the allowed-hosts variant: a page on another port of this host is another origin (S-13).
        "websocket": OriginValidator(URLRouter(_sockets), settings.SOCKET_ORIGINS),
    }
)
