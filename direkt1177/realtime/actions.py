"""What clients may ask for over a socket or its HTTP twin; the apps register their commands here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from direkt1177.realtime.frames import BadFrameError
from direkt1177.realtime.refused import Refused

if TYPE_CHECKING:
    from direkt1177.realtime.together import Together

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
        together: carries out what many ask for at once; must do exactly what the handler does.
        alone: instead of the handler, for a wish that ``together`` has counted already.
        too_long: the refusal of a text, or a whole frame, that is longer than may be.
    """

    name: str
    schema: type[BaseModel]
    handler: Handler
    cheap: bool = False
    together: Together | None = None
    alone: Handler | None = None
    too_long: Callable[[], Refused] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The ack of an action and the HTTP status of the twin; ``malformed`` counts as a strike on a socket."""

    ack: dict[str, Any]
    status: int = 200
    malformed: bool = False


_actions: dict[str, Action] = {}


def register(name: str, *, schema: type[BaseModel], handler: Handler, **more: Any) -> None:
    """Add an action (from ``AppConfig.ready``).

    Args:
        name, schema, handler, more: attributes of ``Action``.

    Raises:
        ValueError: the schema lets unknown keys through.
    """
    if schema.model_config.get("extra") != "forbid":
        raise ValueError(f"the schema of {name!r} must forbid extra keys")
    _actions[name] = Action(name, schema, handler, **more)


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


def perform(action: Action, actor: Any, frame: dict[str, Any], *, counted: bool = False) -> Outcome:
    """Check the frame, call the handler and say how it went; never raises.

    Args:
        action: what to do.
        actor: who asks, with fresh rights.
        frame: the frame without ``action``.
        counted: limits have counted it already.
    """
    payload = check(action, frame)
    if isinstance(payload, Outcome):
        return payload
    handler = action.alone if counted and action.alone is not None else action.handler
    try:
        facts = handler(actor, payload)
    except Refused as refusal:
        return refused(action, frame, refusal)
    except Exception as error:
        logger.exception("action %s failed: %s", action.name, type(error).__name__, exc_info=_without_content(error))
        return unavailable(action, frame)
    return Outcome(agreed(action.name, frame, facts))


def check(action: Action, frame: dict[str, Any]) -> BaseModel | Outcome:
    """The frame as the action's schema has it, or why it cannot be that."""
    try:
        return action.schema.model_validate(frame)
    except ValidationError as error:
        kinds = {e["type"] for e in error.errors(include_input=False)}
        if kinds == {"string_too_long"} and action.too_long is not None:
            return refused(action, frame, action.too_long())
        malformed = bool(kinds & {"extra_forbidden", "missing"})
        text = _("It could not be sent as it was written. Shorten or change it and send again.")
        return Outcome(_no(action.name, frame, "invalid", text), 400 if malformed else 422, malformed)


def refused(action: Action, frame: dict[str, Any], refusal: Refused) -> Outcome:
    """The answer to an action that a rule forbids."""
    return Outcome(_no(action.name, frame, refusal.code, str(refusal.message)), refusal.status)


def unavailable(action: Action, frame: dict[str, Any]) -> Outcome:
    """The answer to an action that failed; it may be tried again under the same id."""
    return Outcome(_no(action.name, frame, "unavailable", _("It could not be sent just now. Try again.")), 503)


def agreed(action: str, frame: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The ack of an action that was carried out."""
    return {"type": "ack", "action": action, "id": _id(frame), "ok": True, **facts}


def _no(action: str, frame: dict[str, Any], code: str, message: str) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"type": "ack", "action": action, "id": _id(frame), "ok": False, "error": error}


def _id(frame: dict[str, Any]) -> str | None:
    value = frame.get("id")
    return value[:64] if isinstance(value, str) else None


def _without_content(error: BaseException) -> tuple[type[BaseException], BaseException, Any]:
    """Where it happened, but not the message: database errors quote the row, which holds patients' words."""
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__
