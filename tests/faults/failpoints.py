"""Places where a process of these tests kills itself; the shipped code knows nothing of them.

A fault is armed by writing the name of a place into a file named after the process, in the folder that the environment
variable ``FAILPOINTS`` names. The first to pass there takes the file away and dies, as by ``kill -9``.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

WEB = ("before_commit", "after_commit", "after_ack")
EFFECT = ("before_send", "after_send", "after_done")


def place(folder: Path, process: str) -> Path:
    """The file that arms a process."""
    return folder / process


def trip(name: str) -> None:
    """Die here when this place is armed."""
    folder = os.environ.get("FAILPOINTS")
    if not folder:
        return
    armed = place(Path(folder), os.environ["FAILPOINT_PROCESS"])
    try:
        wanted = armed.read_text()
        if wanted != name:
            return
        armed.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
