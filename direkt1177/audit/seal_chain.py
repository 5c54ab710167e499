"""What a seal says: the bytes of log rows, their digest, and the keyed chain from seal to seal (S-26). No writing here.

Rows become bytes in Python, out of values and never out of how one PostgreSQL prints them, so that a restored backup
gives the same seals. What stands here is for ever: another shape of a log is a new layout beside the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

LAYOUT = 1
FIRST = -(2**63)
LAST = 2**63 - 1
_PAGE = 2000
_COMMON = (
    "id", "at", "request_id", "actor_kind", "actor_key", "actor_name", "actor_role",
    "unit_id", "provider_id", "object_type", "object_id",
)  # fmt: skip
TABLES = {"change_log": "audit_changelog", "read_log": "audit_readlog", "board_stay": "audit_boardstay"}
# JSON is taken as the text that the database keeps: 1.0 and 1.00 are not the same proof.
COLUMNS: dict[int, dict[str, tuple[str, ...]]] = {
    1: {
        "change_log": (*_COMMON, "event", "patient_id", "from_state", "to_state", "data::text"),
        "read_log": (*_COMMON, "action", "basis", "reason", "patients", "interval"),
        "board_stay": ("id", "board", "object_id", "patient_id", "op", "at"),
    }
}


def seal_keys() -> dict[str, bytes]:
    """Keys by their names, the one in use first: ``AUDIT_SEAL_KEY``, or ``SECRET_KEY`` where none is given.

    Older ones (``AUDIT_SEAL_KEYS_OLD``, or ``SECRET_KEY_FALLBACKS``) still prove what was sealed with them.
    """
    if settings.AUDIT_SEAL_KEY:
        secrets: list[str] = [settings.AUDIT_SEAL_KEY, *settings.AUDIT_SEAL_KEYS_OLD]
    else:
        secrets = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    keys = [hmac.digest(secret.encode(), b"direkt1177 audit seal", "sha256") for secret in secrets]
    return {hashlib.sha256(key).hexdigest()[:16]: key for key in keys}


def sealed_rows(log: str, *, layout: int, start: int, end: int = LAST) -> Iterator[tuple[int, bytes]]:
    """Id and bytes of the log's rows with ``start <= id <= end``, by id; holds one page of them at a time."""
    columns, table = COLUMNS[layout][log], TABLES[log]
    wanted = ", ".join(name if "::" in name else f'"{name}"' for name in columns)
    statement = f"SELECT {wanted} FROM {table} WHERE id BETWEEN %s AND %s ORDER BY id LIMIT {_PAGE}"  # noqa: S608
    while start <= end:
        with connection.cursor() as cursor:
            cursor.execute(statement, [start, end])
            page = cursor.fetchall()
        for row in page:
            yield row[0], _bytes(row)
        if len(page) < _PAGE:
            return
        start = page[-1][0] + 1


def mac_of(
    key: bytes,
    *,
    key_id: str,
    previous: str,
    log: str,
    number: int,
    layout: int,
    start: int,
    last_id: int,
    rows: int,
    digest: str,
    at: datetime,
) -> str:
    """HMAC-SHA-256 over everything a seal says, the range's beginning and the seal before it (empty for the first)."""
    said = (key_id, previous, log, number, layout, start, last_id, rows, digest, at)
    return hmac.new(key, _bytes(said), "sha256").hexdigest()


def _bytes(values: tuple[Any, ...]) -> bytes:
    return json.dumps(values, ensure_ascii=True, separators=(",", ":"), default=_plain).encode() + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(type(value).__qualname__)
