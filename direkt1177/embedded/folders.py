"""Where embedded servers keep data and sockets, who may start them, and where their binaries lie."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from direkt1177.embedded.processes import ServerError

ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
NOBODY = 65534
# Linux refuses unix socket paths of 108 bytes or more, their closing zero included.
_LONGEST_SOCKET = 107


def addresses_given(environ: Mapping[str, str]) -> bool:
    """Whether the environment names other servers; all three addresses or none.

    Raises:
        ServerError: when only some of the addresses are given.
    """
    given = [name for name in ADDRESSES if environ.get(name)]
    if given and len(given) < len(ADDRESSES):
        missing = ", ".join(name for name in ADDRESSES if name not in given)
        raise ServerError(f"{', '.join(given)} is set but {missing} is not: set all three or none.")
    return bool(given)


def run_folder(data: Path) -> Path:
    """The folder of the sockets: ``<data>/run``, or a short one under /tmp when that path is too long for a socket."""
    folder = data / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) < _LONGEST_SOCKET:
        return folder
    digest = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"direkt1177-{os.getuid()}-{digest}"


def private_folder(folder: Path) -> Path:
    """Create a folder that only this user may enter.

    Raises:
        ServerError: when somebody else made it first.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid not in (os.getuid(), NOBODY) or folder.is_symlink():
        raise ServerError(f"{folder} belongs to another user; remove it and start again.")
    if folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)
    return folder


def find_wheel(name: str) -> Path:
    """Folder of an installed package, without importing it.

    Raises:
        ServerError: when it is not installed.
    """
    # Found, never imported: the packages' own Python code changes folders and makes users when run as root.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(f"{name} is not installed; run `make demo`, or set {', '.join(ADDRESSES)}.")
    return Path(spec.submodule_search_locations[0])


class Lock:
    """One supervisor per data folder: ``flock`` goes away with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock and write the process number into it.

        Raises:
            ServerError: when another process holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise ServerError(
                f"The servers in {self.path.parent} are already running (process {holder}). "
                "Stop that one with Ctrl-C first, or use a copy of the project."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            self._file.close()
            self._file = None
