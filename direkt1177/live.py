"""Tells pages where the socket process is (``<meta name="live-url">``, read by static/js/live.js)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> dict[str, str]:
    """Context processor: ``live_url`` is empty when sockets share the page's origin.

    The host is the page's own, so that the session cookie goes along.
    """
    if not settings.LIVE_PORT:
        return {"live_url": ""}
    host = request.get_host().rsplit(":", 1)[0]
    return {"live_url": f"ws://{host}:{settings.LIVE_PORT}"}
