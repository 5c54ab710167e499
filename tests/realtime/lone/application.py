"""The application of this package for uvicorn."""

from __future__ import annotations

import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.realtime.lone.settings"

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

http = get_asgi_application()

from direkt1177.realtime.consumers import ResidentConsumer, StaffConsumer  # noqa: E402
from tests.realtime.lone import notes  # noqa: E402

notes.register()
_sockets: list[Any] = [
    path("ws/staff/", StaffConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/resident/", ResidentConsumer.as_asgi()),  # type: ignore[arg-type]
]
application = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(_sockets),
    }
)
