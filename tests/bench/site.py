"""Starts and stops what is measured: own servers, a seeded database, the site, the limits."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg

from direkt1177.embedded import EmbeddedServers
from direkt1177.embedded.children import Child, child_environment, free_port, wait_for_site, web_command

ROOT = Path(__file__).resolve().parent.parent.parent
_APPLICATION = "direkt1177.asgi:application"


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rooms: int = 25
    readers: int = 2000
    long: int = 5000
    rounds: int = 5
    seconds: float = 4.0
    burst: int = 600
    changes: int = 9
    requests: int = 120
    claims: int = 300


QUICK = Sizes(rooms=5, readers=60, long=600, rounds=2, seconds=1.5, burst=100, changes=3, requests=20, claims=40)


class Site:
    """Everything that runs; use as a context."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.folder = Path(tempfile.mkdtemp(prefix="direkt-bench-"))
        # Durable, unlike in the tests: both sides pay for real commits.
        self.servers = EmbeddedServers(self.folder, durable=True)
        self._children: list[Child] = []
        self._actor: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._actor is not None:
            assert self._actor.stdin is not None
            self._actor.stdin.close()
            self._actor.wait(10)
        for child in self._children:
            child.stop()
        self.servers.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.servers.start()
        self.env = child_environment(
            self.servers.environment(),
            DATABASE_POOL="8", STATIC_AUTOREFRESH="0", LOG_LEVEL="WARNING", UPLOAD_ROOT=str(self.folder / "uploads"),
        )  # fmt: skip
        self.env.pop("DATABASE_ROLE", None)
        tell("migrating")
        self._run("manage.py", "migrate", "--verbosity=0", "--skip-checks", DATABASE_ROLE="owner")
        tell("seeding")
        sizes = self.sizes
        numbers = {"--rooms": sizes.rooms, "--readers": sizes.readers, "--long": sizes.long}
        options = [part for name, number in numbers.items() for part in (name, str(number))]
        self.seeded: dict[str, Any] = json.loads(self._run("-m", "tests.bench.seed", *options).splitlines()[-1])
        with psycopg.connect(self.servers.postgres.address("postgres", "direkt"), autocommit=True) as owner:
            owner.execute("VACUUM ANALYZE")
        with psycopg.connect(self.servers.postgres.address("postgres", "postgres"), autocommit=True) as owner:
            owner.execute("CREATE DATABASE copy TEMPLATE direkt OWNER owner")
        self.address = f"127.0.0.1:{free_port()}"
        self.web = self._child("web", self._web_command())
        self.limit_address = f"127.0.0.1:{free_port()}"
        plans = self.folder / "plans.json"
        plans.write_text(json.dumps({str(i): room["plan"] for i, room in enumerate(self.seeded["rooms"])}))
        database = self.servers.postgres.address("owner", "copy")
        self.limit = self._child(
            "limit",
            [sys.executable, "-m", "tests.bench.limit", "--database", database, "--plans", str(plans), "--port",
             self.limit_address.rpartition(":")[2]],
        )  # fmt: skip
        wait_for_site(f"http://{self.address}/", self.web, seconds=60)
        wait_for_site(f"http://{self.limit_address}/", self.limit, seconds=60)
        who = [":".join(map(str, self.seeded[name])) for name in ("acting", "taker")]
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.acting", *who]
        self._actor = subprocess.Popen(
            command, cwd=ROOT, env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.answer()

    def ask(self, line: str) -> None:
        """Let the acting process do something; it answers when it has."""
        assert self._actor is not None and self._actor.stdin is not None
        self._actor.stdin.write(f"{line}\n")
        self._actor.stdin.flush()

    def answer(self) -> str:
        """What the acting process says to the last wish."""
        assert self._actor is not None and self._actor.stdout is not None
        line = self._actor.stdout.readline()
        assert line, "the acting process has ended"
        return line.strip()

    def pid(self, child: Child) -> int:
        """Of a running process of the site."""
        assert child.process is not None
        return child.process.pid

    def head(self, feed: str) -> int:
        """Position of a feed now."""
        with psycopg.connect(self.servers.postgres.address("postgres", "direkt")) as connection:
            row = connection.execute("SELECT version FROM realtime_feedhead WHERE feed = %s", [feed]).fetchone()
        return int(row[0]) if row else 0

    def _web_command(self) -> list[str]:
        command = web_command(int(self.address.rpartition(":")[2]))
        return ["tests.bench.serving:application" if part == _APPLICATION else part for part in command]

    def _child(self, name: str, command: list[str]) -> Child:
        env = {**self.env, "SOCKET_ORIGINS": f"http://{self.address}"}
        child = Child(name, command, self.folder / f"{name}.log", env, ROOT)
        self._children.append(child)
        child.start()
        return child

    def _run(self, *arguments: str, **more: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *arguments],
            cwd=ROOT, env={**self.env, **more}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{arguments} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout


def tell(text: str) -> None:
    """A line on the terminal, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def commit() -> str:
    """Which version is measured; a star when files differ from it."""
    run = ["git", "-C", str(ROOT)]
    name = subprocess.run([*run, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    changed = subprocess.run(
        [*run, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True, check=False
    ).stdout
    return (name.strip() or os.environ.get("COMMIT", "unknown")) + ("*" if changed.strip() else "")
