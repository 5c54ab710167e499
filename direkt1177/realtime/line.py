"""A database connection of an event loop, for the hot path: no thread, each statement prepared once.

Django's own connections are for threads. Commands that many ask for at once are carried out together, by a few
statements on this one (``together``). It always is in libpq's pipeline mode: BEGIN travels with the first statement and
COMMIT with the last, so that a transaction of two statements costs two round trips. Waking up twice instead of four
times is a third of what a message costs.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import psycopg
from django.db import connections
from psycopg import abc, errors, pq
from psycopg.adapt import PyFormat, Transformer

# Its statements look up a handful of rows by key: planned once, by their indexes, however empty a table was then.
_SETTINGS = """
SET TIME ZONE 'UTC'; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off;
SET enable_mergejoin = off; SET lock_timeout = '2s'; SET statement_timeout = '8s'
"""
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class Line:
    """One connection, opened when it is first needed and anew after any failure."""

    def __init__(self) -> None:
        self._open: _Open | None = None
        self._begin = False
        self._begun = False

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """A transaction; the last statement asked for in it is told so (``last``) and commits it.

        When anything fails inside it, nothing is stored and the connection is given up.

        Raises:
            psycopg.Error: the database is away, or refuses; also when it is not known whether it was stored.
        """
        self._begin = True
        try:
            yield
            if self._open is not None and self._open.in_transaction:
                await self._open.go([("COMMIT", {})])
        except BaseException:
            self.close()
            raise
        finally:
            self._begin = self._begun = False

    async def ask(self, sql: str, values: Mapping[str, Any], *, last: bool = False) -> list[Any]:
        """Carry out a statement and return its rows.

        Args:
            sql: one statement with named gaps.
            values: of the gaps.
            last: nothing more will be asked for in this transaction.

        Raises:
            psycopg.Error: see ``transaction``.
        """
        if self._open is None or self._open.closed:
            self.close()
            if self._begun:  # anew, it would not have the locks of the statement before
                raise psycopg.OperationalError("the connection was lost inside a transaction")
            self._open = await _Open.connect()
        asked: list[tuple[str, Mapping[str, Any]]] = [("BEGIN", {})] if self._begin else []
        self._begun, self._begin = self._begun or self._begin, False
        asked.append((sql, values))
        if last:
            asked.append(("COMMIT", {}))
        try:
            rows = await self._open.go(asked)
        except BaseException:
            self.close()
            raise
        return rows[-2 if last else -1]

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        if self._open is not None:
            self._open.close()
            self._open = None


class _Open:
    """A connection in pipeline mode whose answers are taken as they come."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        self._results: list[Any] = []
        self._waiter: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._pg.enter_pipeline_mode()
        # Remembered: when the server ends the connection, libpq closes the socket itself and forgets its number.
        self._fd: int | None = self._pg.socket
        self._loop.add_reader(self._fd, self._come)

    @classmethod
    async def connect(cls) -> _Open:
        settings = connections["default"].settings_dict
        named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        where: dict[str, Any] = {name: str(settings[key]) for name, key in named.items() if settings.get(key)}
        where["application_name"] = str(settings["OPTIONS"].get("application_name", ""))
        connection = await psycopg.AsyncConnection.connect(**where, connect_timeout=5, autocommit=True)
        await connection.execute(_SETTINGS)
        return cls(connection)

    @property
    def closed(self) -> bool:
        return self._pg.status != pq.ConnStatus.OK

    @property
    def in_transaction(self) -> bool:
        return self._pg.transaction_status != pq.TransactionStatus.IDLE

    async def go(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[list[Any]]:
        """Send statements, wait for all answers, and give the rows of each."""
        sent = [self._send(sql, values) for sql, values in asked]
        self._pg.pipeline_sync()
        self._results, self._waiter = [], self._loop.create_future()
        while self._pg.flush():  # noqa: ASYNC110 - more than the line takes at once
            await asyncio.sleep(0.001)
        await self._waiter
        answers = iter(self._results)
        rows: list[list[Any]] = []
        for transformer, is_new in sent:
            result = next(answers)
            if is_new and result.status in _DONE:  # of its preparation
                result = next(answers)
            if result.status not in _DONE:
                raise errors.error_from_result(result)
            transformer.set_pgresult(result)
            rows.append(transformer.load_rows(0, result.ntuples, tuple) if result.ntuples else [])
        return rows

    def _send(self, sql: str, values: Mapping[str, Any]) -> tuple[abc.Transformer, bool]:
        statement, names = _numbered(sql)
        transformer: abc.Transformer = Transformer(self._connection)
        given = transformer.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        types = transformer.types or ()
        known = self._names.get((statement, types))
        if known is None:
            known = self._names[statement, types] = f"line{len(self._names)}".encode()
            self._pg.send_prepare(known, statement, param_types=types)
            is_new = True
        else:
            is_new = False
        self._pg.send_query_prepared(known, given, param_formats=transformer.formats)
        return transformer, is_new

    def _come(self) -> None:
        """Something came: take all answers that are complete."""
        try:
            self._pg.consume_input()
            between = True
            while not self._pg.is_busy():
                result = self._pg.get_result()
                if result is None:
                    if between:
                        return
                    between = True
                    continue
                between = result.status == pq.ExecStatus.PIPELINE_SYNC
                if not between:
                    self._results.append(result)
                elif self._waiter is not None and not self._waiter.done():
                    self._waiter.set_result(None)
        except psycopg.Error as error:
            self._fail(error)
            self.close()

    def close(self) -> None:
        """Give the connection back, whoever ended it: the next socket may get the same number."""
        fd, self._fd = self._fd, None
        if fd is None:
            return
        self._loop.remove_reader(fd)
        self._pg.finish()
        self._fail(psycopg.OperationalError("the connection is closed"))

    def _fail(self, error: psycopg.Error) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
            self._waiter.exception()  # seen, even when nobody waits any more


@functools.cache
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with ``%(name)s`` as PostgreSQL wants it, and the names in order of their numbers."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return re.sub(r"%\((\w+)\)s", number, sql).encode(), tuple(names)
