"""Which test shows which requirement: read from ``@pytest.mark.req("QUE-05")`` marks and docs/requirements.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "docs" / "requirements.md"
TABLE = ROOT / "docs" / "traceability.md"
_ENTRY = re.compile(
    r"^- \*\*([A-Z]{3,4}-\d{2}[a-z]?)\*\* (.+)$|^\| \*\*(DT-\d{2})\*\* \| [^|]+ \| ([^|]+) \|", re.MULTILINE
)
_LONGEST = 150
_HEAD = """# Traceability

Made by `manage.py traceability` from the marks `@pytest.mark.req(...)` in the tests; do not edit. {shown} of {total}
requirements are shown by a test. Those without a test are listed at the end: not built yet, or work for people.

| Requirement | Says | Shown by |
|---|---|---|
"""


class UnknownRequirementError(RuntimeError):
    """A test names a requirement that the catalogue does not have."""


def read_catalogue() -> dict[str, str]:
    """All requirement ids with their text, in the catalogue's order."""
    found = {}
    for entry in _ENTRY.finditer(CATALOGUE.read_text(encoding="utf-8")):
        identity, text, row, scenario = entry.groups()
        found[identity or row] = (text or scenario).strip()
    return found


def read_marks() -> dict[str, list[str]]:
    """Requirement ids with the tests (``path::name``) that are marked with them.

    Raises:
        UnknownRequirementError: for an id that the catalogue does not have.
    """
    known = read_catalogue()
    marks: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = str(path.relative_to(ROOT))
        for name, identity in _marks_in(tree, ""):
            if identity not in known:
                raise UnknownRequirementError(f"{place}::{name} names {identity}, not found in docs/requirements.md")
            test = f"{place}::{name}" if name else place
            if test not in marks.setdefault(identity, []):
                marks[identity].append(test)
    return marks


def render() -> str:
    """The text of docs/traceability.md."""
    catalogue, marks = read_catalogue(), read_marks()
    text = _HEAD.format(shown=len(marks), total=len(catalogue))
    for identity, says in catalogue.items():
        if identity in marks:
            tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in marks[identity])
            text += f"| {identity} | {_shorten(says)} | {tests} |\n"
    missing = [identity for identity in catalogue if identity not in marks]
    return text + "\n## Without a test\n\n" + ", ".join(missing) + "\n"


def _marks_in(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{prefix}{child.name}"
            for decorator in child.decorator_list:
                yield from ((name, identity) for identity in _ids(decorator))
            if isinstance(child, ast.ClassDef):
                yield from _marks_in(child, f"{name}::")
        elif isinstance(child, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytestmark" for target in child.targets
        ):
            yield from ((prefix.removesuffix("::"), identity) for identity in _ids(child.value))


def _ids(expression: ast.expr) -> Iterator[str]:
    # Also finds marks of single cases: pytest.param(…, marks=pytest.mark.req("TRI-06")).
    for node in ast.walk(expression):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "req":
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def _shorten(text: str) -> str:
    plain = text.replace("|", "\\|")
    if len(plain) <= _LONGEST:
        return plain
    cut = plain[:_LONGEST].rsplit(" ", 1)[0]
    # A cut must not leave emphasis or code open.
    for sign in ("`", "*"):
        if cut.count(sign) % 2:
            cut = cut.rsplit(sign, 1)[0].rstrip()
    return f"{cut} …"
