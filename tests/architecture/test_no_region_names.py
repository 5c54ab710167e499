"""Regions differ by policy values only: no code, template or script asks which region it is in (ORG-03)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from direkt1177.units.region_files import codes, read_region_file

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("cases", "triage", "handover", "journal", "direkt1177")
# Which regions the demo is filled with is a choice of data, not behaviour.
DEMO = ("direkt1177/demo/", "direkt1177/management/commands/seed_demo.py", "direkt1177/management/commands/demo.py")
NAMES = set(codes()) | {read_region_file(code).region.name.casefold() for code in codes()}
NAMES |= {"jönköping", "skåne"}
ABOUT_A_REGION = re.compile(r"^region(_(code|name|slug|id|pk))?$")
# {% if region_name == "…" %}, regionName === "…"
IN_PAGES = re.compile(r"region[\w.]*\s*(?:={2,3}|!={1,2}|\bin\b)\s*[\"'\[]", re.IGNORECASE)


def names_a_region(node: ast.expr) -> bool:
    """Whether an expression is a region or a piece of it: ``region``, ``region.code``, ``actor.region_name``."""
    if isinstance(node, ast.Name):
        return bool(ABOUT_A_REGION.match(node.id))
    if isinstance(node, ast.Attribute):
        return bool(ABOUT_A_REGION.match(node.attr)) or names_a_region(node.value)
    return False


def is_constant(node: ast.expr) -> bool:
    """A literal, or a collection of literals; None asks only whether there is one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(is_constant(item) for item in node.elts)
    return isinstance(node, ast.Constant) and node.value is not None


def faults_in(source: str) -> Iterator[str]:
    """Places where the code knows a region by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.casefold() in NAMES:
            yield f"{node.lineno}: names {node.value}"
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(names_a_region(side) for side in sides) and any(is_constant(side) for side in sides):
                yield f"{node.lineno}: compares a region with a constant"
        if isinstance(node, ast.Match) and names_a_region(node.subject):
            yield f"{node.lineno}: matches on a region"


def test_no_code_asks_which_region_it_is() -> None:
    faults = []
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    assert len(files) > 100
    for path in files:
        name = str(path.relative_to(ROOT))
        if not name.startswith(DEMO):
            faults += [f"{name}:{fault}" for fault in faults_in(path.read_text(encoding="utf-8"))]
    assert faults == []


def test_no_template_or_script_asks_which_region_it_is() -> None:
    faults = []
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        quoted = {word.casefold() for word in re.findall(r"[\"']([^\"'\n]{3,40})[\"']", text)}
        if IN_PAGES.search(text) or quoted & NAMES:
            faults.append(str(path.relative_to(ROOT)))
    assert faults == []


@pytest.mark.parametrize(
    "source",
    [
        "if region == 'x': pass",
        "if unit.provider.region.code == 'x': pass",
        "if actor.region_name in ('a', 'b'): pass",
        "if 3 == actor.region_id: pass",
        "f(code='kalmar')",
        "match region:\n  case 'x': pass",
    ],
)
def test_the_check_sees_it(source: str) -> None:
    assert list(faults_in(source))


@pytest.mark.parametrize("source", ["if region is None: pass", "if a.region_id == b.region_id: pass"])
def test_the_check_lets_pass_what_is_no_question_of_names(source: str) -> None:
    assert list(faults_in(source)) == []
