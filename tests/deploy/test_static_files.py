"""Files are collected under names that carry their content, and every page finds them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.databases import ROOT, run_manage

_STATIC = re.compile(r"{%\s*static\s+(['\"])(?P<name>.+?)\1\s")
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](?P<name>\./[^"']+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    run_manage("collectstatic", "--no-input", "--verbosity=0", env={"STATIC_ROOT": str(folder)})
    return folder


@pytest.fixture(scope="module")
def names(collected: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((collected / "staticfiles.json").read_text())["paths"]
    return found


def test_every_file_that_a_template_names_is_there(names: dict[str, str]) -> None:
    wanted = {
        match["name"]
        for template in (ROOT / "templates").rglob("*.html")
        for match in _STATIC.finditer(template.read_text())
    }
    assert len(wanted) > 10
    assert wanted - set(names) == set()


def test_modules_import_each_other_by_content(collected: Path, names: dict[str, str]) -> None:
    """A new staff.js never gets last week's chat.js out of the browser's cache."""
    imports = 0
    for source in (ROOT / "static/js").glob("*.js"):
        text = (collected / names[f"js/{source.name}"]).read_text()
        code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("*", "/*", "//")))
        for match in _IMPORT.finditer(code):
            imports += 1
            assert re.search(r"\.[0-9a-f]{12}\.js$", match["name"]), f"{source.name} imports {match['name']}"
            assert (collected / "js" / match["name"]).resolve().is_file()
    assert imports > 30


def test_styles_find_their_fonts(collected: Path, names: dict[str, str]) -> None:
    text = (collected / names["css/tokens.css"]).read_text()
    fonts = re.findall(r'url\("?([^")]+\.woff2)"?\)', text)
    assert fonts
    assert all(re.search(r"\.[0-9a-f]{12}\.woff2$", font) for font in fonts)
    assert all((collected / "css" / font).resolve().is_file() for font in fonts)


def test_text_lies_there_compressed(collected: Path, names: dict[str, str]) -> None:
    hashed = collected / names["js/staff.js"]
    assert hashed.with_name(f"{hashed.name}.gz").is_file()


def test_tests_serve_straight_from_static() -> None:
    assert "STATIC_ROOT" not in os.environ, "collecting for every run would be slow"
