"""Child processes that never outlive their parent: start, wait, find, end."""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path


class ServerError(RuntimeError):
    """A server could not be started; the text says what to do."""


def guarded(command: list[str], death: signal.Signals, *become: str) -> list[str]:
    """Wrap a command so that it gets a signal when the thread that started it ends, even by kill -9.

    Args:
        command: program and arguments.
        death: signal to send then.
        become: further ``setpriv`` options.
    """
    if shutil.which("setpriv") is None:
        return command
    return ["setpriv", *become, "--pdeathsig", death.name.removeprefix("SIG"), "--", *command]


@functools.cache
def own_namespace() -> bool:
    """Whether this machine lets us make a user namespace (some containers forbid it)."""
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--", "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, what: str, seconds: float
) -> None:
    """Wait until a server answers.

    Raises:
        ServerError: when it ends or does not answer in time, with the end of its log.
    """
    until = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ServerError(f"{what} ended with code {process.returncode}:\n{read_tail(log)}")
        if time.monotonic() > until:
            process.kill()
            raise ServerError(f"{what} did not answer within {seconds:.0f} s:\n{read_tail(log)}")
        time.sleep(0.03)


def read_tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def find_processes(program: str, argument: str) -> list[int]:
    """Numbers of running processes of a program (by file name) that carry an argument, or show it in their title."""
    found = []
    for entry in Path("/proc").glob("[0-9]*") if Path("/proc").is_dir() else ():
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        own = words[0].split(" ")[0]
        if own.rsplit("/", 1)[-1] == program and (argument in words[1:] or words[0].endswith(f":{argument}")):
            found.append(int(entry.name))
    return found


def end_process(process: subprocess.Popen[bytes] | int | None, first: signal.Signals, *, seconds: float) -> None:
    """Ask a process to end and kill it when it has not after some seconds.

    Args:
        process: a child, the number of an orphan, or None (nothing to do).
        first: the polite signal.
        seconds: patience.
    """
    if process is None:
        return
    number = process if isinstance(process, int) else process.pid
    for wish, patience in ((first, seconds), (signal.SIGKILL, 5.0)):
        if not _alive(process):
            return
        try:
            os.kill(number, wish)
        except ProcessLookupError:
            return
        until = time.monotonic() + patience
        while _alive(process) and time.monotonic() < until:
            time.sleep(0.02)


def _alive(process: subprocess.Popen[bytes] | int) -> bool:
    if not isinstance(process, int):
        return process.poll() is None
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
