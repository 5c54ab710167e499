"""A site that may be torn apart: two web processes, a ticker, durable PostgreSQL and Valkey, all its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from direkt1177.embedded import PostgresServer, ValkeyServer
from direkt1177.embedded.children import Child, child_environment, free_port, wait_for_site, web_command
from direkt1177.embedded.folders import private_folder
from direkt1177.embedded.processes import end_process
from tests import databases
from tests.faults import failpoints

_PYTHON = [sys.executable, "-W", "ignore"]


@dataclass
class FaultSite:
    """Attributes: ``urls`` of the web processes, ``webs`` by name, ``ticker``, the two servers, ``folder`` for logs."""

    folder: Path
    postgres: PostgresServer
    valkey: ValkeyServer
    env: dict[str, str]
    urls: dict[str, str] = field(default_factory=dict)
    webs: dict[str, Child] = field(default_factory=dict)
    ticker: Child | None = None
    extra: list[Child] = field(default_factory=list)

    def child(self, name: str, command: list[str], **env: str) -> Child:
        """A process of this site, not yet started, with places to die under that name."""
        mine = {**self.env, "FAILPOINT_PROCESS": name, **env}
        return Child(name, command, self.folder / f"{name}.log", mine, databases.ROOT)

    def new_ticker(self, name: str = "ticker", every: float = 0.5) -> Child:
        """A process that ticks, not yet started."""
        return self.child(name, [*_PYTHON, "-m", "tests.faults.doing", str(every)])

    def arm(self, process: str, name: str) -> None:
        """Let a process die at the next passing of a place."""
        failpoints.place(Path(self.env["FAILPOINTS"]), process).write_text(name)

    def disarm(self, process: str) -> None:
        """Take that back."""
        failpoints.place(Path(self.env["FAILPOINTS"]), process).unlink(missing_ok=True)

    def make_world(self, cases: int, kind: str = "started", **env: str) -> list[dict[str, Any]]:
        """See ``tests.faults.world``."""
        out = self.folder / f"world-{kind}.json"
        done = subprocess.run(
            [*_PYTHON, "-m", "tests.faults.world", str(out), str(cases), kind],
            cwd=databases.ROOT, env={**self.env, "DATABASE_POOL": "0", **env}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return list(json.loads(out.read_text()))

    def restart_postgres(self) -> None:
        """``pg_ctl restart -m immediate``: no checkpoint, connections cut, recovery from the log."""
        end_process(self.postgres.process, signal.SIGQUIT, seconds=20)
        self.postgres.start()

    def wait_for_web(self, name: str) -> None:
        """Until its pages answer."""
        wait_for_site(f"{self.urls[name]}/", self.webs[name], seconds=60)

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, as ``owner``."""
        with psycopg.connect(self.env["DATABASE_OWNER_URL"], autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def handed_over(self) -> list[str]:
        """References of all SMS that were handed to the gateway, in order."""
        log = Path(self.env["FAILPOINTS"]) / "handed-over.log"
        return log.read_text().split() if log.exists() else []

    def log(self) -> str:
        """What all processes wrote."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """End everything."""
        for child in [*self.extra, *([self.ticker] if self.ticker else []), *self.webs.values()]:
            if child.process is not None:
                child.process.send_signal(signal.SIGCONT)
                child.process.kill()
                child.process.wait(10)
        if self.valkey.process is not None:
            self.valkey.process.send_signal(signal.SIGCONT)
        self.valkey.stop()
        self.postgres.stop()


@contextmanager
def fault_site(*, webs: int = 2, ticker: bool = True, **env: str) -> Iterator[FaultSite]:
    """Start a site; its folder goes away afterwards.

    Args:
        webs: number of web processes (pages and sockets in each).
        ticker: whether one ticks from the start.
        env: more environment for all processes.
    """
    folder = Path(tempfile.mkdtemp(prefix="direkt-faults-"))
    places = folder / "places"
    for path in (folder, folder / "run", places):
        private_folder(path)
    postgres = PostgresServer(folder, folder / "run", durable=True)
    valkey = ValkeyServer(folder, folder / "run", durable=False)
    site = FaultSite(folder, postgres, valkey, {})
    try:
        postgres.start()
        postgres.prepare_roles()
        postgres.prepare_database("direkt")
        valkey.start()
        ports = [free_port() for _ in range(webs)]
        site.urls = {f"web{n}": f"http://127.0.0.1:{port}" for n, port in enumerate(ports)}
        addresses = {
            "DATABASE_URL": postgres.address("app", "direkt"),
            "DATABASE_OWNER_URL": postgres.address("owner", "direkt"),
            "REDIS_URL": valkey.address,
        }
        site.env = child_environment(
            addresses, SOCKET_ORIGINS=",".join(site.urls.values()), DATABASE_POOL="8", STATIC_AUTOREFRESH="0",
            UPLOAD_ROOT=str(folder / "uploads"), FAILPOINTS=str(places), LOG_LEVEL="INFO", **env,
        )  # fmt: skip
        site.env.pop("DATABASE_ROLE", None)
        databases.run_manage(
            "migrate", "--verbosity=0", "--skip-checks", env={**site.env, "DATABASE_ROLE": "owner"}
        )  # fmt: skip
        for (name, _), port in zip(site.urls.items(), ports, strict=True):
            command = ["tests.faults.application:application" if w.startswith("direkt1177.asgi") else w
                       for w in web_command(port)]  # fmt: skip
            site.webs[name] = site.child(name, command)
            site.webs[name].start()
        if ticker:
            site.ticker = site.new_ticker()
            site.ticker.start()
        for name in site.webs:
            site.wait_for_web(name)
        yield site
    finally:
        site.stop()
        if not os.environ.get("FAULT_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
