"""Ask for a side effect inside a transaction; handlers are registered by the apps that know the content."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from direkt1177.outbox import nudge
from direkt1177.outbox.models import Effect

# The key is unique: asking twice does it once.
_GIVEN = "key, kind, aggregate, payload, due_at"
_REST = "'due', 0, '', '', clock_timestamp()"
_INTO = f"INSERT INTO outbox_effect ({_GIVEN}, state, attempts, note, last_error, created_at)"
_ONCE = "ON CONFLICT (key) DO NOTHING RETURNING id"
_INSERT = f"{_INTO} VALUES (%s, %s, %s, %s::jsonb, %s, {_REST}) {_ONCE}"


def insert_many(rows: str) -> str:
    """The statement that asks for many effects, for the hot path.

    Args:
        rows: what follows FROM; has the columns key, kind, aggregate, payload and due_at.
    """
    return f"{_INTO} SELECT {_GIVEN}, {_REST} FROM {rows} {_ONCE}"  # noqa: S608 - names of columns only


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """A side effect to do after commit.

    Attributes:
        kind: name of a registered handler, such as ``resident_sms``.
        key: unique; asking twice with the same key does it once.
        aggregate: effects of one aggregate run one at a time, in order of due time.
        payload: ids and template names only, never names, numbers or text.
        due_at: when, UTC; None means now.
    """

    kind: str
    key: str
    aggregate: str
    payload: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


# Carries out the effect and may say in a word how it ended (``no_number``). Raising means: try again later.
Handler = Callable[[Effect], str | None]
_handlers: dict[str, Handler] = {}


def present() -> datetime:
    """The moment against which due times are held, moved like the clock of the rules that set them."""
    return timezone.now() + timedelta(seconds=getattr(settings, "CLOCK_OFFSET_SECONDS", 0))


def register_handler(kind: str, handler: Handler) -> None:
    """Name the function that carries out effects of a kind (called from ``AppConfig.ready``)."""
    _handlers[kind] = handler


def handler_for(kind: str) -> Handler:
    """The registered handler.

    Raises:
        KeyError: nothing is registered under that kind.
    """
    return _handlers[kind]


def enqueue(spec: EffectSpec) -> bool:
    """Store the effect in the caller's transaction; False when the key already exists.

    After commit a worker is nudged, without waiting for anything; the tick finds it in any case.

    Raises:
        KeyError: nothing is registered under that kind.
    """
    values = values_of(spec)
    due_at = values[-1]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        row = cursor.fetchone()
    if row is None:
        return False
    effect_id = int(row[0])

    def wake() -> None:
        nudge.offer(effect_id)

    if due_at <= present():
        transaction.on_commit(wake, robust=True)
    return True


def values_of(spec: EffectSpec) -> list[Any]:
    """The five values of a row: key, kind, aggregate, payload, when due.

    Raises:
        KeyError: nothing is registered under that kind.
    """
    if spec.kind not in _handlers:
        raise KeyError(f"no handler for effect kind {spec.kind!r}")
    payload = json.dumps(spec.payload, cls=DjangoJSONEncoder)
    return [spec.key, spec.kind, spec.aggregate, payload, spec.due_at or present()]


def cancel(key: str) -> bool:
    """Take back an effect that has not begun, in the caller's transaction; False when there is none."""
    return bool(Effect.objects.filter(key=key, state=Effect.State.DUE).update(state=Effect.State.CANCELLED))
