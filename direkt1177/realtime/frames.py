"""The frames between pages and sockets; the same contract stands at the top of static/js/live.js.

Client to server (JSON objects, at most 16 KiB, no unknown keys): ``subscribe {feed, after}``, ``unsubscribe {feed}``,
``typing {feed}``, ``presence {feed}``, ``ping {t}`` and the actions that apps register (``send_message``, ``seen``).

Server to client: ``changes``, ``ack``, ``refused``, ``frame``, ``pong``, ``restart``, ``error``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from django.core.serializers.json import DjangoJSONEncoder
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

MAX_BYTES = 16 * 1024
TTL = {"typing": 6, "presence": 30}

FeedName = Annotated[str, Field(max_length=120, pattern=r"^[a-z]+:[A-Za-z0-9:_.-]+$")]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Subscribe(_Frame):
    """Read a feed from a position on; 0 asks for the whole first page."""

    action: Literal["subscribe"]
    feed: FeedName
    after: Annotated[int, Field(ge=0, lt=2**53)] = 0


class Unsubscribe(_Frame):
    """Stop reading a feed."""

    action: Literal["unsubscribe"]
    feed: FeedName


class Volatile(_Frame):
    """Somebody types, or is there; shown for some seconds, never stored."""

    action: Literal["typing", "presence"]
    feed: FeedName


class Ping(_Frame):
    """Answered with the same ``t``."""

    action: Literal["ping"]
    t: Annotated[int | float, Field(allow_inf_nan=False)] = 0


ClientFrame = Annotated[Subscribe | Unsubscribe | Volatile | Ping, Field(discriminator="action")]
_client: TypeAdapter[Subscribe | Unsubscribe | Volatile | Ping] = TypeAdapter(ClientFrame)
OWN_ACTIONS = frozenset({"subscribe", "unsubscribe", "typing", "presence", "ping"})


class BadFrameError(ValueError):
    """A frame that breaks the contract; ``code`` goes back to the client."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse_object(raw: str | bytes) -> dict[str, Any]:
    """A JSON object of bounded size and depth, without NUL characters and infinite numbers.

    Raises:
        BadFrameError: ``too_large`` or ``bad_frame``.
    """
    if len(raw) > MAX_BYTES or (isinstance(raw, str) and len(raw.encode(errors="replace")) > MAX_BYTES):
        raise BadFrameError("too_large")
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise BadFrameError("bad_frame") from None
    if not isinstance(value, dict) or not _plain(value, depth=5):
        raise BadFrameError("bad_frame")
    return value


def parse_own(value: dict[str, Any]) -> Subscribe | Unsubscribe | Volatile | Ping:
    """One of the frames that this app itself answers.

    Raises:
        BadFrameError: ``bad_frame``.
    """
    try:
        return _client.validate_python(value)
    except ValidationError:
        raise BadFrameError("bad_frame") from None


def _plain(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, (dict, list)):
        if not depth:
            return False
        inner: Iterable[Any] = [*value.keys(), *value.values()] if isinstance(value, dict) else value
        return all(_plain(v, depth - 1) for v in inner)
    return True


def text_of(frame: dict[str, Any]) -> str:
    """A server frame as the text that goes out."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)


def refused(feed: str, reason: str) -> dict[str, Any]:
    """The feed may not (any more) be read: the page clears what it showed of it."""
    return {"type": "refused", "feed": feed, "reason": reason}


def volatile(feed: str, kind: str, sender: str, label: str) -> dict[str, Any]:
    """Somebody types or is there, for ``ttl`` seconds."""
    return {"type": "frame", "feed": feed, "kind": kind, "from": sender, "label": label, "ttl": TTL[kind]}
