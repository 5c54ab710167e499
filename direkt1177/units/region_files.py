"""Regions as data files (``data/<code>.yaml``): read, checked against the policy model, loaded by ``load_region``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from django.utils.formats import date_format
from django.utils.translation import override
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from direkt1177.units.policies import raw_value
from direkt1177.units.policy_model import Policy

FOLDER = Path(__file__).parent / "data"
NOT_STATED = "n/s"
LONGEST_SOURCE = 200
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_SOURCE)]


class Part(BaseModel):
    """Base: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RegionPart(Part):
    """The region itself."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,30}$")]
    name: Line
    service_name: Line


class DocumentPart(Part):
    """The document that the values come from, with its validity.

    Attributes:
        valid_to: first day on which the values no longer hold; then the standards do.
        last_day: last day that the document gives itself, where its values hold on until a newer one replaces them;
            their source says so on every page.
        note: how the dates were read.
    """

    title: Line
    version: str
    valid_from: date
    valid_to: date | None = None
    last_day: date | None = None
    note: str = ""

    def source(self, place: str) -> str:
        """Document and place as pages show it, in Swedish like all data.

        Raises:
            ValueError: longer than its column.
        """
        text = f"{self.title} {self.version}: {place}"
        if self.last_day is not None:
            with override("sv"):
                text += f", gällde till och med {date_format(self.last_day, 'j F Y')}"
        if len(text) > LONGEST_SOURCE:
            raise ValueError(f"source of {len(text)} characters, at most {LONGEST_SOURCE}: {text}")
        return text


class Stated(Part):
    """One value with where it stands in the document; the value may itself be "n/s" to keep a note.

    ``ours``: the project's own words, not the document's.
    """

    value: Any
    source: Line
    note: str = ""
    ours: bool = False


class RegionFile(Part):
    """A whole file: every key of the policy model exactly once."""

    format: Literal[1]
    region: RegionPart
    document: DocumentPart
    policies: dict[str, Literal["n/s"] | Stated]

    @model_validator(mode="after")
    def _complete(self) -> RegionFile:
        missing = set(Policy.model_fields) - set(self.policies)
        unknown = set(self.policies) - set(Policy.model_fields)
        if missing or unknown:
            raise ValueError(f"keys missing: {sorted(missing)}; unknown: {sorted(unknown)}")
        self.stated()
        return self

    def stated(self) -> dict[str, tuple[Any, str]]:
        """Key -> (value to store, source) of all that is stated.

        Raises:
            pydantic.ValidationError: a value is not allowed for its key.
        """
        found = {}
        for key, entry in self.policies.items():
            if isinstance(entry, Stated) and entry.value != NOT_STATED:
                found[key] = (raw_value(key, entry.value), self.document.source(entry.source))
        return found


def codes() -> list[str]:
    """Codes of the regions that ship."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def read_region_file(code: str) -> RegionFile:
    """Read and check one file.

    Raises:
        FileNotFoundError: no region of that code ships.
        pydantic.ValidationError: the file does not fit the model; the message names key and value.
    """
    if code not in codes():
        raise FileNotFoundError(code)
    return RegionFile.model_validate(yaml.safe_load((FOLDER / f"{code}.yaml").read_text(encoding="utf-8")))
