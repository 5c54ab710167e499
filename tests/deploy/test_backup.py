"""The drill: 50 MB are backed up while somebody writes, restored elsewhere, and everything is equal."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from direkt1177 import backups
from direkt1177.backups import BackupError, make_backup, measure, restore_backup
from tests import databases
from tests.plugin import with_database

_FILL = """
INSERT INTO audit_readlog (actor_kind, actor_key, actor_name, actor_role, object_type, object_id, action, basis, reason,
    patients, request_id)
  SELECT 'staff', 'staff:' || n % 50, 'Anna Provsson', 'nurse', 'case', n::text, 'open', 'holder', '', ARRAY[n % 999],
    md5(n::text) FROM generate_series(1, 20000) n;
INSERT INTO audit_changelog (actor_kind, actor_key, actor_name, actor_role, object_type, object_id, event, patient_id,
    from_state, to_state, data, request_id)
  SELECT 'staff', 'staff:' || n % 50, 'Anna Provsson', 'nurse', 'case', n::text, 'drill', n % 999, 'waiting',
    'received', jsonb_build_object('n', n), md5(n::text) FROM generate_series(1, 15000) n;
INSERT INTO cases_message (case_id, seq, author, author_key, author_name, author_title, client_id, kind, text)
  SELECT (SELECT min(id) FROM cases_case), 1000 + n, 'patient', 'drill', '', '', n::text, 'text',
    'Det är åäö 😀 ' || repeat(md5(n::text), 58) FROM generate_series(1, 20000) n
"""
_SIZE = """
SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
Seeded = Callable[[str | None, int, Mapping[str, str]], str]


@pytest.fixture
def new_database(migrated_template: None) -> Generator[Callable[[str], str], None, None]:
    """Factory of databases by ending; an empty one has roles and grants, as an operator would prepare it."""
    made = []

    def create(ending: str, template: str = "template1") -> str:
        name = f"{databases.template_name()}_{ending}"
        databases.create_copy(name, template=template)
        made.append(name)
        return with_database(os.environ["MAINTENANCE_DATABASE_OWNER_URL"], name)

    yield create
    for name in made:
        databases.drop(name)


def _write_on(address: str, stop: threading.Event, written: list[int]) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        while not stop.is_set():
            connection.execute(
                "INSERT INTO outbox_simulatedsms (reference, \"to\", text, sent_at) VALUES (%s, '', '', now())",
                [f"drill-{len(written)}"],
            )
            written.append(1)


def test_the_drill(seeded_database: Seeded, new_database: Callable[..., str], tmp_path: Path) -> None:
    source = new_database("drill", seeded_database(None, 60, {}))
    with psycopg.connect(source) as connection:
        connection.execute(_FILL.encode())
    with psycopg.connect(source) as connection:
        size = (connection.execute(_SIZE.encode()).fetchone() or (0,))[0]
    assert size >= 50_000_000
    uploads = tmp_path / "uploads"
    for number in range(20):
        (uploads / f"{number % 3}").mkdir(parents=True, exist_ok=True)
        (uploads / f"{number % 3}/{number}.jpg").write_bytes(os.urandom(100_000))

    stop, written = threading.Event(), list[int]()
    writer = threading.Thread(target=_write_on, args=(source, stop, written))
    writer.start()
    began = time.monotonic()
    try:
        while not written:
            assert time.monotonic() - began < 20
        made = make_backup(address=source, uploads=uploads, folder=tmp_path / "backups")
    finally:
        stop.set()
        writer.join()
    target = new_database("restored")
    rows = restore_backup(backup=made, address=target, uploads=tmp_path / "restored")
    took = time.monotonic() - began
    print(f"drill: {size / 1e6:.0f} MB in {took:.1f} s, {sum(rows.values())} rows in {len(rows)} tables")
    assert took < 60

    manifest = json.loads((made / "manifest.json").read_text())["contents"]
    assert rows == {name: count for name, (count, _) in manifest["tables"].items()}
    assert rows["audit_readlog"] >= 20_000 and rows["cases_message"] >= 20_000 and rows["cases_case"] == 60
    assert len(written) >= rows["outbox_simulatedsms"] > 0, "what was written meanwhile belongs to the next back-up"
    with psycopg.connect(source) as old, psycopg.connect(target) as new:
        before, after = measure(old), measure(new)
    before["tables"].pop("outbox_simulatedsms")
    after["tables"].pop("outbox_simulatedsms")
    assert after == before
    assert (
        len(after["constraints"]) > 100
        and len(after["triggers"]) >= 6
        and not any("NOT VALID" in c for c in after["constraints"])
    )
    files = {path.relative_to(uploads): path.read_bytes() for path in uploads.rglob("*.jpg")}
    again = {
        path.relative_to(tmp_path / "restored"): path.read_bytes() for path in (tmp_path / "restored").rglob("*.jpg")
    }
    assert again == files

    # It can be worked with: numbers go on, proofs stay proofs, `app` may do what it may and no more.
    app = with_database(os.environ["MAINTENANCE_DATABASE_URL"], databases.name_of(target))
    with psycopg.connect(app, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO audit_readlog (actor_kind, actor_key, actor_name, actor_role, object_type, object_id, action,"
            " basis, reason, patients, request_id)"
            " VALUES ('system', 's', 's', '', 'case', '1', 'open', 'holder', '', '{}', '')"
        )
        # The new database opens tables to `app` by default; those that are proofs must be closed again.
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE audit_readlog SET actor_name = 'x'")
    with psycopg.connect(target, autocommit=True) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("DELETE FROM audit_readlog WHERE id = (SELECT min(id) FROM audit_readlog)")


@pytest.fixture
def small(new_database: Callable[..., str], tmp_path: Path) -> tuple[Path, Path]:
    """A back-up of a freshly migrated database, and a place for its images."""
    source = new_database("small", databases.template_name())
    made = make_backup(address=source, uploads=tmp_path / "none", folder=tmp_path / "backups")
    return made, tmp_path / "images"


def test_a_back_up_is_for_its_owner_only(small: tuple[Path, Path]) -> None:
    made, _ = small
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert {path.name for path in made.iterdir()} == {"database.dump", "uploads.tar", "manifest.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.iterdir()} == {0o600}
    assert [path.name for path in made.parent.iterdir()] == [made.name]


def test_a_damaged_file_is_found_before_anything_is_restored(
    small: tuple[Path, Path], new_database: Callable[..., str]
) -> None:
    made, images = small
    dump = bytearray((made / "database.dump").read_bytes())
    dump[len(dump) // 2] ^= 1
    (made / "database.dump").write_bytes(dump)
    target = new_database("target")
    with pytest.raises(BackupError, match=r"database\.dump is damaged"):
        restore_backup(backup=made, address=target, uploads=images)
    with psycopg.connect(target) as connection:
        assert measure(connection)["tables"] == {}


def test_nothing_is_written_over(small: tuple[Path, Path], new_database: Callable[..., str]) -> None:
    made, images = small
    with pytest.raises(BackupError, match="the database is not empty"):
        restore_backup(backup=made, address=new_database("full", databases.template_name()), uploads=images)
    images.mkdir()
    (images / "x.jpg").touch()
    with pytest.raises(BackupError, match="is not empty"):
        restore_backup(backup=made, address=new_database("target"), uploads=images)


@pytest.mark.parametrize("kind", ["tables", "constraints", "triggers", "indexes", "grants", "defaults"])
def test_a_difference_is_found(kind: str, small: tuple[Path, Path], new_database: Callable[..., str]) -> None:
    made, images = small
    manifest = json.loads((made / "manifest.json").read_text())
    part = manifest["contents"][kind]
    if isinstance(part, dict):
        part["django_migrations"][1] = "0"
        says = "tables django_migrations"
    else:
        part.append("something that was there")
        says = f"{kind} something that was there"
    (made / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match=f"not equal: {re.escape(says)}$"):
        restore_backup(backup=made, address=new_database("target"), uploads=images)


def test_a_changed_row_changes_the_digest(new_database: Callable[..., str]) -> None:
    address = new_database("digest", databases.template_name())
    with psycopg.connect(address) as connection:
        before = measure(connection)["tables"]
        connection.execute(sql.SQL("UPDATE django_migrations SET name = name || 'x' WHERE id = 1"))
        after = measure(connection)["tables"]
        connection.rollback()
    assert [name for name in before if before[name] != after[name]] == ["django_migrations"]
    assert before["django_migrations"][0] == after["django_migrations"][0]


def test_the_commands_say_what_they_did(new_database: Callable[..., str], tmp_path: Path) -> None:
    source, target = new_database("small", databases.template_name()), new_database("target")
    images = {"UPLOAD_ROOT": str(tmp_path / "images")}
    said = databases.run_manage("backup", str(tmp_path / "backups"), env={**images, "DATABASE_OWNER_URL": source})
    made = said.split(":")[0]
    assert re.search(r": [\d.]+ MB in [\d.]+ s$", said.strip())
    said = databases.run_manage("restore", made, env={**images, "DATABASE_OWNER_URL": target})
    assert re.search(r"^\d+ rows in \d+ tables restored and compared, all equal", said)


def test_a_password_is_not_seen_in_the_list_of_processes(tmp_path: Path) -> None:
    seen = tmp_path / "pg_dump"
    seen.write_text('#!/bin/sh\necho "$@" > "$0.seen"; echo "$PGPASSWORD" >> "$0.seen"; exit 1\n')
    seen.chmod(0o700)
    with pytest.raises(BackupError, match="pg_dump failed: without a word"):
        backups._run(str(seen), "postgresql://owner:s%20cret@db/direkt")
    assert (tmp_path / "pg_dump.seen").read_text() == "--dbname=postgresql://owner@db/direkt\ns cret\n"


def test_an_older_program_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump refuses servers newer than itself."""
    for name, version in (("old", "15.2"), ("new", "18.1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        (tmp_path / name / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PG_BIN", str(tmp_path / "new"))
    assert backups.program("pg_dump", 180000) == str(tmp_path / "new/pg_dump")
    monkeypatch.setenv("PG_BIN", str(tmp_path / "old"))
    assert backups.program("pg_dump", 180000) != str(tmp_path / "old/pg_dump")
    with pytest.raises(BackupError, match="pg_dump 99 or later was not found"):
        backups.program("pg_dump", 990000)
