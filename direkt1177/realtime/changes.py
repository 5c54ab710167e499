"""Feed heads taken by the last statements before COMMIT, in name order (design §3).

The row lock on a head lasts until COMMIT, so within a feed the order of versions is the order of commits: whoever has
seen version N and asks for what came after N can never miss a change that commits late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection, transaction

KEEP_HOURS = 48
# The object of a ``me:`` feed that says that rights changed: heard by the sockets themselves, never shown. Its bell
# rings twice: as news of the feed, and under this name before it, so that rights are looked at without reading first.
CONTROL = "authz"
DOUBT = f"{CONTROL}|"

# One statement: heads are raised and locked in name order, their changes numbered up to the new versions.
NUMBERED = """counted AS (
    SELECT feed, n FROM unnest(%(feeds)s::text[], %(counts)s::int[]) AS t (feed, n) ORDER BY feed
), heads AS (
    INSERT INTO realtime_feedhead AS head (feed, version) SELECT feed, n FROM counted ORDER BY feed
    ON CONFLICT (feed) DO UPDATE SET version = head.version + excluded.version
    RETURNING feed, version
), stored AS (
    INSERT INTO realtime_feedchange (feed, version, object, op, at)
    SELECT c.feed, heads.version - c.back, c.object, c.op, clock_timestamp()
    FROM unnest(%(of)s::text[], %(backs)s::int[], %(objects)s::text[], %(ops)s::text[]) AS c (feed, back, object, op)
    JOIN heads ON heads.feed = c.feed
)"""
_FLUSH = f"WITH {NUMBERED} SELECT feed, version FROM heads"  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Change:
    """One object put into or dropped from a feed.

    Attributes:
        feed: name such as ``queue:3:2`` or ``chat:<case>:patient``.
        object: stable name of the object inside the feed, such as ``case:<id>`` or ``message:7``; ``authz`` in a
            ``me:`` feed is heard by the sockets themselves and never shown.
        op: ``put`` when it is new or different, ``drop`` when it left the feed.
    """

    feed: str
    object: str
    op: Literal["put", "drop"] = "put"


_bells: list[Callable[[dict[str, int]], None]] = []


def on_doorbell(ring: Callable[[dict[str, int]], None]) -> None:
    """Register what is called after commit with ``{feed: version}``; it must never block or raise."""
    _bells.append(ring)


def flush(changes: Iterable[Change]) -> dict[str, int]:
    """Number the changes and store them; call as the last statement of the transaction.

    Args:
        changes: in the order they happened; equal ones within a feed are stored once, the last wins.

    Returns:
        The new version of each feed.
    """
    changes = list(changes)
    values = numbering(changes)
    if not values["feeds"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FLUSH, values)
        versions: dict[str, int] = dict(cursor.fetchall())
    doubts = {DOUBT + change.feed: versions[change.feed] for change in changes if change.object == CONTROL}
    announce(doubts | versions)
    return versions


def numbering(changes: Iterable[Change]) -> dict[str, list[Any]]:
    """The values of ``NUMBERED``, for the one command that stores everything in one statement; others call ``flush``.

    Args:
        changes: as for ``flush``.
    """
    by_feed: dict[str, dict[str, Change]] = {}
    for change in changes:
        objects = by_feed.setdefault(change.feed, {})
        objects.pop(change.object, None)
        objects[change.object] = change
    feeds = sorted(by_feed)
    rows = [
        (feed, len(by_feed[feed]) - 1 - i, change.object, change.op)
        for feed in feeds
        for i, change in enumerate(by_feed[feed].values())
    ]
    return {
        "feeds": feeds,
        "counts": [len(by_feed[feed]) for feed in feeds],
        "of": [row[0] for row in rows],
        "backs": [row[1] for row in rows],
        "objects": [row[2] for row in rows],
        "ops": [row[3] for row in rows],
    }


def announce(versions: dict[str, int]) -> None:
    """Ring the bells of these feeds after commit."""

    def ring() -> None:
        for bell in _bells:
            bell(versions)

    # A nested function: Django's log line for a failing robust callback needs its name.
    transaction.on_commit(ring, robust=True)


def forget_old() -> int:
    """Remove changes older than 48 hours, 5,000 at a time; positions before them get the whole first page.

    Returns:
        How many rows went.
    """
    removed: int = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM realtime_feedchange WHERE id IN (SELECT id FROM realtime_feedchange"
                " WHERE at < clock_timestamp() - make_interval(hours => %s)"
                " ORDER BY at LIMIT 5000 FOR UPDATE SKIP LOCKED)",
                [KEEP_HOURS],
            )
            removed += cursor.rowcount
            if cursor.rowcount < 5000:
                return removed


@dataclass(frozen=True, slots=True)
class Since:
    """What changed in a feed after a position.

    Attributes:
        version: head of the feed when it was read; 0 when nothing ever changed.
        complete: the position is too old (or 0): the whole first page is needed.
        ops: the last change (op, version) of each object, oldest first; empty when complete.
    """

    version: int
    complete: bool
    ops: dict[str, tuple[str, int]]


def since(feed: str, after: int, *, most: int = 200) -> Since:
    """Read what changed after a position, in one statement.

    Args:
        feed: name of the feed.
        after: position of the reader; 0 asks for everything.
        most: with more changes than this the whole first page is cheaper.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.version, c.version, c.object, c.op FROM realtime_feedhead h LEFT JOIN LATERAL ("
            " SELECT version, object, op FROM realtime_feedchange WHERE feed = h.feed AND version > %s"
            " ORDER BY version LIMIT %s) c ON true WHERE h.feed = %s ORDER BY c.version",
            [after, most + 1, feed],
        )
        rows = cursor.fetchall()
    return _found(rows, after, most)


def since_each(positions: Mapping[str, int], *, most: int = 200) -> dict[str, Since]:
    """``since`` for many feeds, in one statement.

    Args:
        positions: of each feed, as ``after``.
        most: as for ``since``.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked.feed, h.version, c.version, c.object, c.op"
            " FROM unnest(%s::text[], %s::bigint[]) AS asked (feed, after)"
            " JOIN realtime_feedhead h ON h.feed = asked.feed LEFT JOIN LATERAL ("
            " SELECT version, object, op FROM realtime_feedchange WHERE feed = h.feed AND version > asked.after"
            " ORDER BY version LIMIT %s) c ON true ORDER BY asked.feed, c.version",
            [list(positions), list(positions.values()), most + 1],
        )
        rows: dict[str, list[Any]] = {feed: [] for feed in positions}
        for feed, *row in cursor.fetchall():
            rows[feed].append(row)
    return {feed: _found(rows[feed], after, most) for feed, after in positions.items()}


def _found(rows: Sequence[Any], after: int, most: int) -> Since:
    if not rows:
        return Since(version=0, complete=True, ops={})
    head = int(rows[0][0])
    if after <= 0 or after > head or head - after > most:
        return Since(version=head, complete=True, ops={})
    if after == head:
        return Since(version=head, complete=False, ops={})
    if len(rows) != head - after:  # some were forgotten
        return Since(version=head, complete=True, ops={})
    ops: dict[str, tuple[str, int]] = {}
    for _, version, name, op in rows:
        ops.pop(name, None)
        ops[name] = (op, version)
    return Since(version=head, complete=False, ops=ops)


def heads(feeds: Iterable[str]) -> dict[str, int]:
    """Versions of many feeds in one query; feeds that never changed are absent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT feed, version FROM realtime_feedhead WHERE feed = ANY(%s)", [list(feeds)])
        return dict(cursor.fetchall())
