"""Ask for a side effect inside a transaction; handlers are registered by the apps that know the content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from direkt1177.outbox.models import Effect


@dataclass(frozen=True, slots=True)
class EffectSpec:
    """A side effect to do after commit.

    Attributes:
        kind: name of a registered handler, such as ``resident_sms``.
        key: unique; asking twice with the same key does it once.
        aggregate: effects of one aggregate run one at a time, in order.
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
    """Store the effect in the caller's transaction; False when the key already exists."""
    if spec.kind not in _handlers:
        raise KeyError(f"no handler for effect kind {spec.kind!r}")
    created = Effect.objects.bulk_create(
        [
            Effect(
                key=spec.key,
                kind=spec.kind,
                aggregate=spec.aggregate,
                payload=spec.payload,
                due_at=spec.due_at or timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )
    return bool(created)
