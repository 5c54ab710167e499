"""Computing all seals again: what was changed, removed or added behind the application's back (S-26).

Rows and seals are read as two streams, in order of their ids, so a log of any length needs the same memory.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from direkt1177.audit.models import Seal
from direkt1177.audit.seal_chain import COLUMNS, FIRST, TABLES, mac_of, seal_keys, sealed_rows

Anchors = dict[str, dict[int, str]]
_ANCHOR = re.compile(rf"^({'|'.join(TABLES)}) (\d+) ([0-9a-f]{{64}})$", re.MULTILINE)


@dataclass
class LogCheck:
    """How one log stands.

    Attributes:
        fault: what is wrong with the first broken seal; empty when all is well.
        newest: number and code of the last seal that holds, to be kept outside the database.
    """

    log: str
    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    newest: tuple[int, str] | None = None
    fault: str = ""


def read_anchors(text: str) -> Anchors:
    """The lines ``<log> <number> <code>`` of earlier output of ``verify_audit``; other lines are passed over."""
    anchors: Anchors = {log: {} for log in TABLES}
    for log, number, mac in _ANCHOR.findall(text):
        anchors[log][int(number)] = mac
    return anchors


def check_log(log: str, *, anchors: Anchors | None = None) -> LogCheck:
    """Compute a log's seals again and stop at the first that is broken.

    Args:
        log: a key of ``TABLES``.
        anchors: codes of seals that were kept elsewhere: the only way to see that the newest seals were taken away.
    """
    check, known = LogCheck(log), (anchors or {}).get(log, {})
    keys = seal_keys()
    rows = _Rows(log)
    previous, start = "", FIRST
    for seal in Seal.objects.filter(log=log).order_by("number").iterator(chunk_size=500):
        fault = _fault_of_seal(seal, check.seals + 1, previous, start, keys)
        if not fault and seal.number in known and known[seal.number] != seal.mac:
            fault = "it is not the seal whose code was kept"
        if not fault:
            fault = rows.fault(seal, start)
        if fault:
            ids = f"ids {start if check.seals else 'from the first'} to {seal.last_id}"
            check.fault = f"seal {check.seals + 1} ({ids}, sealed {seal.at:%Y-%m-%d %H:%M:%S} UTC): {fault}"
            return check
        check.seals += 1
        check.rows += seal.rows
        check.newest = (seal.number, seal.mac)
        previous, start = seal.mac, seal.last_id + 1
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLES[log]} WHERE id >= %s", [start])  # noqa: S608 - our own names
        (check.unsealed,) = cursor.fetchone() or (0,)
    kept = max(known, default=0)
    if kept > check.seals:
        check.fault = f"seal {check.seals + 1}: missing; the code of seal {kept} was kept"
    return check


def _fault_of_seal(seal: Seal, number: int, previous: str, start: int, keys: dict[str, bytes]) -> str:
    if seal.number != number:
        return f"missing; the next one is seal {seal.number}"
    if seal.key_id not in keys:
        return f"made with the key {seal.key_id}, which is not among the settings"
    mac = mac_of(keys[seal.key_id], previous=previous, start=start, **seal.said())
    if not hmac.compare_digest(mac.encode(), seal.mac.encode()) or seal.layout not in COLUMNS:
        return "the seal itself was changed, or was not made by this installation"
    return ""


class _Rows:
    """The rows of a log, handed out range by range."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._layout = 0
        self._stream: Iterator[tuple[int, bytes]] = iter(())
        self._waiting: tuple[int, bytes] | None = None

    def fault(self, seal: Seal, start: int) -> str:
        """What differs between the rows in a seal's range and what it says of them; empty when nothing does."""
        if seal.layout != self._layout:
            self._layout = seal.layout
            self._stream = sealed_rows(self._log, layout=seal.layout, start=start)
            self._waiting = next(self._stream, None)
        digest, count = hashlib.sha256(), 0
        while self._waiting and self._waiting[0] <= seal.last_id:
            digest.update(self._waiting[1])
            count += 1
            self._waiting = next(self._stream, None)
        if count != seal.rows:
            return f"{seal.rows} rows were sealed, {count} are there"
        return "" if digest.hexdigest() == seal.digest else "rows were changed or exchanged"
