"""``manage.py production_local``: the processes and settings of an installation, on one machine without containers."""

from __future__ import annotations

import os
import secrets
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from direkt1177.embedded import EmbeddedServers, ServerError
from direkt1177.embedded.children import (
    Child,
    beat_command,
    free_port,
    port_is_free,
    wait_for_site,
    web_command,
    worker_command,
)
from direkt1177.embedded.processes import guarded
from direkt1177.embedded.tls_proxy import make_certificate
from direkt1177.translations import compile_catalogue

ROOT: Path = settings.BASE_DIR
MANAGE = [sys.executable, "-W", "ignore", str(ROOT / "manage.py")]
# Only what a process needs to run; nothing of the caller's settings comes along.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "LOG_LEVEL")


class Command(BaseCommand):
    """Servers, migrations, collected files, checks; then web, sockets, worker, beat and a proxy with TLS."""

    help = "Start with production settings on this machine. Secrets and data are made in var/production. Ctrl-C stops."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Ports and folder."""
        parser.add_argument("--port", type=int, default=8443, help="port of the pages, with TLS (8443)")
        parser.add_argument("--plain-port", type=int, default=0, help="port that only sends on to TLS (any free one)")
        parser.add_argument("--var", type=Path, default=ROOT / "var" / "production", help="folder of data and secrets")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start everything, wait for Ctrl-C, stop everything."""
        self.began = time.monotonic()
        self.stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._interrupt())
        self.port: int = options["port"]
        self.var: Path = options["var"].resolve()
        self.servers = EmbeddedServers(self.var)
        self.children: list[Child] = []
        try:
            self._check_port()
            self.plain_port = options["plain_port"] or free_port()
            self.servers.start(self.stdout.write)
            self.env = self._environment()
            self._prepare()
            self._start_children()
            self._say_where()
            self._watch()
        except KeyboardInterrupt:
            pass
        except ServerError as error:
            raise CommandError(str(error)) from error
        finally:
            self.stopping.set()
            for child in reversed(self.children):
                child.stop()
            self.servers.stop()

    def _interrupt(self) -> None:
        first = not self.stopping.is_set()
        self.stopping.set()
        if first:
            raise KeyboardInterrupt

    def _check_port(self) -> None:
        if not port_is_free(self.port):
            raise ServerError(f"Port {self.port} is taken; choose another: make production-local PORT={self.port + 1}")

    def _environment(self) -> dict[str, str]:
        """What an operator would write into the environment; secrets are drawn once and kept, readable only here."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        host = f"localhost:{self.port}"
        return {
            **kept,
            **_secrets(self.var / "secrets.env"),
            **self.servers.environment(),
            "DJANGO_SETTINGS_MODULE": "direkt1177.settings.production",
            "ALLOWED_HOSTS": "localhost",
            "PUBLIC_ORIGINS": f"https://{host}",
            "SSL_HOST": host,
            # There is no real sign-in, gateway or register yet: nobody can sign in, and the pages say so.
            "SMS_GATEWAY": "direkt1177.outbox.gateways.NoGateway",
            "PERSON_REGISTER": "direkt1177.residents.register.NoRegister",
            "UPLOAD_ROOT": str(self.var / "uploads"),
            "STATIC_ROOT": str(self.var / "static"),
            "DATABASE_POOL": "8",
            # The proxy is the only one that may say who the browser is.
            "FORWARDED_ALLOW_IPS": "127.0.0.1",
        }

    def _prepare(self) -> None:
        compile_catalogue()
        (self.var / "uploads").mkdir(mode=0o700, exist_ok=True)
        self._manage("migrate", "--verbosity=0", what="Database: migrating", DATABASE_ROLE="owner")
        self._manage("collectstatic", "--no-input", "--verbosity=0", what="Static files: collecting")
        checks = ["check", "--deploy", "--fail-level=WARNING", "--database=default"]
        self._manage(*checks, what="Settings: checking")

    def _manage(self, *arguments: str, what: str, **env: str) -> None:
        self.stdout.write(what)
        command = guarded([*MANAGE, *arguments], signal.SIGTERM)
        done = subprocess.run(
            command,
            env={**self.env, **env},
            cwd=ROOT,
            start_new_session=True,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")

    def _start_children(self) -> None:
        cert, key = make_certificate(self.var / "tls")
        web, sockets = free_port(), free_port()
        ports = {"--tls": self.port, "--plain": self.plain_port, "--web": web, "--sockets": sockets}
        proxy = [sys.executable, "-m", "direkt1177.embedded.tls_proxy", "--cert", str(cert), "--key", str(key)]
        proxy += [word for name, port in ports.items() for word in (name, str(port))]
        commands = {
            "web": web_command(web),
            "sockets": web_command(sockets),
            "worker": worker_command(),
            "beat": beat_command(self.var),
            "proxy": proxy,
        }
        for name, command in commands.items():
            child = Child(name=name, command=command, log=self.var / "log" / f"{name}.log", env=self.env, folder=ROOT)
            self.children.append(child)
            child.start()
        for child, port in zip(self.children, (web, sockets), strict=False):
            wait_for_site(f"http://127.0.0.1:{port}/ready", child, seconds=60)
        context = ssl.create_default_context(cafile=str(cert))
        wait_for_site(f"https://localhost:{self.port}/", self.children[-1], seconds=30, context=context)
        (self.var / "ports").write_text(f"web={web}\nsockets={sockets}\nplain={self.plain_port}\n", encoding="utf-8")

    def _say_where(self) -> None:
        self.stdout.write(f"\nReady after {time.monotonic() - self.began:.1f} s, with production settings.")
        self.stdout.write(
            f"  Pages           https://localhost:{self.port}/ (certificate of its own: the browser warns)"
        )
        self.stdout.write(f"  Without TLS     http://localhost:{self.plain_port}/ only sends on")
        self.stdout.write(
            f"  Web process     http://127.0.0.1:{_port(self.children[0])}/ready and /metrics, only from here"
        )
        self.stdout.write(f"  Logs            {self.var / 'log'}")
        self.stdout.write(
            "Nobody can sign in: there is no sign-in back end for production yet. Ctrl-C stops everything."
        )
        self.stdout.flush()

    def _watch(self) -> None:
        while not self.stopping.wait(0.5):
            for server in self.servers.restart_ended():
                self.stdout.write(f"{server} had ended and was started again")
            for child in self.children:
                if child.ended():
                    self.stdout.write(f"{child.name} ended and is started again, see {child.log}")
                    child.restart()


def _port(child: Child) -> str:
    return child.command[child.command.index("--port") + 1]


def _secrets(path: Path) -> dict[str, str]:
    """Draw the secrets that are missing, once; later starts read them."""
    lines = path.read_text(encoding="utf-8").split() if path.exists() else []
    known = dict(line.split("=", 1) for line in lines)
    for name in ("SECRET_KEY", "CHANNEL_KEY", "AUDIT_SEAL_KEY", "METRICS_TOKEN"):
        known.setdefault(name, secrets.token_urlsafe(48))
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in known.items()), encoding="utf-8")
    return known
