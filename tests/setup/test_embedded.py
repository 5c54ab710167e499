"""The embedded servers: data survives crashes, two starts exclude each other, deep folders work."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from direkt1177.embedded import EmbeddedServers, PostgresServer, ServerError, addresses_given
from direkt1177.embedded.folders import private_folder
from tests.databases import ROOT

# Starts servers over the folder given, stores a row, says so, and waits to be killed.
_PROGRAM = """
import sys, time, psycopg, redis
from pathlib import Path
from direkt1177.embedded import EmbeddedServers
servers = EmbeddedServers(Path(sys.argv[1]))
servers.start()
with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
    connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
client = redis.Redis.from_url(servers.valkey.address)
client.set("kept", "42")
client.save()
print(servers.postgres.process.pid, servers.valkey.process.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def servers(tmp_path: Path) -> Generator[EmbeddedServers, None, None]:
    made = EmbeddedServers(tmp_path / "var")
    yield made
    made.stop()


def _start_and_kill(folder: Path) -> list[int]:
    """Run the program above, kill -9 it, return the numbers of the servers that it had started."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    numbers = [int(word) for word in process.stdout.readline().split()]
    process.kill()
    process.wait()
    process.stdout.close()
    return numbers


def test_a_supervisor_killed_hard_leaves_no_process_and_loses_no_data(servers: EmbeddedServers) -> None:
    numbers = _start_and_kill(servers.data)
    assert len(numbers) == 2
    until = time.monotonic() + 15
    while any(_alive(number) for number in numbers):
        assert time.monotonic() < until, "servers outlived their supervisor"
        time.sleep(0.05)
    servers.start()
    with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert servers.valkey.client().get("kept") == b"42"


def test_servers_killed_hard_come_back(servers: EmbeddedServers) -> None:
    servers.start()
    assert servers.postgres.process is not None
    with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(servers.postgres.process.pid, signal.SIGKILL)
    servers.postgres.process.wait()
    servers.valkey.kill()
    assert servers.restart_ended() == ["PostgreSQL"]
    servers.valkey.start()
    with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert servers.restart_ended() == []


def test_stale_files_of_a_crash_are_no_obstacle(servers: EmbeddedServers) -> None:
    servers.start()
    servers.stop()
    # A number that is alive but is somebody else: PostgreSQL alone would refuse to start.
    (servers.postgres.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{servers.postgres.cluster}\n0\n5432\n")
    servers.valkey.socket.touch()
    servers.start()
    assert servers.valkey.client().ping()


def test_half_a_cluster_is_thrown_away(servers: EmbeddedServers) -> None:
    half = servers.data / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    servers.start()
    assert (servers.postgres.cluster / "PG_VERSION").exists()


def test_two_starts_over_one_folder_exclude_each_other(servers: EmbeddedServers) -> None:
    servers.start()
    with pytest.raises(ServerError, match=f"already running .process {os.getpid()}."):
        EmbeddedServers(servers.data).start()


def test_a_deep_folder_gets_a_short_socket(tmp_path: Path) -> None:
    servers = EmbeddedServers(tmp_path / ("x" * 100))
    assert servers.run.parent != servers.data
    try:
        servers.start()
        assert servers.run.stat().st_mode & 0o777 == 0o700
    finally:
        servers.stop()
        shutil.rmtree(servers.run, ignore_errors=True)


def test_app_owns_nothing_and_cannot_change_the_schema(servers: EmbeddedServers) -> None:
    servers.start()
    with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE thing (id int)")
    with psycopg.connect(servers.environment()["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO thing VALUES (1)")
        connection.execute("DELETE FROM thing")
    for statement in (b"TRUNCATE thing", b"ALTER TABLE thing ADD COLUMN x int", b"CREATE TABLE mine (id int)"):
        with (
            psycopg.connect(servers.environment()["DATABASE_URL"]) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


def test_without_user_namespaces_root_runs_postgresql_as_nobody(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path, private_folder(tmp_path / "run"), durable=False, namespaces=False)
    try:
        server.start()
        assert server.process is not None
        assert Path(f"/proc/{server.process.pid}").stat().st_uid == (os.getuid() or 65534)
    finally:
        server.stop()
        # Where nobody could not reach the folder, the data lies outside it.
        shutil.rmtree(server.data, ignore_errors=True)


def test_addresses_are_all_given_or_none() -> None:
    assert not addresses_given({})
    with pytest.raises(ServerError, match="REDIS_URL is not"):
        addresses_given({"DATABASE_URL": "x", "DATABASE_OWNER_URL": "y"})
    assert addresses_given({"DATABASE_URL": "x", "DATABASE_OWNER_URL": "y", "REDIS_URL": "z"})


def _alive(number: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
