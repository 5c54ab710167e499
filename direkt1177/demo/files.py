"""The demo's data files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data"


@cache
def read(name: str) -> Any:
    """A YAML file of ``demo/data``; treat it as read-only."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def official_numbers() -> tuple[str, ...]:
    """Official test personnummer, twelve digits, oldest first."""
    lines = (FOLDER / "testpersonnummer.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
