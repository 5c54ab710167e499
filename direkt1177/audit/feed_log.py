"""Live reading leaves its trace as intervals (design §3): who could see a feed, from when to when."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from direkt1177.audit.actor import Actor
from direkt1177.audit.models import ReadLog
from direkt1177.audit.read_log import log_read
from direkt1177.realtime.sources import Grant

POLL_INTERVAL = timedelta(minutes=5)
_POLLS = uuid.UUID("6d0c8f6e-2f6b-4a53-9a43-3b2f9a6d1177")


class IntervalLog:
    """Base of feed sources: writes ``feed_start`` and ``feed_end`` rows with the same ``interval``.

    A page that polls has no end: it leaves one ``feed_poll`` row for each five minutes in which it asked.
    """

    def log_start(self, actor: Actor, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """A live reading begins."""
        self._log(actor, "feed_start", feed, grant, interval)

    def log_end(self, actor: Actor, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        """It ended: left, closed, signed out, or no longer allowed."""
        self._log(actor, "feed_end", feed, grant, interval)

    def log_poll(self, actor: Actor, feed: str, grant: Grant) -> None:
        """The feed was read over HTTP; one row for each actor, feed and five minutes."""
        period = int(timezone.now().timestamp() // POLL_INTERVAL.total_seconds())
        interval = uuid.uuid5(_POLLS, f"{actor.key} {actor.unit_id} {feed} {period}")
        if not ReadLog.objects.filter(interval=interval).exists():
            self._log(actor, "feed_poll", feed, grant, interval)

    def _log(self, actor: Actor, action: str, feed: str, grant: Grant, interval: uuid.UUID) -> None:
        log_read(
            actor=actor,
            action=action,
            object_type="feed",
            object_id=feed[:60],
            patients=grant.patients,
            basis=grant.basis,
            interval=interval,
        )
