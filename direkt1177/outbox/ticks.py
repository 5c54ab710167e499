"""What is done again and again: Celery's beat and ``manage.py tick`` only call ``run_all`` (R-08).

Every tick asks the database what is due and claims rows with locks, so two ticks at once and none for two hours are
both harmless.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.utils import timezone

from direkt1177.outbox.models import Heartbeat

logger = logging.getLogger(__name__)
_ticks: dict[str, Callable[[], object]] = {}


def register(name: str, tick: Callable[[], object]) -> None:
    """Add something to do in each tick (from ``AppConfig.ready``)."""
    _ticks[name] = tick


def run_all() -> dict[str, bool]:
    """Do all of them; one that fails does not hold up the others.

    Returns:
        For each name whether it went well.
    """
    outcome = {}
    for name, tick in list(_ticks.items()):
        try:
            tick()
        except Exception:
            logger.exception("tick %s failed", name)
            outcome[name] = False
        else:
            outcome[name] = True
    return outcome


def beat() -> None:
    """Note that a tick began, for monitoring (R-16)."""
    row = Heartbeat(name="tick", at=timezone.now())
    Heartbeat.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=["at"])
