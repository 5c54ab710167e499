"""Refresh the third-party files under static/ (maintainers only; needs npm).

    python .ci/vendor.py          # copy from the packages named in static/vendor/package.json
    python .ci/vendor.py --check  # only compare what lies here with the manifest

Nobody who runs or develops the service needs npm: the files are committed, and
``static/vendor/MANIFEST.json`` names package, version, licence and SHA-256 of each.
The theme is our own output of Designsystemet's command line tool (see theme.config.json).
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
MANIFEST = VENDOR / "MANIFEST.json"

# target under static/ -> package, path inside it
COPIES = {
    "vendor/designsystemet/designsystemet.css": ("@digdir/designsystemet-css", "dist/src/index.css"),
    "vendor/designsystemet/LICENSE": ("@digdir/designsystemet-css", "LICENSE"),
    "vendor/htmx/htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "vendor/htmx/LICENSE": ("htmx.org", "LICENSE"),
    "vendor/inter/inter-latin-wght-normal.woff2": (
        "@fontsource-variable/inter",
        "files/inter-latin-wght-normal.woff2",
    ),
    "vendor/inter/inter-latin-ext-wght-normal.woff2": (
        "@fontsource-variable/inter",
        "files/inter-latin-ext-wght-normal.woff2",
    ),
    "vendor/inter/LICENSE": ("@fontsource-variable/inter", "LICENSE"),
    "vendor/lucide/LICENSE": ("lucide-static", "LICENSE"),
}
LICENCES = {
    "@digdir/designsystemet-css": "MIT",
    "@fontsource-variable/inter": "OFL-1.1",
    "htmx.org": "0BSD",
    "lucide-static": "ISC",
}
SPRITE = "img/icons.svg"
THEME = "vendor/designsystemet/theme.css"


def sha256(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build_sprite(icons: Path, names: list[str]) -> str:
    """One SVG with a symbol per icon.

    Args:
        icons: folder with one SVG file per icon.
        names: icons wanted.

    Raises:
        FileNotFoundError: an icon does not exist in this version of the set.
    """
    symbols = []
    for name in names:
        body = re.sub(r"<!--.*?-->", "", (icons / f"{name}.svg").read_text(encoding="utf-8"), flags=re.DOTALL)
        inner = re.sub(r"\s*\n\s*", " ", re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", body, flags=re.DOTALL))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner.strip()}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def refresh() -> None:
    """Install the pinned packages in a temporary folder, copy, draw the sprite, write the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(VENDOR / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
        modules = Path(folder) / "node_modules"
        for target, (package, source) in COPIES.items():
            (STATIC / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(modules / package / source, STATIC / target)
        names = (VENDOR / "icons.txt").read_text(encoding="utf-8").split()
        (STATIC / SPRITE).parent.mkdir(parents=True, exist_ok=True)
        (STATIC / SPRITE).write_text(build_sprite(modules / "lucide-static" / "icons", names), encoding="utf-8")
    write_manifest()


def write_manifest() -> None:
    """Write name, version, licence and checksum of every third-party file."""
    versions = json.loads((VENDOR / "package.json").read_text(encoding="utf-8"))["dependencies"]
    files = {target: package for target, (package, _) in COPIES.items()}
    files[SPRITE] = "lucide-static"
    files[THEME] = "@digdir/designsystemet-css"
    entries = [
        {
            "file": target,
            "name": package,
            "version": versions[package],
            "licence": LICENCES[package],
            "sha256": sha256(STATIC / target),
        }
        for target, package in sorted(files.items())
    ]
    MANIFEST.write_text(json.dumps({"files": entries}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def check() -> list[str]:
    """What differs between the manifest and the files; empty when all is well."""
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))["files"]
    wrong = [entry["file"] for entry in entries if sha256(STATIC / entry["file"]) != entry["sha256"]]
    named = {entry["file"] for entry in entries}
    own = {"vendor/MANIFEST.json", "vendor/package.json", "vendor/package-lock.json", "vendor/icons.txt"}
    own.add("vendor/designsystemet/theme.config.json")
    lying = {str(path.relative_to(STATIC)) for path in VENDOR.rglob("*") if path.is_file()}
    return wrong + sorted(lying - named - own)


if __name__ == "__main__":
    if "--check" in sys.argv:
        problems = check()
        sys.exit("\n".join(problems) or 0)
    refresh()
