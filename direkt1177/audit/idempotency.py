"""Same key, same outcome; same key with another body is refused (R-09)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from direkt1177.audit.actor import Actor
from direkt1177.audit.models import IdempotencyKey
from direkt1177.audit.refusals import KeyReused

KEEP = timedelta(days=30)


def once(
    *, actor: Actor, key: str, command: str, body: dict[str, Any], do: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Do something at most once for an actor and key, inside the command's transaction.

    A concurrent call with the same key waits for the first to commit and then gets its outcome.

    Args:
        actor: who calls.
        key: from the form's hidden field or the client's message id; 1 to 80 characters.
        command: name of the command, part of what must be equal.
        body: what was asked, JSON-serialisable.
        do: does it and returns the outcome, JSON-serialisable.

    Raises:
        KeyReused: the key was used for something else.
    """
    digest = hashlib.sha256(json.dumps([command, body], sort_keys=True, default=str).encode()).hexdigest()
    # ON CONFLICT DO NOTHING waits for a concurrent insert of the same key to commit or roll back.
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(actor_key=actor.key, key=key, command=command, body_hash=digest, outcome={})],
        ignore_conflicts=True,
    )
    row = IdempotencyKey.objects.select_for_update(no_key=True).get(actor_key=actor.key, key=key)
    if row.command != command or row.body_hash != digest:
        raise KeyReused
    if row.outcome:
        return dict(row.outcome["value"])
    value = do()
    row.outcome = {"value": value}
    row.save(update_fields=["outcome"])
    return value


def forget_old() -> int:
    """Remove keys older than 30 days (a tick); returns how many."""
    removed, _ = IdempotencyKey.objects.filter(at__lt=timezone.now() - KEEP).delete()
    return removed
