"""Whether this process can do its work: write, prove it, with the right schema and room on disk (R-16)."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader

from direkt1177.audit.models import ChangeLog
from direkt1177.outbox.models import Effect
from direkt1177.realtime.hub import is_draining


def _can_insert(row: ChangeLog | Effect) -> None:
    """Really insert, then roll back: a full disk, a standby and a missing grant all show."""
    with transaction.atomic():
        row.save(force_insert=True)
        transaction.set_rollback(True)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '2s'")
        try:
            effect = Effect(key="ready", kind="ready", aggregate="ready", due_at="2000-01-01T00:00:00Z")
            _can_insert(effect)
        finally:
            cursor.execute("RESET statement_timeout")
    return True


def _audit() -> bool:
    row = ChangeLog(
        actor_kind="system", actor_key="ready", actor_name="ready", object_type="ready", object_id="0", event="ready"
    )
    _can_insert(row)
    return True


@functools.cache
def _wanted() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _migrations() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return _wanted() <= set(cursor.fetchall())


def _disk() -> bool:
    folder = Path(settings.UPLOAD_ROOT)
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free >= settings.READY_FREE_DISK_MB * 1024 * 1024


def _staying() -> bool:
    return not is_draining()


_CHECKS: dict[str, Callable[[], bool]] = {
    "staying": _staying,
    "disk": _disk,
    "database": _database,
    "audit": _audit,
    "migrations": _migrations,
}


def check_all() -> dict[str, bool]:
    """Every check by name; one that fails does not hold up the others."""
    outcome = {}
    for name, check in _CHECKS.items():
        try:
            outcome[name] = check()
        except (Error, OSError):
            outcome[name] = False
    return outcome
