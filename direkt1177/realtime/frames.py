"""The frames between pages and sockets; the same contract stands at the top of static/js/live.js.

Client to server (JSON objects, at most 16 KiB, no unknown keys): ``subscribe {feed, after}``, ``unsubscribe {feed}``,
``typing {feed}``, ``presence {feed}``, ``signal {feed, data}``, ``rtt {feed, data}``, ``ping {t}`` and the actions that
apps register (``send_message``, ``seen``).

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
# What the server lets in at all: up to here a text that is too long is told so, instead of being a broken frame.
MAX_LINE = 64 * 1024
TTL = {"typing": 6, "presence": 30, "signal": 10, "rtt": 10}

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


class SignalData(_Frame):
    """What two browsers in a call tell each other to find one another; ``session`` is one page of one of them.

    An offer with sound and picture is some 7,000 characters; nothing here is for people to read.
    """

    kind: Literal["hello", "bye", "taken_over", "description", "candidate", "media"]
    session: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,40}$")]
    to: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{8,40}$")] | None = None
    type: Literal["offer", "answer", "rollback"] | None = None
    sdp: Annotated[str, Field(max_length=12_000)] | None = None
    candidate: Annotated[str, Field(max_length=1_000)] | None = None
    mid: Annotated[str, Field(max_length=32)] | None = None
    line: Annotated[int, Field(ge=0, le=64)] | None = None
    camera: bool | None = None
    microphone: bool | None = None


class Signal(_Frame):
    """One step of setting up a call; passed on, never stored, never logged."""

    action: Literal["signal"]
    feed: FeedName
    data: SignalData


class RealTimeData(_Frame):
    """The line somebody is writing beside a call, whole each time; ``done`` when Enter ended it (EN 301 549, 6.2)."""

    line: Annotated[int, Field(ge=0, lt=2**31)]
    text: Annotated[str, Field(max_length=1_000)]
    done: bool = False


class RealTimeText(_Frame):
    """Text of a call, shown while it is written; passed on, never stored, never logged."""

    action: Literal["rtt"]
    feed: FeedName
    data: RealTimeData


class Ping(_Frame):
    """Answered with the same ``t``."""

    action: Literal["ping"]
    t: Annotated[int | float, Field(allow_inf_nan=False)] = 0


OwnFrame = Subscribe | Unsubscribe | Volatile | Signal | RealTimeText | Ping
_client: TypeAdapter[OwnFrame] = TypeAdapter(Annotated[OwnFrame, Field(discriminator="action")])
OWN_ACTIONS = frozenset({"subscribe", "unsubscribe", "typing", "presence", "signal", "rtt", "ping"})


class BadFrameError(ValueError):
    """A frame that breaks the contract; ``code`` goes back to the client."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def parse_object(raw: str | bytes, most: int = MAX_BYTES) -> dict[str, Any]:
    """A JSON object of bounded size and depth, without NUL characters and infinite numbers.

    Args:
        raw: as it came.
        most: bytes.

    Raises:
        BadFrameError: ``too_large`` or ``bad_frame``.
    """
    if len(raw) > most or (isinstance(raw, str) and 4 * len(raw) > most and len(raw.encode(errors="replace")) > most):
        raise BadFrameError("too_large")
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError:
        raise BadFrameError("bad_frame") from None
    if not isinstance(value, dict) or not _plain(value, depth=5):
        raise BadFrameError("bad_frame")
    return value


def parse_own(value: dict[str, Any]) -> OwnFrame:
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


def volatile(frame: Volatile | Signal | RealTimeText, sender: str, label: str) -> dict[str, Any]:
    """Somebody types, is there, sets up a call or writes beside it; meant for ``ttl`` seconds."""
    passed: dict[str, Any] = {"type": "frame", "feed": frame.feed, "kind": frame.action, "from": sender, "label": label}
    passed["ttl"] = TTL[frame.action]
    if not isinstance(frame, Volatile):
        passed["data"] = frame.data.model_dump(exclude_none=True)
    return passed
