"""One path for every change: ``@command`` opens the transaction, ``record`` proves it (design §2)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ClassVar, ParamSpec, TypeVar

from django.db import transaction

from direkt1177.audit.actor import Actor
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.realtime.changes import Change, flush
from direkt1177.realtime.request_id import request_id

_pending: ContextVar[list[Change] | None] = ContextVar("pending_changes", default=None)

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The audit row of an event; never free text from the patient."""

    object_type: str
    object_id: str
    patient_id: int | None = None
    from_state: str = ""
    to_state: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoardMove:
    """A patient enters or leaves a shared list."""

    board: str
    object_id: str
    patient_id: int
    op: str


class Event:
    """Base of what happened; each app's ``events.py`` has frozen dataclasses of these.

    A class with a ``code`` registers itself; the code stands in the log for ever, so it is unique and never reused.
    """

    code: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.code:
            return
        known = _events.setdefault(cls.code, cls)
        # dataclass(slots=True) makes the class a second time; that one is meant.
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"event code {cls.code!r} is already used by {known.__module__}.{known.__qualname__}")
        _events[cls.code] = cls

    def log(self) -> LogEntry:
        """The audit row."""
        raise NotImplementedError

    def doorbells(self) -> Sequence[Change]:
        """What changes in which feeds."""
        return ()

    def effects(self) -> Sequence[EffectSpec]:
        """Side effects to do after commit."""
        return ()

    def board_moves(self) -> Sequence[BoardMove]:
        """Who entered or left a shared list."""
        return ()


_events: dict[str, type[Event]] = {}
_subscribers: dict[str, list[Callable[[Any, Actor], None]]] = {}


class UnknownEvent(TypeError):  # noqa: N818 - named for what happened
    """``record`` got something that is not a registered event class: a programming error."""


class NotInCommand(RuntimeError):  # noqa: N818 - named for what happened
    """``record`` or ``ring`` was called outside ``@command``: a programming error."""


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Run as one durable transaction whose last statements number the feed changes.

    Commands never call commands (the durable transaction raises ``RuntimeError``); shared parts are ``steps``.
    When the function raises, nothing is stored and no doorbell rings.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            token = _pending.set([])
            try:
                result = function(*args, **kwargs)
                flush(_pending.get() or [])
            finally:
                _pending.reset(token)
        return result

    return run


def ring(changes: Sequence[Change]) -> None:
    """Add feed changes to the running command without an audit row (read marks, for example)."""
    pending = _pending.get()
    if pending is None:
        raise NotInCommand
    pending.extend(changes)


def subscribe(code: str, then: Callable[[Any, Actor], None]) -> None:
    """Let a higher app act on an event of a lower one, in the same transaction (from ``AppConfig.ready``).

    Args:
        code: of the event; not ``message_sent``, whose hot path asks nobody.
        then: gets the event and who did it; what it raises undoes the whole command.
    """
    known = _subscribers.setdefault(code, [])
    if then not in known:
        known.append(then)


def known_events() -> dict[str, type[Event]]:
    """All registered event classes by code."""
    return dict(_events)


def record(event: Event, *, actor: Actor) -> None:
    """Write the audit row, the outbox rows and the feed changes of an event in the command's transaction.

    Args:
        event: an instance of a registered class, that is one with a ``code``.
        actor: who did it.

    Raises:
        NotInCommand: called outside a command.
        UnknownEvent: the class is not registered.
    """
    if _pending.get() is None:
        raise NotInCommand
    row = row_of(event, actor=actor)
    ring(event.doorbells())
    ChangeLog.objects.create(**row)
    moves = event.board_moves()
    if moves:
        BoardStay.objects.bulk_create(
            [BoardStay(board=m.board, object_id=m.object_id, patient_id=m.patient_id, op=m.op) for m in moves]
        )
    for spec in event.effects():
        enqueue(spec)
    for then in _subscribers.get(event.code, ()):
        then(event, actor)


def row_of(event: Event, *, actor: Actor) -> dict[str, Any]:
    """The audit row of an event, for ``record`` and for the hot path.

    Args:
        event, actor: as for ``record``.

    Raises:
        UnknownEvent: the class is not registered.
    """
    if _events.get(event.code) is not type(event):
        raise UnknownEvent(f"{type(event).__qualname__} has no registered code")
    entry = event.log()
    return {
        "request_id": request_id.get(),
        "actor_kind": actor.kind,
        "actor_key": actor.key,
        "actor_name": actor.name,
        "actor_role": actor.role_name,
        "unit_id": actor.unit_id,
        "provider_id": actor.provider_id,
        "event": event.code,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "patient_id": entry.patient_id,
        "from_state": entry.from_state,
        "to_state": entry.to_state,
        "data": entry.data,
    }
