"""Row locks leave keys alone: ``FOR UPDATE`` would block foreign-key checks of rows that merely point here.

Our foreign keys are checked at COMMIT, when a transaction already holds other locks (feed heads, shifts); together with
``FOR UPDATE`` that is a deadlock, as ``test_changing_unit_against_taking_a_case`` once showed.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("cases", "triage", "handover", "journal", "direkt1177")


def test_every_row_lock_is_for_no_key_update() -> None:
    strong = [
        f"{path.relative_to(ROOT)}: {call}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for call in re.findall(r"select_for_update\((?:[^()]|\([^()]*\))*\)", path.read_text(encoding="utf-8"))
        if "no_key=True" not in call
    ]
    assert strong == []
