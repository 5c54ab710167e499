"""The limits: a bare WebSocket server with psycopg and in-process fan-out, nothing else.

``/limit/<room>``: L1, one INSERT a message, committed, then sent to everybody in the room.
``/same/<room>``: L2, the same server doing exactly the SQL of our command (recorded by ``tests.bench.recording``).
``/queue``: L1 of the queue: a row is changed, committed, and the changed row sent to everybody.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import uvloop
from psycopg_pool import AsyncConnectionPool
from pydantic_core import from_json, to_json
from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.bench.recording import Replay

_COLUMNS = ("id", "name", "reason", "urgency", "arrived_at", "status", "assignee_id", "version")
_TABLES = """
CREATE TABLE bench_chat (id bigserial PRIMARY KEY, case_id bigint NOT NULL, sender_id bigint NOT NULL,
 body text NOT NULL, created_at timestamptz NOT NULL);
CREATE INDEX ON bench_chat (case_id, id);
CREATE TABLE bench_case (id bigserial PRIMARY KEY, unit_id int NOT NULL, name text NOT NULL, reason text NOT NULL,
 urgency smallint NOT NULL, arrived_at timestamptz NOT NULL, status text NOT NULL, assignee_id int,
 version int NOT NULL DEFAULT 0);
CREATE INDEX ON bench_case (unit_id, urgency, arrived_at, id) WHERE status = 'open';
INSERT INTO bench_case (unit_id, name, reason, urgency, arrived_at, status)
SELECT 1, 'Patient ' || i, 'Abdominal pain since yesterday evening', 1 + (random() * 4)::int,
 now() - random() * interval '8 hours', 'open' FROM generate_series(1, 50) i;
"""
_SEND = "INSERT INTO bench_chat (case_id, sender_id, body, created_at) VALUES (%s, 1, %s, now()) RETURNING id"
_CHANGE = (
    "UPDATE bench_case SET version = version + 1 WHERE id = (SELECT id FROM bench_case WHERE unit_id = 1"
    f" AND status = 'open' LIMIT 1) RETURNING {', '.join(_COLUMNS)}"
)


class Limit:
    """Rooms and their readers.

    Args:
        pool: connections, autocommit.
        plans: recorded SQL by room, as JSON.
    """

    def __init__(self, pool: AsyncConnectionPool[Any], plans: dict[str, Any]) -> None:
        self.pool = pool
        self.rooms: dict[str, set[ServerConnection]] = {}
        self.replays = {room: Replay(plan) for room, plan in plans.items()}
        self.locks = {room: asyncio.Lock() for room in plans}

    async def serve(self, socket: ServerConnection) -> None:
        """Serve one socket until it closes."""
        assert socket.request is not None
        path = socket.request.path
        readers = self.rooms.setdefault(path, set())
        readers.add(socket)
        _, kind, *rest = path.split("/")
        room = rest[0] if rest else ""
        try:
            async for message in socket:
                out = await self._handle(kind, room, from_json(message))
                broadcast(readers, to_json(out).decode())
        finally:
            readers.discard(socket)

    async def _handle(self, kind: str, room: str, frame: dict[str, Any]) -> dict[str, Any]:
        if kind == "queue":
            async with self.pool.connection() as connection:
                row = await (await connection.execute(_CHANGE)).fetchone()
            assert row is not None
            return {"type": "delta", "row": dict(zip(_COLUMNS, row, strict=True)), "token": frame["token"]}
        if kind == "limit":
            async with self.pool.connection() as connection:
                row = await (await connection.execute(_SEND, (int(room), frame["body"]))).fetchone()
            assert row is not None
            return {"type": "message", "id": row[0], "case": int(room), "body": frame["body"]}
        # One at a time in a room, as our row lock has it: the next number is known here.
        async with self.locks[room], self.pool.connection() as connection, connection.transaction():
            for statement, values in self.replays[room].next(frame["body"]):
                await connection.execute(statement, values)
        return {"type": "message", "case": int(room), "body": frame["body"]}


async def main(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    plans = json.loads(Path(arguments.plans).read_text())  # noqa: ASYNC240 - before anybody is served
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        arguments.database, min_size=8, max_size=8, open=False, kwargs={"autocommit": True}
    )
    await pool.open(wait=True)
    async with pool.connection() as connection:
        await connection.execute(_TABLES.encode())
        await connection.execute("ANALYZE bench_case")
    limit = Limit(pool, plans)
    async with serve(limit.serve, "127.0.0.1", arguments.port, compression=None, ping_interval=None):
        await stop.wait()
    await pool.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--plans", required=True)
    uvloop.run(main(parser.parse_args()))
