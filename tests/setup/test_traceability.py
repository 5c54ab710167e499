"""The table of requirements and tests is made from marks, and refuses ids that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from direkt1177 import traceability

CATALOGUE = """
- **QUE-01** The queue shows | waiting cases. (Uppsala)
- **AUTH-02** Only some cards. (Uppsala)
- **QUE-03** Nobody tests this.

| **DT-01** | 3.1.1 | Nurse only | nurse |
"""
TESTS = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.req("AUTH-02")]

@pytest.mark.req("QUE-01", "DT-01")
def test_one(): ...

class TestMany:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.req("QUE-01"))])
    async def test_two(self, x): ...
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.md").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "tests" / "cases").mkdir(parents=True)
    monkeypatch.setattr(traceability, "ROOT", tmp_path)
    monkeypatch.setattr(traceability, "CATALOGUE", tmp_path / "docs" / "requirements.md")
    return tmp_path


def test_marks_become_rows(project: Path) -> None:
    (project / "tests" / "cases" / "test_x.py").write_text(TESTS, encoding="utf-8")
    text = traceability.render()
    both = "`cases/test_x.py::test_one`<br>`cases/test_x.py::TestMany::test_two`"
    assert f"| QUE-01 | The queue shows \\| waiting cases. (Uppsala) | {both} |" in text
    assert "| AUTH-02 | Only some cards. (Uppsala) | `cases/test_x.py` |" in text
    assert "| DT-01 | Nurse only | `cases/test_x.py::test_one` |" in text
    assert text.endswith("## Without a test\n\nQUE-03\n")
    assert "3 of 4" in text


def test_an_unknown_id_is_refused(project: Path) -> None:
    (project / "tests" / "test_y.py").write_text('@pytest.mark.req("QUE-99")\ndef test_z(): ...\n', encoding="utf-8")
    with pytest.raises(traceability.UnknownRequirementError, match="QUE-99"):
        traceability.render()


def test_the_catalogue_is_read_whole() -> None:
    assert len(traceability.read_catalogue()) == 415 + 30
