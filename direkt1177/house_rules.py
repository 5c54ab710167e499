"""House rules about files, checked by the tests and before a commit: sizes, registry addresses, look-alike packages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
# Written in pieces, or this file would be the first to break the rule.
_HOSTS = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "npm" + r"js\.(org|com)",
    "yarn" + r"pkg\.com",
    "deb" + r"\.debian\.org",
    "crates" + r"\.io",
    "proxy" + r"\.golang\.org",
]
_REGISTRY = re.compile("|".join(_HOSTS))
_CODE = {".py", ".js", ".css", ".html", ".sh"}


def committed_files() -> list[Path]:
    """All files that git knows or would take in."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in sorted(set(names)) if (ROOT / name).is_file()]


def find_faults() -> list[str]:
    """What breaks the rules, one line each."""
    faults = []
    for path in committed_files():
        name = str(path.relative_to(ROOT))
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        vendored = name.startswith("static/vendor/")
        if path.suffix in _CODE and not vendored and "/migrations/" not in name:
            lines = text.count("\n")
            if lines > LONGEST:
                faults.append(f"{name}: {lines} lines; split files of more than {LONGEST}")
        if found := _REGISTRY.search(text):
            faults.append(f"{name}: names a registry's host ({found.group()})")
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text(encoding="utf-8")
        if "://" in text:
            faults.append(f"{lock.name}: holds an address")
        # An unrelated package of 2016 with a tempting name; ours is called "channels".
        if re.search(r"^django[-_.]channels\b", text, re.MULTILINE | re.IGNORECASE):
            faults.append(f"{lock.name}: django-channels is not Channels")
    return faults


if __name__ == "__main__":
    found_faults = find_faults()
    print("\n".join(found_faults))
    sys.exit(1 if found_faults else 0)
