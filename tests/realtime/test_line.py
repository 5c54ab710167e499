"""The event loop's own connection ends cleanly, whoever ends it."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from django.db import connection

from direkt1177.realtime.line import Line
from direkt1177.realtime.threads import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


def _terminate(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


@pytest.mark.parametrize("busy", [True, False])
def test_a_connection_that_the_server_ended_leaves_no_reader_behind(busy: bool) -> None:
    """A reader left on a number that is free again would spin, and make the next socket with that number deaf."""

    async def go() -> None:
        loop, line = asyncio.get_running_loop(), Line()
        try:
            ((pid,),) = await line.ask("SELECT pg_backend_pid()", {})
            opened = line._open
            assert opened is not None
            fd = opened._pg.socket
            if busy:
                asleep = asyncio.ensure_future(line.ask("SELECT 1 FROM pg_sleep(60)", {}))
                await asyncio.sleep(0)  # it is on its way
                await in_thread(_terminate, pid)
                with pytest.raises(psycopg.OperationalError):
                    await asyncio.wait_for(asleep, 20)
            else:
                await in_thread(_terminate, pid)
                deadline = loop.time() + 20
                while not opened.closed and loop.time() < deadline:  # noqa: ASYNC110 - the server's doing
                    await asyncio.sleep(0.01)
            assert opened.closed
            assert not loop.remove_reader(fd)
            assert await line.ask("SELECT 1", {}) == [(1,)]
        finally:
            line.close()

    asyncio.run(go())


def test_a_transaction_does_not_go_on_after_its_connection_was_lost() -> None:
    """The second statement would otherwise run by itself, without the locks that the first one took."""

    async def go() -> None:
        line = Line()
        try:
            with pytest.raises(psycopg.OperationalError):
                async with line.transaction():
                    assert await line.ask("SELECT 1", {}) == [(1,)]
                    line.close()  # as after a restart of the server
                    await line.ask("SELECT 2", {}, last=True)
            async with line.transaction():  # the next one begins anew
                assert await line.ask("SELECT 3", {}, last=True) == [(3,)]
        finally:
            line.close()

    asyncio.run(go())
