"""How much is done: the commit profile in ``make test``, the long one in ``make soak`` (``SOAK=1``).

``SOAK_SCALE=0.2`` runs a part of the long profile; the figures say so.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOAK = os.environ.get("SOAK") == "1"
SCALE = float(os.environ.get("SOAK_SCALE", "1"))
SEED = int(os.environ.get("FAULT_SEED", "1177"))
RESULTS = os.environ.get("SOAK_RESULTS", "")


@dataclass(frozen=True, slots=True)
class Profile:
    """Sizes of a run."""

    messages: int
    kills: int
    others: int
    cases: int
    pace: float
    freeze_seconds: float
    sockets: int
    claims: int


COMMIT = Profile(messages=1_000, kills=20, others=6, cases=10, pace=0.85, freeze_seconds=3, sockets=50, claims=1_000)
LONG = Profile(
    messages=int(10_000 * SCALE), kills=int(200 * SCALE), others=int(50 * SCALE), cases=20, pace=2.0,
    freeze_seconds=30, sockets=500, claims=int(10_000 * SCALE),
)  # fmt: skip
PROFILE = LONG if SOAK else COMMIT


def report(name: str, **figures: Any) -> None:
    """Keep figures of a run for ``docs/reliability.md`` (only when a results file is named)."""
    if RESULTS:
        with Path(RESULTS).open("a") as file:
            file.write(
                json.dumps({"name": name, "profile": f"soak, scale {SCALE:g}" if SOAK else "commit", **figures}) + "\n"
            )
