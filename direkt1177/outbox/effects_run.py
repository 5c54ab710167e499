"""Carry out side effects: claimed under a lease, one at a time for an aggregate, tried again, at last given up (R-05).

A worker that dies leaves its lease behind; when it has run out, another worker does the effect again. Handlers must
therefore be idempotent, with the effect's key as their reference.
"""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from direkt1177.outbox.effects import handler_for, present
from direkt1177.outbox.models import Effect

logger = logging.getLogger(__name__)
LEASE_SECONDS = 60
MAX_ATTEMPTS = 8
FIRST_WAIT_SECONDS = 5.0
MOST_WAIT_SECONDS = 3600.0

_CLAIM = """
UPDATE outbox_effect SET state = 'running', attempts = attempts + 1,
    lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE id IN (
    SELECT e.id FROM outbox_effect e
    WHERE ((e.state = 'due' AND e.due_at <= %(now)s
            AND (e.retry_at IS NULL OR e.retry_at <= clock_timestamp()))
        OR (e.state = 'running' AND e.lease_until < clock_timestamp()))
      AND (%(id)s::bigint IS NULL OR e.id = %(id)s)
      AND NOT EXISTS (
        SELECT 1 FROM outbox_effect before
        WHERE before.aggregate = e.aggregate AND before.id <> e.id AND before.state IN ('due', 'running')
          AND ((before.due_at, before.id) < (e.due_at, e.id)
            OR (before.state = 'running' AND before.lease_until >= clock_timestamp())))
    ORDER BY e.due_at, e.id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id, attempts
"""


def claim_due(limit: int = 20, *, effect_id: int | None = None) -> list[tuple[int, int]]:
    """Take what is due under a lease of 60 seconds; nobody else gets it meanwhile.

    Args:
        limit: at most so many.
        effect_id: only this one.

    Returns:
        Id and attempt of each; both are needed to carry it out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": LEASE_SECONDS, "limit": limit, "id": effect_id, "now": present()})
        return [(int(pk), int(attempt)) for pk, attempt in cursor.fetchall()]


def carry_out(effect_id: int, attempt: int) -> bool:
    """Run a claimed effect outside any transaction and store how it went.

    Args:
        effect_id: of the claim.
        attempt: of the claim; when the lease ran out and another worker took over, this outcome is not stored.

    Returns:
        Whether it succeeded.
    """
    mine = Effect.objects.filter(pk=effect_id, state=Effect.State.RUNNING, attempts=attempt)
    effect = mine.first()
    if effect is None:
        return False
    try:
        note = handler_for(effect.kind)(effect) or ""
    except Exception as error:  # noqa: BLE001 - whatever it was: try again later
        _failed(effect, attempt, error)
        return False
    mine.update(state=Effect.State.DONE, done_at=Now(), lease_until=None, note=note[:60], last_error="")
    return True


def run_effect(effect_id: int) -> bool:
    """Claim one effect and run it; False when it is not due, somebody else has it, or it failed."""
    return any(carry_out(pk, attempt) for pk, attempt in claim_due(1, effect_id=effect_id))


def run_due(limit: int = 200) -> int:
    """Run what is due, one after the other (a tick).

    Returns:
        How many succeeded.
    """
    done = 0
    for _ in range(limit):
        claimed = claim_due(1)
        if not claimed:
            break
        done += carry_out(*claimed[0])
    return done


def _failed(effect: Effect, attempt: int, error: Exception) -> None:
    """Wait longer each time, with jitter; give up after eight attempts. Never the message: it may quote content."""
    name = type(error).__name__[:300]
    mine = Effect.objects.filter(pk=effect.pk, state=Effect.State.RUNNING, attempts=attempt)
    if attempt >= MAX_ATTEMPTS:
        mine.update(state=Effect.State.DEAD, lease_until=None, last_error=name)
        logger.error("effect %s (%s) was given up after %s attempts: %s", effect.pk, effect.kind, attempt, name)
        return
    wait = min(FIRST_WAIT_SECONDS * 2 ** (attempt - 1), MOST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
    retry_at = timezone.now() + timedelta(seconds=wait)
    mine.update(state=Effect.State.DUE, lease_until=None, retry_at=retry_at, last_error=name)
    logger.warning("effect %s (%s) failed, attempt %s: %s", effect.pk, effect.kind, attempt, name)
