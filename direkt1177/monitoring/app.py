"""``/live``, ``/ready`` and ``/metrics``, answered before Django: no session, no host check, no redirect to TLS."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings

from direkt1177.monitoring import figures, readiness
from direkt1177.monitoring.loop_lag import LoopLag
from direkt1177.monitoring.requests import Requests
from direkt1177.realtime.threads import in_thread

logger = logging.getLogger(__name__)
MOST_LAG_SECONDS = 1.0
PATIENCE_SECONDS = 4.0


class Monitoring:
    """Wraps the HTTP application of one process.

    * ``/live``: 200 while the event loop keeps up (lag below a second); no input or output. Restart when it fails.
    * ``/ready``: 200 when this process can do its work, see ``readiness.py``. Send no traffic while it fails. Redis is
      not part of it: without Redis the service goes on (R-01).
    * ``/metrics``: Prometheus text for holders of ``METRICS_TOKEN`` and direct connections from ``METRICS_NETWORKS``;
      404 for everybody else. What came through a proxy is no direct connection.

    Args:
        application: everything else goes there, and is counted.
    """

    def __init__(self, application: Any) -> None:
        self.application = application
        self.lag = LoopLag()
        self.requests = Requests()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the three addresses, pass on the rest."""
        self.lag.watch()
        answer = self._answers.get(scope["path"])
        if answer is None:
            await self.application(scope, receive, self.requests.counting(scope["method"], send))
        elif scope["method"] not in ("GET", "HEAD"):
            await _respond(send, 405, "text/plain", "")
        else:
            status, kind, text = await answer(self, scope)
            await _respond(send, status, kind, "" if scope["method"] == "HEAD" else text)

    async def _live(self, scope: Any) -> tuple[int, str, str]:
        worst = self.lag.worst()
        alive = worst < MOST_LAG_SECONDS
        return (200 if alive else 503), "application/json", json.dumps({"live": alive, "lag": round(worst, 3)})

    async def _ready(self, scope: Any) -> tuple[int, str, str]:
        try:
            checks = await asyncio.wait_for(in_thread(readiness.check_all), PATIENCE_SECONDS)
        except TimeoutError:
            checks = {"in_time": False}
        ready = all(checks.values())
        if not ready:
            logger.warning("not ready: %s", ", ".join(name for name, well in checks.items() if not well))
        return (200 if ready else 503), "application/json", json.dumps({"ready": ready, "checks": checks})

    async def _metrics(self, scope: Any) -> tuple[int, str, str]:
        if not _may_read(scope):
            return 404, "text/plain", ""
        lines = [*figures.of_process(self.lag.worst()), *self.requests.lines()]
        try:
            lines += await asyncio.wait_for(in_thread(figures.of_database), PATIENCE_SECONDS)
            lines.append("direkt_database_up 1")
        except Exception as error:  # noqa: BLE001 - the figures of the process are wanted most when PostgreSQL is away
            logger.warning("no figures from the database: %s", type(error).__name__)
            lines.append("direkt_database_up 0")
        return 200, "text/plain; version=0.0.4; charset=utf-8", "\n".join(lines) + "\n"

    _answers: dict[str, Callable[[Monitoring, Any], Awaitable[tuple[int, str, str]]]] = {
        "/live": _live,
        "/ready": _ready,
        "/metrics": _metrics,
    }


def _may_read(scope: Any) -> bool:
    headers = dict(scope["headers"])
    given = headers.get(b"authorization", b"")
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(given, f"Bearer {token}".encode()):
        return True
    if given or any(name in headers for name in (b"x-forwarded-for", b"x-forwarded-proto", b"forwarded")):
        return False
    try:
        peer = ip_address(scope["client"][0])
    except (TypeError, ValueError):
        return False
    return any(peer in ip_network(network) for network in settings.METRICS_NETWORKS)


async def _respond(send: Any, status: int, kind: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
