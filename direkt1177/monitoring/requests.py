"""Counts the answers of this process."""

from __future__ import annotations

from collections import Counter
from typing import Any

_METHODS = ("GET", "POST", "HEAD")


class Requests:
    """Answers by method and class of status (``2xx``); never by address, which could tell of a patient."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, str]] = Counter()

    def counting(self, method: str, send: Any) -> Any:
        """The ``send`` of a request, which counts its answer once."""
        name = method if method in _METHODS else "other"

        async def count(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.answered[name, f"{message['status'] // 100}xx"] += 1
            await send(message)

        return count

    def lines(self) -> list[str]:
        """In Prometheus' text form."""
        rows = [
            f'direkt_requests_total{{method="{method}",status="{status}"}} {count}'
            for (method, status), count in sorted(self.answered.items())
        ]
        return ["# HELP direkt_requests_total Answers of this process.", "# TYPE direkt_requests_total counter", *rows]
