"""A feed of notes kept in the change log, and the actor of a session that says who it is and what it may read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, ConfigDict, Field

from direkt1177.audit.feed_log import IntervalLog
from direkt1177.audit.idempotency import once
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.record import Event, LogEntry, command, record, ring
from direkt1177.audit.refusals import NotAllowed, NotFound
from direkt1177.realtime import actions, identity, sources
from direkt1177.realtime.changes import Change
from direkt1177.realtime.sources import Grant, Item


@dataclass(frozen=True)
class Reader:
    """Somebody signed in, with the feeds that the session allows."""

    kind: str
    key: str
    name: str
    allowed: tuple[str, ...] = ()
    role_name: str = ""
    unit_id: int | None = None
    provider_id: int | None = None


def reader_of(session: SessionBase) -> Reader | None:
    """The actor of a session."""
    if "key" not in session:
        return None
    return Reader(session["kind"], session["key"], session["name"], tuple(session["allowed"]))


def actor_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sets ``request.actor`` as accounts does."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.actor = reader_of(request.session)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """A note was written or changed."""

    code: ClassVar[str] = "test.noted"
    feed: str
    note: str
    text: str

    def log(self) -> LogEntry:
        """The note itself is its audit row here."""
        return LogEntry("note", self.note, data={"feed": self.feed, "text": self.text})

    def doorbells(self) -> Sequence[Change]:
        """One change in its feed."""
        return [Change(self.feed, self.note)]


@dataclass(frozen=True, slots=True)
class Removed(Noted):
    """A note was removed."""

    code: ClassVar[str] = "test.removed"

    def doorbells(self) -> Sequence[Change]:
        """It leaves its feed."""
        return [Change(self.feed, self.note, "drop")]


def notes_of(feed: str, names: Sequence[str] | None = None) -> dict[str, str]:
    """What the feed shows now, in order of writing."""
    rows = ChangeLog.objects.filter(object_type="note", data__feed=feed).order_by("id")
    if names is not None:
        rows = rows.filter(object_id__in=names)
    notes: dict[str, str] = {}
    for row in rows:
        notes.pop(row.object_id, None)
        if row.event == Noted.code:
            notes[row.object_id] = row.data["text"]
    return notes


class Notes(IntervalLog):
    """Source of ``note:<name>`` feeds."""

    prefix = "note"

    def authorize(self, actor: Reader, feed: str) -> Grant:
        """Only what the session allows."""
        if feed not in actor.allowed:
            raise NotFound
        return Grant("test", patients=[7])

    def first_page(self, feed: str) -> list[Item]:
        """All notes."""
        return [Item(name, html=f"<p>{text}</p>", data={"text": text}) for name, text in notes_of(feed).items()]

    def read(self, feed: str, objects: list[str]) -> list[Item]:
        """Some notes."""
        return [Item(name, data={"text": text}) for name, text in notes_of(feed, objects).items()]


class Note(BaseModel):
    """What ``note`` takes."""

    model_config = ConfigDict(extra="forbid", strict=True)
    id: str = Field(max_length=64)
    feed: str
    note: str
    text: str = Field(max_length=2000)


@command
def write_note(*, actor: Any, key: str, feed: str, note: str, text: str) -> dict[str, Any]:
    """Write a note; an empty text removes it."""
    if text == "forbidden":
        raise NotAllowed
    if text == "broken":
        raise ZeroDivisionError(text)

    def do() -> dict[str, Any]:
        record(Noted(feed, note, text) if text else Removed(feed, note, text), actor=actor)
        return {"seq": ChangeLog.objects.filter(data__feed=feed).count()}

    return once(actor=actor, key=key, command="write_note", body={"feed": feed, "note": note, "text": text}, do=do)


@command
def announce_rights(*, key: str) -> None:
    """Tell the sockets of somebody that rights changed."""
    ring([Change(f"me:{key}", "authz")])


class Rights(BaseModel):
    """Whose rights changed."""

    model_config = ConfigDict(extra="forbid", strict=True)
    key: str


def _announce(actor: Reader, payload: Rights) -> dict[str, Any]:
    del actor
    announce_rights(key=payload.key)
    return {}


def _handle(actor: Reader, payload: Note) -> dict[str, Any]:
    return write_note(actor=actor, key=payload.id, feed=payload.feed, note=payload.note, text=payload.text)


def register() -> None:
    """Put the feed, the action and the resolver in place."""
    sources.register(Notes())
    actions.register("note", schema=Note, handler=_handle)
    actions.register("rights", schema=Rights, handler=_announce, cheap=True)
    identity.register(reader_of)
