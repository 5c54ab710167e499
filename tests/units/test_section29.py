"""The four regions' data files against the table in requirements §29, cell by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from direkt1177.units.policies import raw_value
from direkt1177.units.policy_model import Policy
from direkt1177.units.region_files import RegionFile, Stated, codes, read_region_file

REQUIREMENTS = Path(__file__).resolve().parents[2] / "docs" / "requirements.md"
REGIONS = {"Jönköping": "jonkoping", "Kalmar": "kalmar", "Uppsala": "uppsala", "Skåne": "skane"}
#: row -> region -> key, or key.part -> [words of the cell, the value unless the cell has none]
MEANINGS: dict[str, dict[str, dict[str, list[Any]]]] = yaml.safe_load(
    Path(__file__).with_name("section29.yaml").read_text(encoding="utf-8")
)
#: Rows about the documents, not about settings.
ABOUT_DOCUMENTS = {"Document status", "Date example"}
SPLIT = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Row:
    """A row as it stands in the document."""

    name: str
    keys: frozenset[str]
    cells: tuple[str, ...]


def section(number: int) -> str:
    """The text of one section of the requirements."""
    text = REQUIREMENTS.read_text(encoding="utf-8")
    start = text.index(f"\n## {number}. ")
    return text[start : text.index(f"\n## {number + 1}. ")]


def rows_in_document() -> list[Row]:
    """The table of §29, without its two head lines."""
    lines = [line for line in section(29).splitlines() if line.startswith("|")]
    heading = [cell.strip() for cell in SPLIT.split(lines[0])[1:-1]]
    assert heading == ["Setting (key)", *REGIONS]
    rows = []
    for line in lines[2:]:
        first, *cells = (cell.strip() for cell in SPLIT.split(line)[1:-1])
        name = re.sub(r"\s*\((`\w+`(, )?)+\)", "", first)
        rows.append(Row(name, frozenset(re.findall(r"`(\w+)`", first)), tuple(cells)))
    return rows


ROWS = rows_in_document()
FILES = {code: read_region_file(code) for code in REGIONS.values()}
CELLS = [
    pytest.param(row, column, id=f"{row.name}-{code}")
    for row in ROWS
    if row.name not in ABOUT_DOCUMENTS
    for column, code in enumerate(REGIONS.values())
]


def keys_of(row: Row) -> set[str]:
    """Keys that the row is about: those it names, and those that its cells have values of."""
    return set(row.keys) | {part.split(".")[0] for cell in MEANINGS[row.name].values() for part in cell}


def is_stated(file: RegionFile, key: str) -> bool:
    """Whether the file gives a value of its own."""
    entry = file.policies[key]
    return isinstance(entry, Stated) and entry.value != "n/s"


def value_in(file: RegionFile, part: str) -> Any:
    """The value that the file gives a key or ``key.part``, as plain JSON; of support steps only who."""
    key, _dot, piece = part.partition(".")
    value = file.stated()[key][0]
    if key == "staff_support":
        return [step["who"] for step in value]
    return value[piece] if piece else value


def value_meant(part: str, value: Any) -> Any:
    """The value of the mapping in the same form."""
    return value if "." in part or part == "staff_support" else raw_value(part, value)


def test_the_table_and_the_mapping_have_the_same_rows() -> None:
    assert len(ROWS) > 60
    assert [row.name for row in ROWS if row.name not in ABOUT_DOCUMENTS] == list(MEANINGS)
    assert {row.name for row in ROWS} >= ABOUT_DOCUMENTS
    assert all(len(row.cells) == len(REGIONS) for row in ROWS)


def test_every_key_that_the_requirements_name_is_in_the_model_and_in_the_mapping() -> None:
    text = REQUIREMENTS.read_text(encoding="utf-8")
    named = {
        key.strip()
        for group in re.findall(r"`\[policy: ([\w, ]+)\]`", text)
        for key in group.split(",")
        if key.strip() != "key"  # "[policy: key]" in the reading guide
    }
    in_table = {key for row in ROWS if row.name not in ABOUT_DOCUMENTS for key in keys_of(row)}
    assert len(named) >= 60
    assert named - set(Policy.model_fields) == set()
    assert in_table - set(Policy.model_fields) == set()
    assert named - in_table == set()


def test_all_four_regions_ship_with_every_key() -> None:
    assert set(codes()) == set(REGIONS.values())
    for file in FILES.values():
        assert set(file.policies) == set(Policy.model_fields)


@pytest.mark.req("ADM-07")
@pytest.mark.parametrize(("row", "column"), CELLS)
def test_cell(row: Row, column: int) -> None:
    region, code = list(REGIONS.items())[column]
    cell, meaning, file = row.cells[column], MEANINGS[row.name].get(code, {}), FILES[code]
    # What the cell says, and whether it says anything.
    for words, *_value in meaning.values():
        assert words in cell, f"{row.name}, {region}: the table has changed"
    said = {part.split(".")[0] for part, told in meaning.items() if len(told) == 2}
    silent = {part for part, told in meaning.items() if len(told) == 1}
    if cell.startswith("n/s"):
        assert not said, f"{row.name}, {region}: the table says n/s"
    else:
        assert meaning, f"{row.name}, {region}: the table says something, the mapping nothing"
    # The file says the same, and is silent where the cell is.
    for key in keys_of(row):
        assert is_stated(file, key) == (key in said), f"{key}: n/s in one of table and file of {region}"
    for key in silent:
        entry = file.policies[key]
        assert isinstance(entry, Stated), f"{key}: the file keeps what {region} says as a note"
        assert entry.note
    for part, told in meaning.items():
        if len(told) == 2:
            assert value_in(file, part) == value_meant(part, told[1]), f"{part} of {region}"


def test_documents_and_their_validity() -> None:
    status = dict(zip(REGIONS.values(), next(r for r in ROWS if r.name == "Document status").cells, strict=True))
    assert status["jonkoping"] == "page title marked for removal"
    assert "TA BORT" in FILES["jonkoping"].document.note
    assert status["kalmar"] == "valid, v1.7 2024-11-11"
    kalmar = FILES["kalmar"].document
    assert (kalmar.version, kalmar.valid_from) == ("1.7", date(2024, 11, 11))
    assert status["uppsala"] == "v2"
    assert FILES["uppsala"].document.version == "2"
    assert status["skane"].startswith("valid to 2024-04-11")
    skane = FILES["skane"].document
    assert (skane.valid_from, skane.last_day) == (date(2023, 4, 11), date(2024, 4, 11))
    assert all(source.endswith("gällde till och med 11 april 2024") for _v, source in FILES["skane"].stated().values())
