"""A database connection of an event loop, for the hot path: no thread, each statement prepared once.

Django's own connections are for threads. Commands that many ask for at once are carried out together, by one statement
after the other on this one (``together``).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import psycopg
from django.db import connections

WAIT_SECONDS = 10.0
# Its statements look up a handful of rows by key: planned once, by their indexes, however empty a table was then.
_SETTINGS = """
SET TIME ZONE 'UTC'; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
SET enable_mergejoin = off; SET lock_timeout = '2s'; SET statement_timeout = '8s'
"""


class Line:
    """One connection, opened when it is first needed and anew after any failure."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._cursor: psycopg.AsyncCursor[Any] | None = None

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction; when anything fails inside it, nothing is stored and the connection is given up.

        Raises:
            psycopg.Error: the database is away, or refuses; also when it is not known whether it was stored.
        """
        try:
            cursor = await self._ready()
            await cursor.execute("BEGIN")
            yield
            await cursor.execute("COMMIT")
        except BaseException:
            await self.close()
            raise

    async def ask(self, sql: str, values: Mapping[str, Any]) -> list[Any]:
        """Carry out a statement and return its rows.

        Args:
            sql: one statement with named gaps.
            values: of the gaps.
        """
        cursor = await self._ready()
        await cursor.execute(sql.encode(), values, prepare=True)
        return await cursor.fetchall()

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error, OSError):
                await connection.close()

    async def _ready(self) -> psycopg.AsyncCursor[Any]:
        if self._cursor is None or self._cursor.connection.closed:
            settings = connections["default"].settings_dict
            named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
            where = {name: str(settings[key]) for name, key in named.items() if settings.get(key)}
            name = str(settings["OPTIONS"].get("application_name", ""))
            connection = await psycopg.AsyncConnection.connect(
                **where, application_name=name, connect_timeout=5, autocommit=True
            )
            await connection.execute(_SETTINGS)
            self._connection, self._cursor = connection, connection.cursor()
        return self._cursor
