"""Third-party files under static/ are the ones the manifest names, and no registry's address is committed."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ROOT / "static" / "vendor"

spec = importlib.util.spec_from_file_location("vendor_tool", ROOT / ".ci" / "vendor.py")
assert spec is not None and spec.loader is not None
vendor = importlib.util.module_from_spec(spec)
spec.loader.exec_module(vendor)


def test_every_vendored_file_is_in_the_manifest_with_its_checksum() -> None:
    assert vendor.check() == []


def test_manifest_names_version_and_licence_of_every_file() -> None:
    entries = json.loads((VENDOR / "MANIFEST.json").read_text(encoding="utf-8"))["files"]
    versions = json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert len(entries) >= 9
    for entry in entries:
        assert entry["version"] == versions[entry["name"]]
        assert entry["licence"] == vendor.LICENCES[entry["name"]]


def test_the_lock_file_holds_no_address() -> None:
    lock = (VENDOR / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://" not in lock


def test_every_icon_used_is_in_the_sprite() -> None:
    sprite = (ROOT / "static" / "img" / "icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    used: dict[str, str] = {}
    for page in (ROOT / "templates").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r'{%\s*icon\s+"([^"]+)"', text):
            used[name] = str(page.relative_to(ROOT))
    assert used
    missing = {name: page for name, page in used.items() if name not in drawn}
    assert missing == {}
