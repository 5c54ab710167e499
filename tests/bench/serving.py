"""The site under test as it is, except that the load's few persons and sockets may send as much as many do."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "direkt1177.settings.embedded")
get_asgi_application()

from django.conf import settings  # noqa: E402 - Django must be set up first

from direkt1177.realtime import sockets  # noqa: E402

# Still counted, at the same cost.
sockets.MESSAGES_PER_WINDOW = sockets.CHEAP_PER_WINDOW = 10**9
settings.RATE_LIMITS = {**settings.RATE_LIMITS, "message": "1000 per second"}

from direkt1177.asgi import application  # noqa: E402

__all__ = ["application"]
