"""Write ``docs/reliability.md`` from the figures of a run: ``python -m tests.faults.reliability RESULTS DOCUMENT``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_HEAD = """# Reliability

Written by `make soak` (the long profile) or, with `SOAK_RESULTS` set, by the commit profile of `make test`; the figures
below are those of the run named here, nothing is carried over from others.

- Run: {date}, commit `{commit}`{dirty}
- Machine: {cores} processor cores, load {load} at the end (other work ran beside it when this is above {cores})

## What is done

`tests/faults` starts a whole site as child processes: two web processes, a ticker, PostgreSQL with `fsync` on
and a Valkey of its own. People in another process write into chats, half of them over sockets, half over the
HTTP twin, each message under its own client id until it is acknowledged; a second tab of each reads.
Meanwhile, in an order given by a seed: `kill -9` of a web process before commit, after commit, after the ack
and anywhere; Valkey killed, frozen, emptied, full, its subscribers cut off; PostgreSQL restarted with `-m
immediate`; the ticker killed; doorbells repeated, reordered and forged; all second tabs stopped with their
sockets half open. The places to die live in the tests' own ASGI application (`tests/faults/application.py`);
the shipped code holds none.

Afterwards checkers read history and database: every acknowledged message is stored under the acknowledged
number, none twice, numbers 1..n, each author's order kept, every tab shows exactly the stored chat, nobody
was signed out, every side effect is done and no SMS arrived twice, one row in the change log for each
message, no answer but 503 while PostgreSQL is away.

"""


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()


def _table(row: dict[str, Any]) -> str:
    lines = ["| figure | value |", "|---|---|"]
    for name, value in row.items():
        if name != "name":
            words = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
            lines.append(f"| {name.replace('_', ' ')} | {words} |")
    return "\n".join(lines)


_TITLES = {
    "chat": "Chat under faults (0 lost, 0 doubled, 0 reordered, all converged: otherwise the run fails)",
    "deploy": "Deploy restart of every web process",
    "claims": "Sixteen people press *Ta emot* on the same cases",
    "pairs": "Pairs of competing commands, each at the same instant",
}


def write(results: Path, document: Path) -> None:
    """Turn lines of figures into the document; ``SOAK_COMMIT`` names the commit when the run was made from a copy."""
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    commit = os.environ.get("SOAK_COMMIT") or _git("rev-parse", "--short", "HEAD")
    changed = "SOAK_COMMIT" not in os.environ and _git("status", "--porcelain", "--", "*.py")
    dirty = " with changes not yet committed" if changed else ""
    text = _HEAD.format(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", commit=commit, dirty=dirty,
        cores=os.cpu_count(), load=f"{os.getloadavg()[0]:.1f}",
    )  # fmt: skip
    for name, title in _TITLES.items():
        found = [row for row in rows if row["name"] == name]
        if found:
            text += f"## {title}\n\n" + "\n\n".join(_table(row) for row in found) + "\n\n"
    document.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
