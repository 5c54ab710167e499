"""The demo's own processes (web, sockets, worker, beat): started, watched, restarted, stopped in order."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from direkt1177.embedded.processes import ServerError, end_process, guarded, read_tail

_PYTHON = [sys.executable, "-W", "ignore"]


@dataclass
class Child:
    """One process of the demo.

    Attributes:
        name: word for messages and the log file's name.
        command: program and arguments.
        seconds: patience when it is asked to stop.
    """

    name: str
    command: list[str]
    log: Path
    env: Mapping[str, str]
    folder: Path
    seconds: float = 12.0
    process: subprocess.Popen[bytes] | None = None
    _ends: deque[float] = field(default_factory=lambda: deque(maxlen=5))

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C in the terminal reaches only the supervisor."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                guarded(self.command, signal.SIGTERM), env=dict(self.env), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """Ask it to end, then insist."""
        end_process(self.process, signal.SIGTERM, seconds=self.seconds)
        self.process = None

    def ended(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start it again after a crash.

        Raises:
            ServerError: when it ended five times within a minute.
        """
        now = time.monotonic()
        self._ends.append(now)
        if len(self._ends) == self._ends.maxlen and now - self._ends[0] < 60:
            raise ServerError(f"{self.name} ends again and again; the end of {self.log}:\n{read_tail(self.log)}")
        self.start()


def web_command(port: int) -> list[str]:
    """uvicorn with its limits: small frames, short queues, no compression, a quick stop (S-15).

    Args:
        port: on the loopback address.
    """
    return [
        *_PYTHON, "-m", "uvicorn", "direkt1177.asgi:application", "--host", "127.0.0.1", "--port", str(port),
        "--ws-max-size", "65536", "--ws-max-queue", "32", "--ws-per-message-deflate", "false",
        "--ws-ping-interval", "20", "--ws-ping-timeout", "20", "--timeout-graceful-shutdown", "10",
        "--no-server-header", "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip


def worker_command() -> list[str]:
    """Celery worker with two threads; the rows in the database are the truth, so it needs no gossip."""
    options = ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*_PYTHON, "-m", "celery", "--quiet", "--app", "direkt1177", "worker", *options, "--loglevel", "WARNING"]


def beat_command(folder: Path) -> list[str]:
    """Celery beat, which only ticks.

    Args:
        folder: where it keeps when it last ticked.
    """
    schedule = ["--schedule", str(folder / "beat-schedule"), "--pidfile", ""]
    return [*_PYTHON, "-m", "celery", "--quiet", "--app", "direkt1177", "beat", *schedule, "--loglevel", "WARNING"]


def port_is_free(port: int) -> bool:
    """Whether nobody listens on a port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(first: int = 0) -> int:
    """The first free port from a number on; any free port for 0."""
    if first:
        for port in range(first, first + 100):
            if port_is_free(port):
                return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_site(address: str, child: Child, *, seconds: float, context: ssl.SSLContext | None = None) -> None:
    """Wait until a page is answered, whatever the answer is.

    Args:
        address: of the page.
        child: process that shall answer.
        seconds: patience.
        context: certificates to trust, for https.

    Raises:
        ServerError: when the process ends or does not answer in time.
    """
    until = time.monotonic() + seconds
    while True:
        with contextlib.suppress(urllib.error.URLError, OSError):
            try:
                urllib.request.urlopen(address, timeout=5, context=context).close()  # noqa: S310 - our own loopback address
            except urllib.error.HTTPError as answer:
                answer.close()
            return
        if child.ended():
            raise ServerError(f"{child.name} ended; the end of {child.log}:\n{read_tail(child.log)}")
        if time.monotonic() > until:
            raise ServerError(f"{child.name} does not answer; the end of {child.log}:\n{read_tail(child.log)}")
        time.sleep(0.1)


def child_environment(addresses: Mapping[str, str], **more: str) -> dict[str, str]:
    """Environment of a child: ours, the servers' addresses, and what differs.

    Args:
        addresses: DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL.
        more: further variables.
    """
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "direkt1177.settings.embedded", **addresses, **more}
