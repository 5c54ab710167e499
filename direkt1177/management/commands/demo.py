"""``manage.py demo``: everything on one machine, started with one command and stopped with Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from direkt1177.embedded import ADDRESSES, EmbeddedServers, ServerError, addresses_given
from direkt1177.embedded.children import (
    Child,
    beat_command,
    child_environment,
    free_port,
    port_is_free,
    wait_for_site,
    web_command,
    worker_command,
)
from direkt1177.embedded.processes import guarded
from direkt1177.translations import compile_catalogue

ROOT: Path = settings.BASE_DIR
MANAGE = [sys.executable, "-W", "ignore", str(ROOT / "manage.py")]


class Command(BaseCommand):
    """Servers, migrations, demo data, web, sockets, worker and beat."""

    help = "Start the whole service with demo data on this machine. Ctrl-C stops it; data is kept under var/."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Ports, and how much demo data a first start makes."""
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (8000)")
        parser.add_argument("--cases", type=int, default=60, help="how many cases a first start makes (60)")
        parser.add_argument("--seed", type=int, default=1, help="which demo data a first start makes (1)")
        parser.add_argument("--var", type=Path, default=ROOT / "var", help="folder of data, logs and sockets")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything, wait for Ctrl-C, stop everything."""
        self.started = time.monotonic()
        self.stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Started with nohup it must outlive its terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: self._interrupt())
        self.port: int = options["port"]
        self.var: Path = options["var"].resolve()
        self.servers: EmbeddedServers | None = None
        self.children: list[Child] = []
        try:
            self._check_port()
            self._start_servers()
            self._prepare_data(seed=options["seed"], cases=options["cases"])
            self._start_children()
            self._print_addresses()
            self._watch()
        except KeyboardInterrupt:
            pass
        except ServerError as error:
            raise CommandError(str(error)) from error
        finally:
            self._stop()

    def _interrupt(self) -> None:
        first = not self.stopping.is_set()
        self.stopping.set()
        if first:
            raise KeyboardInterrupt

    def _check_port(self) -> None:
        if not port_is_free(self.port):
            raise ServerError(
                f"Port {self.port} is used by another program (perhaps an earlier demo). "
                f"Stop it, or choose another port: make demo PORT={free_port(self.port + 1)}"
            )

    def _start_servers(self) -> None:
        if addresses_given(os.environ):
            self.stdout.write("Using the servers named in DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL")
            self.env = child_environment({name: os.environ[name] for name in ADDRESSES})
            return
        self.servers = EmbeddedServers(self.var)
        if self._seeding().exists():
            # The only thing in there is half of the demo data.
            self.stdout.write("The first start was interrupted: beginning with an empty database")
        self.servers.start(self.stdout.write)
        if self._seeding().exists():
            self.servers.postgres.recreate_database(self.servers.database)
            self._seeding().unlink()
        uploads = os.environ.get("UPLOAD_ROOT", str(self.var / "uploads"))
        self.env = child_environment(self.servers.environment(), UPLOAD_ROOT=uploads)

    def _prepare_data(self, *, seed: int, cases: int) -> None:
        compile_catalogue()
        self._collect_files()
        self._manage("migrate", "--verbosity=0", DATABASE_ROLE="owner", what="Database: migrating")
        with psycopg.connect(self.env["DATABASE_OWNER_URL"]) as connection:
            empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM accounts_user)").fetchone() == (True,)
        if empty:
            self.var.mkdir(parents=True, exist_ok=True)
            self._seeding().touch()
            self._manage("seed_demo", f"--seed={seed}", f"--cases={cases}", what="Demo data: creating")
            self._seeding().unlink()

    def _collect_files(self) -> None:
        """As in production, names carry their content; STATIC_AUTOREFRESH=1 serves straight from static/ instead."""
        if os.environ.get("STATIC_AUTOREFRESH") != "1":
            self.env["STATIC_ROOT"] = str(self.var / "static")
            self._manage("collectstatic", "--no-input", "--verbosity=0", what="Static files: collecting")

    def _seeding(self) -> Path:
        return self.var / "seeding"

    def _manage(self, *arguments: str, what: str, **env: str) -> None:
        self.stdout.write(what)
        command = guarded([*MANAGE, *arguments], signal.SIGTERM)
        process = subprocess.Popen(command, env={**self.env, **env}, cwd=ROOT, start_new_session=True)
        try:
            if process.wait():
                raise ServerError(f"manage.py {arguments[0]} failed with code {process.returncode}, see above")
        except KeyboardInterrupt:
            process.terminate()
            process.wait()
            raise

    def _start_children(self) -> None:
        live_port = free_port(self.port + 1)
        origins = ",".join(f"http://{host}:{self.port}" for host in ("localhost", "127.0.0.1"))
        env = {**self.env, "SOCKET_ORIGINS": origins, "LIVE_PORT": str(live_port)}
        commands = {
            "web": web_command(self.port),
            "sockets": web_command(live_port),
            "worker": worker_command(),
            "beat": beat_command(self.var),
        }
        self.children = [
            Child(name=name, command=command, log=self.var / "log" / f"{name}.log", env=env, folder=ROOT)
            for name, command in commands.items()
        ]
        self.stdout.write(f"Starting {', '.join(commands)} (logs in {self.var / 'log'})")
        for child in self.children:
            child.start()
        for child, port in zip(self.children, (self.port, live_port), strict=False):
            wait_for_site(f"http://127.0.0.1:{port}/", child, seconds=60)

    def _print_addresses(self) -> None:
        base = f"http://localhost:{self.port}"
        self.stdout.write(f"\nReady after {time.monotonic() - self.started:.1f} s. Everybody in the demo is made up.\n")
        for what, path in (
            ("Residents", "/"), ("Staff", "/personal/"), ("Administration", "/admin/"), ("Sent SMS", "/demo/sms/"),
        ):  # fmt: skip
            self.stdout.write(f"  {what:<16}{base}{path}")
        people = _demo_people(self.env)
        if people:
            self.stdout.write("\nChoose one of these on the sign-in page; there are no passwords:")
            self.stdout.write(people)
        self.stdout.write("\nCtrl-C stops everything; the data stays in " + str(self.var) + "\n")
        self.stdout.flush()

    def _watch(self) -> None:
        while not self.stopping.wait(0.5):
            if self.servers is not None:
                for server in self.servers.restart_ended():
                    self.stdout.write(f"{server} had ended and was started again")
            for child in self.children:
                if child.ended():
                    code = child.process.returncode if child.process else 0
                    self.stdout.write(f"{child.name} ended with code {code} and is started again, see {child.log}")
                    child.restart()

    def _stop(self) -> None:
        self.stopping.set()
        if self.children or self.servers:
            self.stdout.write("\nStopping")
        for child in reversed(self.children):
            child.stop()
        if self.servers is not None:
            self.servers.stop()


def _demo_people(env: dict[str, str]) -> str:
    """The table of people who can sign in, from a process that may touch the database."""
    command = [*MANAGE, "demo_people"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.rstrip() if done.returncode == 0 else ""
