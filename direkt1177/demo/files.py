"""The demo's data files: one folder per region (places, staff, people, errands) and what all regions share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "data"
#: Regions with demo data, in the order in which they are built; the first one is the quick demo.
REGIONS = ("kalmar", "jonkoping", "uppsala", "skane")


@dataclass(frozen=True, slots=True)
class RegionData:
    """The files of one region as they are written; treat them as read-only."""

    code: str
    providers: list[dict[str, Any]]
    staff: list[dict[str, Any]]
    people: dict[str, Any]
    errands: dict[str, Any]


@cache
def read(name: str) -> Any:
    """A YAML file of ``demo/data``; treat it as read-only."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def read_region(code: str) -> RegionData:
    """All files of a region.

    Raises:
        FileNotFoundError: the demo has no such region.
    """
    if code not in REGIONS:
        raise FileNotFoundError(code)
    places, staff, people, errands = (read(f"{code}/{name}") for name in ("places", "staff", "people", "errands"))
    return RegionData(code, places["providers"], staff, people, errands)


@cache
def official_numbers(name: str = "testpersonnummer") -> tuple[str, ...]:
    """Official test personnummer of one of the lists, twelve digits, oldest first."""
    lines = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
