"""Socket actions and their HTTP twins: the same commands as the pages call."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from cases import commands
from cases.errors import MessageTooLong
from cases.rules import MESSAGE_LIMIT
from cases.together import Sender
from direkt1177.accounts.actors import AnyActor
from direkt1177.audit import limits
from direkt1177.realtime import actions


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SendMessage(_Payload):
    """A line in the patient chat; ``id`` is the client's own and makes sending again harmless."""

    id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    case: Annotated[str, Field(min_length=32, max_length=36, pattern=r"^[0-9a-fA-F-]+$")]
    # Twice the limit: the command cleans first and then says how much is allowed.
    text: Annotated[str, Field(max_length=MESSAGE_LIMIT * 2)]


class Seen(_Payload):
    """How far the viewer has read a chat."""

    feed: Annotated[str, Field(max_length=60, pattern=r"^chat:[0-9a-fA-F-]{32,36}:patient$")]
    seq: Annotated[int, Field(ge=0, lt=2**31)]
    id: Annotated[str, Field(max_length=64)] | None = None


def send_message(actor: AnyActor, payload: SendMessage) -> dict[str, Any]:
    """The ack's facts: number and time (R-02)."""
    limits.require("message", actor.key)
    return send_counted(actor, payload)


def send_counted(actor: AnyActor, payload: SendMessage) -> dict[str, Any]:
    """The same when the limit has counted it already."""
    sent = commands.send_message(actor=actor, case_id=payload.case, client_id=payload.id, text=payload.text)
    return {"seq": sent.seq, "at": sent.at}


def seen(actor: AnyActor, payload: Seen) -> dict[str, Any]:
    """Move the read mark."""
    moved = commands.mark_seen(actor=actor, case_id=payload.feed.split(":")[1], seq=payload.seq)
    return {"seq": payload.seq, "moved": moved}


def register() -> None:
    """Tell the sockets (from ``AppConfig.ready``)."""
    actions.register(
        "send_message",
        schema=SendMessage,
        handler=send_message,
        together=Sender(),
        alone=send_counted,
        too_long=lambda: MessageTooLong(MESSAGE_LIMIT),
    )
    actions.register("seen", schema=Seen, handler=seen, cheap=True)
