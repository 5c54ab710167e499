"""Proof is only added to: the role of the application lacks the right, and triggers stop even the owner (design §2)."""

from __future__ import annotations

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from direkt1177.audit.models import BoardStay, ChangeLog, ReadLog
from direkt1177.audit.read_log import log_read
from direkt1177.audit.record import command, record
from tests.audit.acting import Somebody, SomethingHappened

TABLES = ["audit_changelog", "audit_readlog", "audit_boardstay"]


@command
def _do_something(*, actor: Somebody) -> None:
    record(SomethingHappened("a"), actor=actor)
    log_read(actor=actor, action="open", object_type="case", object_id="a", patients=[7], basis="holder")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET object_id = 'x'", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"]
)
def test_the_application_role_may_not_change_a_row(table: str, statement: str) -> None:
    _do_something(actor=Somebody())
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app",)
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET object_id = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_triggers_stop_even_the_owner(owner_connection: psycopg.Connection, table: str, statement: str) -> None:
    _do_something(actor=Somebody())
    with pytest.raises(psycopg.errors.RaiseException):
        owner_connection.execute(statement.format(table).encode())
    counts = [model.objects.count() for model in (ChangeLog, ReadLog, BoardStay)]
    assert counts == [1, 1, 1]
