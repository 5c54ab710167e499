"""The one clock of rules, commands and views.

``settings.CLOCK_OFFSET_SECONDS`` moves it for demonstrations and tests ("03.00 on a Sunday"); production keeps it at 0.
Inside ``moved(to)`` the clock stands still: the demo data tell a day that has already been.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings

_standing: ContextVar[datetime | None] = ContextVar("standing_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; rules, commands and views ask nobody else."""
    standing = _standing.get()
    if standing is not None:
        return standing
    return datetime.now(UTC) + timedelta(seconds=getattr(settings, "CLOCK_OFFSET_SECONDS", 0))


@contextmanager
def moved(to: datetime) -> Iterator[None]:
    """Let the clock stand at ``to`` (aware) in this context; for demo data only.

    Raises:
        ValueError: ``to`` has no time zone.
    """
    if to.tzinfo is None:
        raise ValueError("an aware time is needed")
    token = _standing.set(to.astimezone(UTC))
    try:
        yield
    finally:
        _standing.reset(token)
