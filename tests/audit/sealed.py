"""What the tests of the seals share: log rows, seals now, who writes and who tampers."""

from __future__ import annotations

import os
from datetime import timedelta

import psycopg

from direkt1177.audit.read_log import log_read
from direkt1177.audit.record import command, record
from direkt1177.audit.sealing import seal_logs
from tests.audit.acting import Somebody, SomethingHappened

NOW = timedelta(0)
INSERT_STAY = "INSERT INTO audit_boardstay (board, object_id, patient_id, op) VALUES ('b', %s, 7, 'enter')"


@command
def do_things(*, actor: Somebody, many: int = 3) -> None:
    """Add so many rows to each log."""
    for number in range(many):
        record(SomethingHappened(str(number)), actor=actor)
        log_read(actor=actor, action="open", object_type="case", object_id=str(number), patients=[7, 8], basis="holder")


def seal_now() -> int:
    """Seal what is closed, however new."""
    return seal_logs(older_than=NOW, patience=30)


def as_app() -> psycopg.Connection:
    """A connection of the application's role whose transactions the test ends itself."""
    return psycopg.connect(os.environ["DATABASE_URL"])
