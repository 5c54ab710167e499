"""The hot path: all writes of text messages in one statement, whatever number of them comes together.

The only command that may do so (design §3); ``tests/cases/test_sending.py`` holds it against the plain way, which
images still go.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cases.events import MessageSent
from cases.models import Case, Message
from direkt1177.accounts.actors import AnyActor
from direkt1177.audit.record import row_of
from direkt1177.outbox import effects
from direkt1177.realtime import changes
from direkt1177.realtime.changes import Change

COUNTERS = {
    "id": "bigint", "last_seq": "int", "last_patient_seq": "int", "last_staff_seq": "int",
    "first_reply_at": "timestamptz",
}  # fmt: skip
_MESSAGE = {
    "case_id": "bigint", "seq": "int", "author": "text", "author_key": "text", "author_name": "text",
    "author_title": "text", "client_id": "text", "kind": "text", "text": "text", "sent_at": "timestamptz",
}  # fmt: skip
_LOG = {
    "request_id": "text", "actor_kind": "text", "actor_key": "text", "actor_name": "text", "actor_role": "text",
    "unit_id": "bigint", "provider_id": "bigint", "event": "text", "object_type": "text", "object_id": "text",
    "patient_id": "bigint", "from_state": "text", "to_state": "text", "data": "jsonb",
}  # fmt: skip
_EFFECT = {"key": "text", "kind": "text", "aggregate": "text", "payload": "jsonb", "due_at": "timestamptz"}


def _rows(part: str, columns: dict[str, str]) -> str:
    arrays = ", ".join(f"%({part}_{name})s::{kind}[]" for name, kind in columns.items())
    return f"unnest({arrays}) AS new ({', '.join(columns)})"


def _insert(table: str, part: str, columns: dict[str, str]) -> str:
    names = ", ".join(columns)
    return f"INSERT INTO {table} ({names}) SELECT {names} FROM {_rows(part, columns)}"  # noqa: S608 - constants


_SEND = f"""
WITH counters AS (
    UPDATE cases_case SET {", ".join(f"{name} = new.{name}" for name in COUNTERS if name != "id")}
      FROM {_rows("counters", COUNTERS)} WHERE cases_case.id = new.id
), said AS (
    {_insert("cases_message", "message", _MESSAGE)}
), logged AS (
    {_insert("audit_changelog", "log", _LOG)}
), effect AS (
    {effects.insert_many(_rows("effect", _EFFECT))}
), {changes.NUMBERED}
SELECT feed, version FROM heads
"""  # noqa: S608 - names of columns only


@dataclass(frozen=True, slots=True)
class Line:
    """A text to be stored.

    Attributes:
        case: locked, with the message already counted.
        message: not stored yet.
        event: what goes into log, outbox and feeds.
        log: the audit row of the event.
    """

    case: Case
    message: Message
    event: MessageSent
    log: dict[str, Any]


def store(*, case: Case, message: Message, event: MessageSent, actor: AnyActor) -> None:
    """Store the message, the case's counters, the audit row, the SMS to come and the feed changes.

    The last statement of the command: heads of feeds are locked from here to COMMIT.

    Args:
        case: locked, with the message already counted.
        message: a text, not stored yet.
        event: what goes into log, outbox and feeds.
        actor: who wrote.
    """
    sql, values, _bells = statement([Line(case, message, event, row_of(event, actor=actor))])
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        changes.announce(dict(cursor.fetchall()))


def statement(lines: Sequence[Line]) -> tuple[str, dict[str, Any], list[Change]]:
    """The statement that stores messages, of several cases if need be, its values, and what it changes in feeds.

    It gives the new version of each feed.

    Args:
        lines: in the order of their numbers within each case; all cases locked.
    """
    cases = {line.case.pk: line.case for line in lines}
    bells = [bell for line in lines for bell in line.event.doorbells()]
    specs = [effects.values_of(spec) for line in lines for spec in line.event.effects()]
    values: dict[str, Any] = changes.numbering(bells)
    for name in COUNTERS:
        values[f"counters_{name}"] = [getattr(case, name) for case in cases.values()]
    for name in _MESSAGE:
        values[f"message_{name}"] = [getattr(line.message, name) for line in lines]
    for name in ("author", "kind"):  # members of an enumeration
        values[f"message_{name}"] = [str(each) for each in values[f"message_{name}"]]
    for name in _LOG:
        values[f"log_{name}"] = [line.log[name] for line in lines]
    values["log_data"] = [json.dumps(each) for each in values["log_data"]]
    for at, name in enumerate(_EFFECT):
        values[f"effect_{name}"] = [spec[at] for spec in specs]
    return _SEND, values, bells
