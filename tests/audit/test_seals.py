"""Sealed logs: nobody changes, removes or adds a row unseen, and nobody can make seals without the key (S-26)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from direkt1177.audit import seal_chain, sealing
from direkt1177.audit.models import BoardStay, ChangeLog, ReadLog, Seal
from direkt1177.audit.seal_chain import COLUMNS, LAYOUT, TABLES
from direkt1177.audit.seal_check import check_log, read_anchors
from direkt1177.audit.sealing import oldest_unsealed_age, seal_logs
from direkt1177.outbox import ticks
from tests.audit.acting import Somebody
from tests.audit.sealed import INSERT_STAY, as_app, do_things, seal_now

pytestmark = pytest.mark.django_db(transaction=True)


def _faults() -> dict[str, str]:
    return {log: fault for log in TABLES if (fault := check_log(log).fault)}


@pytest.fixture
def behind(owner_connection: psycopg.Connection) -> psycopg.Connection:
    """Somebody who can put triggers to sleep, as an administrator of the database can."""
    owner_connection.execute("SET session_replication_role = replica")
    return owner_connection


def test_empty_logs_are_sealed_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    assert seal_now() == 0
    assert oldest_unsealed_age() == 0.0
    call_command("verify_audit")
    assert "read_log: 0 seals over 0 rows hold; 0 newer rows are not sealed yet" in capsys.readouterr().out


def test_every_row_is_sealed_once_and_the_chain_goes_on() -> None:
    do_things(actor=Somebody())
    assert seal_now() == 3
    assert seal_now() == 0
    do_things(actor=Somebody(), many=2)
    assert seal_now() == 3
    for log in TABLES:
        check = check_log(log)
        assert (check.seals, check.rows, check.unsealed, check.fault) == (2, 5, 0, "")


def test_a_long_log_becomes_many_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_ROWS", 4)
    monkeypatch.setattr(seal_chain, "_PAGE", 3)
    do_things(actor=Somebody(), many=10)
    assert seal_now() == 9
    assert list(Seal.objects.filter(log="read_log").order_by("number").values_list("rows", flat=True)) == [4, 4, 2]
    assert _faults() == {}


def test_a_tick_waits_until_rows_are_a_minute_old_and_monitoring_sees_their_age(behind: psycopg.Connection) -> None:
    do_things(actor=Somebody())
    assert seal_logs() == 0
    assert 0 < oldest_unsealed_age() < 60
    behind.execute("UPDATE audit_readlog SET at = at - interval '2 hours'")
    assert 7200 <= oldest_unsealed_age() < 7300
    assert ticks.run_all()["seal_logs"]
    assert list(Seal.objects.values_list("log", flat=True)) == ["read_log"]
    assert oldest_unsealed_age() < 60


TAMPERING = {
    "changed": ("UPDATE {} SET object_id = 'x' WHERE id = %(middle)s", "rows were changed"),
    "changed time": ("UPDATE {} SET at = at + interval '1 microsecond' WHERE id = %(middle)s", "rows were changed"),
    "removed": ("DELETE FROM {} WHERE id = %(middle)s", "3 rows were sealed, 2 are there"),
    "removed first": ("DELETE FROM {} WHERE id = %(middle)s - 1", "3 rows were sealed, 2 are there"),
    "moved into an earlier range": (
        "UPDATE {} SET id = %(middle)s - 100000 WHERE id = %(middle)s",
        "3 rows were sealed, 4 are there",
    ),
    "all removed": ("DELETE FROM {}", "3 rows were sealed, 0 are there"),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
@pytest.mark.parametrize("kind", TAMPERING)
def test_tampering_with_triggers_off_is_found(behind: psycopg.Connection, table: str, kind: str) -> None:
    for _ in range(2):
        do_things(actor=Somebody())
        seal_now()
    statement, fault = TAMPERING[kind]
    row = behind.execute(f"SELECT max(id) - 1 FROM {table}".encode()).fetchone()
    assert row and _faults() == {}
    behind.execute(statement.format(table).encode(), {"middle": row[0]})
    (log,) = [log for log, name in TABLES.items() if name == table]
    first = 1 if kind in ("moved into an earlier range", "all removed") else 2
    assert list(_faults()) == [log]
    assert _faults()[log].startswith(f"seal {first} (ids ") and fault in _faults()[log]


@pytest.mark.parametrize("column", [each for names in COLUMNS[LAYOUT].values() for each in names if each != "id"])
def test_every_column_is_proven(behind: psycopg.Connection, column: str) -> None:
    do_things(actor=Somebody())
    seal_now()
    name, other = column.removesuffix("::text"), {
        "at": "at + interval '1 second'", "unit_id": "unit_id + 1", "provider_id": "NULL", "patient_id": "99",
        "data::text": """'{"note": 2}'""", "patients": "'{7,8,9}'", "interval": "gen_random_uuid()", "op": "'enter'",
    }.get(column, "'x'")  # fmt: skip
    broken = [log for log, names in COLUMNS[LAYOUT].items() if column in names]
    for log in broken:
        behind.execute(f'UPDATE {TABLES[log]} SET "{name}" = {other}'.encode())
    assert list(_faults()) == broken


def test_the_newest_layout_holds_every_field() -> None:
    for model, log in ((ChangeLog, "change_log"), (ReadLog, "read_log"), (BoardStay, "board_stay")):
        assert {field.column for field in model._meta.concrete_fields} == {
            name.removesuffix("::text") for name in COLUMNS[LAYOUT][log]
        }


def test_a_row_put_in_by_the_application_is_found() -> None:
    """It may INSERT, and could name an id of its own in a sealed range."""
    with closing(as_app()) as writer:
        writer.execute(INSERT_STAY, ["gone"])
        writer.rollback()
        writer.execute(INSERT_STAY, ["kept"])
        writer.commit()
        assert seal_now() == 1
        writer.execute(
            "INSERT INTO audit_boardstay (id, board, object_id, patient_id, op)"
            " SELECT min(id) - 1, 'b', 'forged', 7, 'enter' FROM audit_boardstay"
        )
        writer.commit()
    assert "1 rows were sealed, 2 are there" in _faults()["board_stay"]


def test_an_id_from_the_future_does_not_stretch_a_sealed_range() -> None:
    with closing(as_app()) as writer:
        writer.execute(
            "INSERT INTO audit_boardstay (id, board, object_id, patient_id, op) VALUES (10 ^ 12, 'b', 'x', 7, 'enter')"
        )
        writer.execute(INSERT_STAY, ["a"])
        writer.commit()
    seal_now()
    assert check_log("board_stay").rows == 1
    do_things(actor=Somebody())
    seal_now()
    assert _faults() == {}
    assert check_log("board_stay").rows == 4


SEAL_TAMPERING: dict[str, tuple[str, str]] = {
    "removed": ("DELETE FROM audit_seal WHERE log = 'read_log' AND number = 2", "missing; the next one is seal 3"),
    "changed": ("UPDATE audit_seal SET rows = 2 WHERE log = 'read_log' AND number = 2", "the seal itself was changed"),
    "later": ("UPDATE audit_seal SET at = now() WHERE log = 'read_log' AND number = 2", "the seal itself was changed"),
    "exchanged": (
        """UPDATE audit_seal SET number = -number WHERE log = 'read_log' AND number IN (2, 3);
        UPDATE audit_seal SET number = 5 + number WHERE number < 0""",
        "the seal itself was changed",
    ),
    "key": ("UPDATE audit_seal SET key_id = 'x' WHERE log = 'read_log' AND number = 2", "not among the settings"),
}


@pytest.mark.parametrize("kind", SEAL_TAMPERING)
def test_tampering_with_seals_is_found(
    behind: psycopg.Connection, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        do_things(actor=Somebody())
        seal_now()
    statement, fault = SEAL_TAMPERING[kind]
    behind.execute(statement.encode())
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    output = capsys.readouterr()
    assert "read_log: BROKEN at seal 2 (" in output.err and fault in output.err
    assert "board_stay: 3 seals over 9 rows hold" in output.out


def test_whoever_knows_the_way_but_not_the_key_cannot_make_new_seals(behind: psycopg.Connection, settings: Any) -> None:
    do_things(actor=Somebody())
    settings.AUDIT_SEAL_KEY = "the right key"
    seal_now()
    behind.execute("DELETE FROM audit_seal; UPDATE audit_readlog SET actor_name = 'Nobody'")
    settings.AUDIT_SEAL_KEY = "a guess"
    seal_now()
    settings.AUDIT_SEAL_KEY = "the right key"
    assert list(_faults()) == list(TABLES)


def test_a_new_key_seals_and_old_keys_verify(settings: Any) -> None:
    for key in ("", "second", "third"):
        settings.AUDIT_SEAL_KEYS_OLD = [settings.AUDIT_SEAL_KEY or settings.SECRET_KEY, *settings.AUDIT_SEAL_KEYS_OLD]
        settings.AUDIT_SEAL_KEY = key
        do_things(actor=Somebody())
        seal_now()
    assert _faults() == {}
    settings.AUDIT_SEAL_KEYS_OLD = settings.AUDIT_SEAL_KEYS_OLD[:1]
    assert "not among the settings" in _faults()["read_log"]


def test_seals_cut_off_at_the_end_are_found_with_codes_kept_elsewhere(
    behind: psycopg.Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        do_things(actor=Somebody())
        seal_now()
    kept = tmp_path / "kept.txt"
    call_command("verify_audit")
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    call_command("verify_audit", anchors=kept.open())
    behind.execute("DELETE FROM audit_seal WHERE number = 2; UPDATE audit_readlog SET actor_name = 'Nobody'"
                   " WHERE id = (SELECT max(id) FROM audit_readlog)")  # fmt: skip
    assert _faults() == {}
    anchors = read_anchors(kept.read_text(encoding="utf-8"))
    assert "seal 2: missing; the code of seal 2 was kept" in check_log("read_log", anchors=anchors).fault
    seal_now()
    with pytest.raises(SystemExit), kept.open() as file:
        call_command("verify_audit", anchors=file)
    assert "read_log: BROKEN at seal 2" in capsys.readouterr().err


def test_the_application_may_only_add_and_read_seals() -> None:
    do_things(actor=Somebody())
    seal_now()
    for statement in ("UPDATE audit_seal SET rows = 1", "DELETE FROM audit_seal", "TRUNCATE audit_seal"):
        with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_seal SET rows = 1", "DELETE FROM audit_seal", "TRUNCATE audit_seal"]
)
def test_triggers_stop_even_the_owner(owner_connection: psycopg.Connection, statement: str) -> None:
    do_things(actor=Somebody())
    seal_now()
    with pytest.raises(psycopg.errors.RaiseException):
        owner_connection.execute(statement.encode())
