"""The hot path: all writes of one text message in one statement.

The only command that may do so (design §3); ``tests/cases/test_sending.py`` holds it against the plain way, which
images still go.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from cases.events import MessageSent
from cases.models import Case, Message
from direkt1177.accounts.actors import AnyActor
from direkt1177.audit.record import row_of
from direkt1177.outbox import effects
from direkt1177.realtime import changes

_LOG = (
    "request_id", "actor_kind", "actor_key", "actor_name", "actor_role", "unit_id", "provider_id", "event",
    "object_type", "object_id", "patient_id", "from_state", "to_state", "data",
)  # fmt: skip
_SEND = f"""
WITH counters AS (
    UPDATE cases_case SET last_seq = %(seq)s, last_patient_seq = %(last_patient_seq)s,
           last_staff_seq = %(last_staff_seq)s, first_reply_at = %(first_reply_at)s
     WHERE id = %(case)s
), said AS (
    INSERT INTO cases_message
           (case_id, seq, author, author_key, author_name, author_title, client_id, kind, text, sent_at)
    VALUES (%(case)s, %(seq)s, %(author)s, %(author_key)s, %(author_name)s, %(author_title)s, %(client_id)s, 'text',
            %(text)s, %(at)s)
), logged AS (
    INSERT INTO audit_changelog ({", ".join(_LOG)}) VALUES ({", ".join(f"%(log_{name})s" for name in _LOG)})
), effect AS (
    {effects.INSERT.format(*(f"%(effect_{i})s" for i in range(5)))}
), {changes.NUMBERED}
SELECT feed, version FROM heads
"""  # noqa: S608 - names of columns only
_WITHOUT_EFFECT = _SEND[: _SEND.index("effect AS (")] + _SEND[_SEND.index(changes.NUMBERED) :]


def store(*, case: Case, message: Message, event: MessageSent, actor: AnyActor) -> None:
    """Store the message, the case's counters, the audit row, the SMS to come and the feed changes.

    The last statement of the command: heads of feeds are locked from here to COMMIT.

    Args:
        case: locked, with the message already counted.
        message: a text, not stored yet.
        event: what goes into log, outbox and feeds.
        actor: who wrote.
    """
    log = row_of(event, actor=actor)
    values: dict[str, Any] = {
        "case": case.pk,
        "seq": message.seq,
        "last_patient_seq": case.last_patient_seq,
        "last_staff_seq": case.last_staff_seq,
        "first_reply_at": case.first_reply_at,
        "author": str(message.author),
        "author_key": message.author_key,
        "author_name": message.author_name,
        "author_title": message.author_title,
        "client_id": message.client_id,
        "text": message.text,
        "at": message.sent_at,
        **{f"log_{name}": Jsonb(log[name]) if name == "data" else log[name] for name in _LOG},
        **changes.numbering(event.doorbells()),
    }
    later = event.effects()
    for spec in later:
        values |= {f"effect_{i}": value for i, value in enumerate(effects.values_of(spec))}
    with connection.cursor() as cursor:
        cursor.execute(_SEND if later else _WITHOUT_EFFECT, values)
        changes.announce(dict(cursor.fetchall()))
