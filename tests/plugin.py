"""Pytest plugin (``addopts = "-p tests.plugin"``): servers for the tests, started before Django's settings are read.

Every pytest run has its own PostgreSQL and Valkey in its own throw-away folder, so several people can test at the same
time. With ``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``REDIS_URL`` in the environment those servers are used; the
owner then needs CREATEDB, pg_signal_backend, pg_read_all_stats and ``SET`` on session_replication_role.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from direkt1177.embedded import EmbeddedServers, addresses_given
from direkt1177.embedded.postgres import GRANTS
from direkt1177.translations import compile_catalogue

pytest_plugins = ["tests.live", "tests.browser"]
_PREFIX = "direkt-test-"
_key = pytest.StashKey[EmbeddedServers]()


def with_database(address: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None, None, None]:
    """Start the servers; pytest-django reads the settings right after."""
    if not {"--help", "-h", "--version", "--markers", "--fixtures"} & set(args):
        _prepare(early_config)
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder."""
    servers = config.stash.get(_key, None)
    if servers is not None:
        servers.stop()
        shutil.rmtree(servers.data, ignore_errors=True)


def _prepare(config: pytest.Config) -> None:
    compile_catalogue()
    os.environ["DATABASE_POOL"] = "0"
    os.environ.pop("DATABASE_ROLE", None)
    if not addresses_given(os.environ):
        config.stash[_key] = _start_servers()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    run = os.environ.setdefault("TEST_RUN", f"{os.getpid()}")
    name = f"test_direkt_{run}{'_' + worker if worker else ''}"
    for variable in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        # xdist workers inherit an address that is already a test database: the server is the same.
        os.environ[f"MAINTENANCE_{variable}"] = os.environ.get(f"MAINTENANCE_{variable}", os.environ[variable])
        os.environ[variable] = with_database(os.environ[variable], name)


def _start_servers() -> EmbeddedServers:
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    os.environ.setdefault("UPLOAD_ROOT", str(folder / "uploads"))
    servers = EmbeddedServers(folder, durable=False)
    servers.start()
    with psycopg.connect(servers.postgres.address("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("ALTER ROLE owner CREATEDB")
        # Cleaning after transactional tests steps over append-only triggers and ends forgotten transactions.
        connection.execute("GRANT SET ON PARAMETER session_replication_role TO owner")
        connection.execute("GRANT pg_signal_backend, pg_read_all_stats TO owner")
    # New databases copy template1: grants and extensions are then there from the start.
    with psycopg.connect(servers.postgres.address("postgres", "template1"), autocommit=True) as connection:
        connection.execute(GRANTS.read_bytes())
    os.environ.update(servers.environment())
    return servers


def _remove_leftovers() -> None:
    """Remove folders of runs that were killed: their lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = folder / "servers.lock"
        try:
            if time.time() - folder.stat().st_mtime < 60:
                continue
            with lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
