"""Claims: *Ta emot nästa* by many at once, beside a plain UPDATE of the same rows by key."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from tests.bench.machine import median
from tests.bench.site import Site, tell

_AT_ONCE = 20
_THREADS = 4
_PLAIN = (
    "UPDATE cases_case SET state = 'received', holder_id = %(holder)s, holder_role_id = %(role)s,"
    " received_at = clock_timestamp(), version = version + 1 WHERE id = %(id)s RETURNING id"
)
_LOG = (
    "INSERT INTO audit_changelog (request_id, actor_kind, actor_key, actor_name, actor_role, unit_id, provider_id,"
    " event, object_type, object_id, patient_id, from_state, to_state, data) VALUES ('', 'staff', %(key)s, 'Anna', '',"
    " %(unit)s, NULL, 'case_received', 'case', %(id)s::text, NULL, 'waiting', 'received', '{}')"
)


async def measure(site: Site, take_next: str) -> dict[str, Any]:
    """By turns: the plain UPDATE, our claiming statement with its audit row, and the whole command.

    Args:
        take_next: our statement.
    """
    database = site.servers.postgres.address("app", "direkt")
    unit, role = site.seeded["long_unit"]
    holder, _membership = site.seeded["taker"]
    facts = {"unit": unit, "role": role, "holder": holder, "key": f"staff:{holder}"}
    with psycopg.connect(database) as app:
        found = app.execute("SELECT provider_id FROM units_unit WHERE id = %s", [unit]).fetchone()
        assert found is not None
        facts["provider"] = found[0]
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        database, min_size=_AT_ONCE, max_size=_AT_ONCE, open=False, kwargs={"autocommit": True}
    )
    await pool.open(wait=True)
    statement, logged, whole, doubled = [], [], [], 0
    count = max(_AT_ONCE, min(site.sizes.claims, site.sizes.long // (4 * site.sizes.rounds) // 2 * 2))
    plain_rates, claim_rates, command_rates = [], [], []
    for _ in range(site.sizes.rounds):
        async with pool.connection() as connection:
            found = await connection.execute(
                "SELECT id FROM cases_case WHERE unit_id = %s AND state = 'waiting' ORDER BY id DESC LIMIT %s",
                (unit, count),
            )
            rows = [row[0] for row in await found.fetchall()]
        plain, _ = await _race(pool, _PLAIN, [{**facts, "id": row} for row in rows], log=False)
        more = {**facts, "waiting": "waiting", "received": "received"}
        claim, taken = await _race(pool, take_next, [more] * count, log=False)
        doubled += count - len(set(taken))
        with_log, taken = await _race(pool, take_next, [more] * count, log=True)
        doubled += count - len(set(taken))
        few = count // 2
        site.ask(f"claims {few} {_THREADS}")
        seconds, different = (await asyncio.to_thread(site.answer)).split()
        doubled += few - int(different)
        command = few / float(seconds)
        statement.append(claim / plain)
        logged.append(with_log / plain)
        whole.append(command / plain)
        plain_rates.append(plain)
        claim_rates.append(with_log)
        command_rates.append(command)
    await pool.close()
    tell(
        f"claims: {median(statement):.2f}x, with its audit row {median(logged):.2f}x,"
        f" the whole command {median(whole):.2f}x"
    )
    return {
        "statement": median(statement), "logged": (median(logged), min(logged), max(logged)), "whole": median(whole),
        "plain": median(plain_rates), "claims": median(claim_rates), "commands": median(command_rates),
        "doubled": doubled, "count": count * site.sizes.rounds, "at_once": _AT_ONCE, "threads": _THREADS,
    }  # fmt: skip


async def _race(
    pool: AsyncConnectionPool[Any], statement: str, values: list[dict[str, Any]], *, log: bool
) -> tuple[float, list[int]]:
    """All at once, on as many connections as there are; changes a second, and the rows changed."""
    waiting, taken = list(values), []

    async def press() -> None:
        async with pool.connection() as connection:
            while waiting:
                facts = {**waiting.pop(), "at": datetime.now(UTC)}
                if log:
                    async with connection.transaction():
                        row = await (await connection.execute(statement.encode(), facts)).fetchone()
                        assert row is not None, "the queue is empty"
                        await connection.execute(_LOG, {**facts, "id": row[0]})
                else:
                    row = await (await connection.execute(statement.encode(), facts)).fetchone()
                    assert row is not None, "the queue is empty"
                taken.append(int(row[0]))

    began = time.perf_counter()
    await asyncio.gather(*(press() for _ in range(_AT_ONCE)))
    return len(values) / (time.perf_counter() - began), taken
