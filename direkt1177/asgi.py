"""Entry point of web and socket processes; both run the whole application (composition root)."""

from __future__ import annotations

import os
from typing import Any

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path, re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
http_application = get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up first

from direkt1177.monitoring.app import Monitoring  # noqa: E402
from direkt1177.origins import OwnOrigins, refuse_socket  # noqa: E402
from direkt1177.realtime.consumers import ResidentConsumer, StaffConsumer  # noqa: E402

_sockets: list[Any] = [
    path("ws/staff/", StaffConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/resident/", ResidentConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path(r"", refuse_socket),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter(
    {
        "http": Monitoring(http_application),
        "websocket": OwnOrigins(URLRouter(_sockets), settings.SOCKET_ORIGINS),
    }
)
