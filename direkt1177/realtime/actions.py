"""What clients may ask for over a socket or its HTTP twin; the apps register their commands here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from direkt1177.realtime.frames import BadFrameError
from direkt1177.realtime.refused import Refused

logger = logging.getLogger(__name__)
Handler = Callable[[Any, Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Action:
    """A registered action.

    Attributes:
        name: value of ``action`` in the frame.
        schema: pydantic model of the other keys, ``extra="forbid"``.
        handler: called in a database thread with actor and model; returns facts for the ack (``seq``, ``at``).
        cheap: counted against the generous budget (read marks), not the one of messages.
    """

    name: str
    schema: type[BaseModel]
    handler: Handler
    cheap: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ack of an action and the HTTP status of the twin; ``malformed`` counts as a strike on a socket."""

    ack: dict[str, Any]
    status: int = 200
    malformed: bool = False


_actions: dict[str, Action] = {}


def register(name: str, *, schema: type[BaseModel], handler: Handler, cheap: bool = False) -> None:
    """Add an action (from ``AppConfig.ready``).

    Raises:
        ValueError: the schema lets unknown keys through.
    """
    if schema.model_config.get("extra") != "forbid":
        raise ValueError(f"the schema of {name!r} must forbid extra keys")
    _actions[name] = Action(name, schema, handler, cheap)


def find(name: object) -> Action | None:
    """The registered action, or None."""
    return _actions.get(name) if isinstance(name, str) else None


def named(name: object) -> Action:
    """The registered action.

    Raises:
        BadFrameError: ``unknown_action``.
    """
    action = find(name)
    if action is None:
        raise BadFrameError("unknown_action")
    return action


def too_fast(action: str, frame: dict[str, Any]) -> dict[str, Any]:
    """The ack of an action that came too soon after too many others; it may be tried again."""
    return _no(action, frame, "too_fast", _("That was too many at once. Wait a moment and send again."))


def perform(action: Action, actor: Any, frame: dict[str, Any]) -> Outcome:
    """Check the frame, call the handler and say how it went; never raises.

    Args:
        action: what to do.
        actor: who asks, with fresh rights.
        frame: the frame without ``action``.
    """
    try:
        payload = action.schema.model_validate(frame)
    except ValidationError as error:
        malformed = any(e["type"] in {"extra_forbidden", "missing"} for e in error.errors(include_input=False))
        text = _("It could not be sent as it was written. Shorten or change it and send again.")
        return Outcome(_no(action.name, frame, "invalid", text), 400 if malformed else 422, malformed)
    try:
        facts = action.handler(actor, payload)
    except Refused as refusal:
        return Outcome(_no(action.name, frame, refusal.code, str(refusal.message)), refusal.status)
    except Exception as error:
        logger.exception("action %s failed: %s", action.name, type(error).__name__, exc_info=_without_content(error))
        text = _("It could not be sent just now. Try again.")
        return Outcome(_no(action.name, frame, "unavailable", text), 503)
    return Outcome({"type": "ack", "action": action.name, "id": _id(frame), "ok": True, **facts})


def _no(action: str, frame: dict[str, Any], code: str, message: str) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"type": "ack", "action": action, "id": _id(frame), "ok": False, "error": error}


def _id(frame: dict[str, Any]) -> str | None:
    value = frame.get("id")
    return value[:64] if isinstance(value, str) else None


def _without_content(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    """Where it happened, but not the message: database errors quote the row, which holds patients' words."""
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__
