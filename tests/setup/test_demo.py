"""``manage.py demo`` as a newcomer meets it: start, visit, Ctrl-C, start again; a busy port; a crash."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from direkt1177.embedded import EmbeddedServers
from direkt1177.embedded.children import Child, free_port, port_is_free
from direkt1177.embedded.processes import ServerError
from tests.databases import ROOT

ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


class Demo:
    """A running ``manage.py demo`` over a folder of its own."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        env = {name: value for name, value in os.environ.items() if name not in (*ADDRESSES, "UPLOAD_ROOT")}
        command = [sys.executable, "manage.py", "demo", "--port", str(port), "--cases", "3", "--var", str(var)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""

    def wait_for(self, words: str) -> str:
        """Read what it says until the words come."""
        assert self.process.stdout is not None
        while words not in self.said:
            line = self.process.stdout.readline()
            assert line, f"ended before it said {words!r}:\n{self.said}"
            self.said += line
        return self.said

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and wait."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=60)
        self.said += said or ""
        return self.process.returncode


@pytest.fixture
def var(tmp_path: Path) -> Generator[Path, None, None]:
    folder = tmp_path / "var"
    yield folder
    for number in _processes_of(folder):
        os.kill(number, signal.SIGKILL)


def test_start_visit_stop_and_start_again(var: Path) -> None:
    demo = Demo(var, free_port())
    said = demo.wait_for("Ctrl-C stops everything")
    assert f"http://localhost:{demo.port}/personal/" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/", timeout=20) as answer:
        assert answer.status == 200
    assert len(_processes_of(var)) >= 4
    assert demo.end() == 0, demo.said
    assert _processes_of(var) == []
    assert port_is_free(demo.port)

    again = Demo(var, demo.port)
    said = again.wait_for("Ctrl-C stops everything")
    assert "Demo data" not in said
    worker = next(number for number in _processes_of(var) if "worker" in _command(number))
    os.kill(worker, signal.SIGKILL)
    again.wait_for("worker ended with code -9 and is started again")
    assert again.end(signal.SIGTERM) == 0


def test_killed_while_making_demo_data_it_begins_anew(var: Path) -> None:
    first = Demo(var, free_port())
    first.wait_for("Demo data: creating")
    first.process.kill()
    first.process.communicate()
    again = Demo(var, free_port())
    said = again.wait_for("Ctrl-C stops everything")
    assert "interrupted" in said
    assert again.end() == 0
    servers = EmbeddedServers(var)
    servers.start()
    try:
        with psycopg.connect(servers.environment()["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM accounts_user").fetchone() == (True,)
    finally:
        servers.stop()


def test_a_busy_port_is_named_together_with_the_way_out(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        demo = Demo(var, port)
        said, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 1
    assert f"Port {port} is used by another program" in said
    assert "make demo PORT=" in said
    assert "Traceback" not in said
    assert not (var / "postgres").exists()


def test_a_child_that_ends_again_and_again_is_given_up(tmp_path: Path) -> None:
    child = Child("sums", [sys.executable, "-c", "1/0"], tmp_path / "sums.log", os.environ, ROOT)
    child.start()
    for _ in range(4):
        _wait(child)
        child.restart()
    _wait(child)
    with pytest.raises(ServerError, match=r"(?s)sums ends again and again.*ZeroDivisionError"):
        child.restart()
    child.stop()


def _wait(child: Child) -> None:
    assert child.process is not None
    child.process.wait()
    assert child.ended()


def _processes_of(folder: Path) -> list[int]:
    """Everything that runs with servers in that folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            alive = ") Z " not in (entry / "stat").read_text()
        except OSError:
            continue
        if alive and int(entry.name) != os.getpid() and str(folder).encode() in text:
            found.append(int(entry.name))
    return found


def _command(number: int) -> str:
    try:
        return Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
