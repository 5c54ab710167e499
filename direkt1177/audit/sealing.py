"""Sealing closed ranges of the logs, again and again (S-26): a tick, never part of a request.

Ids are drawn before the commit, so a lower id may appear after a higher one. A range is therefore sealed only when
nobody can add to it any more. An INSERT locks its table (``ROW EXCLUSIVE``, until its transaction ends) *before* it
draws an id from the sequence. So: note the highest id, then see who holds such a lock, and wait until all of them are
gone. Whoever comes later draws a higher id. No clock is asked, and no writer waits.
"""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from itertools import islice

from django.db import connection

from direkt1177.audit.models import Seal
from direkt1177.audit.record import command
from direkt1177.audit.seal_chain import FIRST, LAYOUT, TABLES, mac_of, seal_keys, sealed_rows

SEAL_AFTER = timedelta(seconds=60)
MOST_ROWS = 10_000
MOST_SEALS = 20
PATIENCE_SECONDS = 2.0
_LOCK_SPACE = 1177

_UNSEALED = """
SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM {table}
WHERE id > coalesce((SELECT last_id FROM audit_seal WHERE log = %s ORDER BY number DESC LIMIT 1), %s)
ORDER BY id LIMIT 1
"""
# An id that somebody chose instead of drawing it counts only when the sequence has come that far.
_HIGHEST = """
SELECT (SELECT max(id) FROM {table}), pg_sequence_last_value(pg_get_serial_sequence('{table}', 'id')::regclass)
"""
# A prepared transaction changes its name when it is prepared ("-1/…") and may live for ever.
_WRITERS = """
SELECT relation::regclass::text, virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted AND pid IS DISTINCT FROM pg_backend_pid()
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = ANY (%s::text[]::regclass[])
"""


def seal_logs(*, older_than: timedelta = SEAL_AFTER, patience: float = PATIENCE_SECONDS) -> int:
    """Seal what is closed in logs that have waited long enough (a tick); two at once are harmless.

    Args:
        older_than: a log is left alone until its oldest unsealed row has this age; so seals stay few.
        patience: seconds to wait for transactions that write to a log. One that takes longer leaves it to a later
            tick: ``oldest_unsealed_age`` then grows and monitoring shows it.

    Returns:
        The number of seals made.
    """
    ages = {log: _age(log) for log in TABLES}
    due = [log for log, age in ages.items() if age is not None and age >= older_than.total_seconds()]
    made = 0
    for log, bound in closed_up_to(due, patience=patience).items():
        for _ in range(MOST_SEALS):
            if not seal_rows(log=log, up_to=bound):
                break
            made += 1
    return made


def closed_up_to(logs: list[str], *, patience: float) -> dict[str, int]:
    """For each log the highest id at or below which nothing can be added any more; logs still written to are left out.

    Args:
        logs: keys of ``TABLES``.
        patience: the longest wait in seconds.
    """
    bounds: dict[str, int] = {}
    for log in logs:
        with connection.cursor() as cursor:
            cursor.execute(_HIGHEST.format(table=TABLES[log]))
            there, drawn = cursor.fetchone() or (None, None)
        if there is not None and drawn is not None:
            bounds[log] = min(there, drawn)
    end = time.monotonic() + patience
    before = waited_for = _writers(bounds)
    while waited_for and time.monotonic() < end:
        time.sleep(0.02)
        waited_for = {each for each in _writers(bounds) if each in before or each[1].startswith("-1/")}
    busy = {table for table, _ in waited_for}
    return {log: bound for log, bound in bounds.items() if TABLES[log] not in busy}


@command
def seal_rows(*, log: str, up_to: int) -> int:
    """Seal the rows after the last seal, at most ``MOST_ROWS``; returns how many, 0 when another process is at it.

    Args:
        log: a key of ``TABLES``.
        up_to: nothing can be added any more at or below this id, see ``closed_up_to``.
    """
    with connection.cursor() as cursor:
        lock = [_LOCK_SPACE, list(TABLES).index(log)]
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s), statement_timestamp()", lock)
        mine, now = cursor.fetchone() or (False, None)
    if not mine or now is None:
        return 0
    last = Seal.objects.filter(log=log).order_by("-number").first()
    start = last.last_id + 1 if last else FIRST
    digest, count, last_id = hashlib.sha256(), 0, up_to
    for row_id, content in islice(sealed_rows(log, layout=LAYOUT, start=start, end=up_to), MOST_ROWS):
        digest.update(content)
        count += 1
        last_id = row_id
    if not count:
        return 0
    key_id, key = next(iter(seal_keys().items()))
    seal = Seal(
        log=log,
        number=last.number + 1 if last else 1,
        layout=LAYOUT,
        last_id=last_id if count == MOST_ROWS else up_to,
        rows=count,
        digest=digest.hexdigest(),
        key_id=key_id,
        at=now,
    )
    seal.mac = mac_of(key, previous=last.mac if last else "", start=start, **seal.said())
    seal.save(force_insert=True)
    return count


def oldest_unsealed_age() -> float:
    """For monitoring: the age in seconds of the oldest row that no seal covers, 0 when all are sealed.

    Usually below 70; more than ten minutes means that nobody ticks or that a forgotten transaction holds a log open.
    """
    return max(_age(log) or 0.0 for log in TABLES)


def _age(log: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(_UNSEALED.format(table=TABLES[log]), [log, FIRST])
        row = cursor.fetchone()
    return max(float(row[0]), 0.0) if row else None


def _writers(logs: dict[str, int]) -> set[tuple[str, str]]:
    if not logs:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [[TABLES[log] for log in logs]])
        return set(cursor.fetchall())
