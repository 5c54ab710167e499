"""The shipped ASGI application, with three places to die while a message is being sent."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from direkt1177.asgi import application as shipped
from direkt1177.realtime import actions
from tests.faults.failpoints import trip

_sending: ContextVar[bool] = ContextVar("sending_a_message", default=False)
_commit: Any = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]


def _commit_with_places(self: Any) -> Any:
    if not _sending.get():
        return _commit(self)
    trip("before_commit")
    result = _commit(self)
    trip("after_commit")
    return result


def _wrapped(action: actions.Action) -> actions.Action:
    def handler(actor: Any, payload: Any) -> dict[str, Any]:
        token = _sending.set(True)
        try:
            return action.handler(actor, payload)
        finally:
            _sending.reset(token)

    return replace(action, handler=handler)


BaseDatabaseWrapper._commit = _commit_with_places  # type: ignore[attr-defined]
actions._actions["send_message"] = _wrapped(actions.named("send_message"))


def _is_ack(message: Any) -> bool:
    raw = message.get("text") or message.get("body") or b""
    if not raw or len(raw) > 1000 or message["type"] not in ("websocket.send", "http.response.body"):
        return False
    try:
        frame = json.loads(raw)
    except ValueError:
        return False
    return isinstance(frame, dict) and frame.get("action") == "send_message" and frame.get("ok") is True


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve as shipped; die after an ack has been handed to the kernel when that is armed."""

    async def send_then_die(message: Any) -> None:
        await send(message)
        if _is_ack(message):
            trip("after_ack")

    await shipped(scope, receive, send_then_die if scope["type"] in ("http", "websocket") else send)
