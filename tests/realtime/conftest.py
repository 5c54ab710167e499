"""Server processes for the sockets' tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from direkt1177.embedded.valkey import ValkeyServer
from tests.realtime.harness import Process, serve, valkey


@pytest.fixture(scope="module")
def redis() -> Iterator[ValkeyServer]:
    """A Valkey of this module, which its tests may kill, empty or freeze."""
    with valkey() as server:
        yield server


@pytest.fixture(scope="module")
def processes(django_db_setup: None, redis: ValkeyServer) -> Iterator[tuple[Process, Process]]:
    """Two server processes: commands go to the first, sockets are held by the second."""
    with serve(redis.address) as commands, serve(redis.address) as sockets:
        yield commands, sockets


@pytest.fixture
def commands(processes: tuple[Process, Process], transactional_db: None) -> Iterator[Process]:
    """The process that takes commands."""
    yield processes[0]
    processes[0].close_pages()


@pytest.fixture
def sockets(processes: tuple[Process, Process], transactional_db: None) -> Iterator[Process]:
    """The process that holds sockets."""
    yield processes[1]
    processes[1].close_pages()
