"""Subscribing at the worst moments: a slow reader, an ended session, a socket that closes, one feed too many."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from direkt1177.realtime import identity, sources
from direkt1177.realtime.changes import Since, heads
from direkt1177.realtime.reading import Answer
from direkt1177.realtime.sockets import MOST_FEEDS, Reading, Socket
from direkt1177.realtime.sources import Grant
from direkt1177.realtime.threads import in_thread
from tests.realtime.inside import ANNA, FEED, Frames, in_loop
from tests.realtime.lone.notes import Notes, write_note

pytestmark = pytest.mark.django_db(transaction=True)
SUBSCRIBE = json.dumps({"action": "subscribe", "feed": FEED, "after": 0})


@pytest.fixture(autouse=True)
def _notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sources._sources, "note", Notes())
    monkeypatch.setattr(identity, "_resolvers", [lambda _store: ANNA])


def _write(*names: str) -> int:
    for name in names:
        write_note(actor=ANNA, key=name, feed=FEED, note=name, text=f"text of {name}")
    return heads([FEED])[FEED]


def _shown(sent: Frames) -> set[str]:
    shown: set[str] = set()
    for frame in sent:
        if frame["type"] == "changes":
            shown = (set() if frame["complete"] else shown) | {item["object"] for item in frame["items"]}
    return shown


def test_a_reader_that_is_slow_while_it_joins_misses_nothing() -> None:
    """The first answer does not go out, the second would: it must not be taken for the whole."""
    _write("one")
    gate = asyncio.Event()

    async def work(socket: Socket, sent: Frames) -> None:
        room = socket.hub._room(FEED)
        plain, calls = room.answer, 0

        async def answer(after: int, news: Since, language: str) -> Answer:
            nonlocal calls
            calls += 1
            found = await plain(after, news, language)
            if calls == 1:  # meanwhile others have read on
                room.version = await in_thread(_write, "two", "three")
            else:  # and the reader is fast again
                gate.set()
                while socket.outlet.busy:  # noqa: ASYNC110 - bounded by the caller
                    await asyncio.sleep(0)
            return found

        room.answer = answer  # type: ignore[method-assign]
        socket.outlet.push('{"type": "pong"}')
        assert socket.outlet.busy
        await socket.handle(SUBSCRIBE)
        gate.set()
        while "three" not in _shown(sent):  # noqa: ASYNC110 - bounded by the caller
            await asyncio.sleep(0.01)

    assert _shown(in_loop(work, gate=gate)) == {"one", "two", "three"}


def test_an_ended_session_leaves_no_reader_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """The room would be kept, and drawn, for nobody."""
    monkeypatch.setattr(identity, "_resolvers", [lambda _store: None])

    async def work(socket: Socket, _sent: Frames) -> None:
        await socket.handle(SUBSCRIBE)
        assert socket.outlet.closed.result() == 4401
        assert FEED not in socket.hub.rooms

    in_loop(work)


def test_a_socket_that_closes_while_it_joins_leaves_no_reader_behind() -> None:
    """It does not know the feed as its own yet, so closing would not leave it."""

    async def work(socket: Socket, _sent: Frames) -> None:
        joining = asyncio.ensure_future(socket.handle(SUBSCRIBE))
        while FEED not in socket.hub.rooms:  # noqa: ASYNC110 - bounded by the caller
            await asyncio.sleep(0)
        joining.cancel()
        with pytest.raises(asyncio.CancelledError):
            await joining
        await socket.close()
        assert FEED not in socket.hub.rooms

    in_loop(work)


def test_whoever_reads_as_many_feeds_as_may_be_may_ask_again_for_each() -> None:
    """Pages ask all their feeds again every 15 seconds; only one more is too many."""

    async def work(socket: Socket, _sent: Frames) -> None:
        await socket.handle(SUBSCRIBE)
        others = {f"note:{n}": Reading(Grant("test", patients=[7])) for n in range(MOST_FEEDS - 1)}
        socket._readings.update(others)
        await socket.handle(SUBSCRIBE)
        await socket.handle(SUBSCRIBE.replace(FEED, "note:more"))

    frames: list[Any] = [(frame["type"], frame.get("reason")) for frame in in_loop(work)]
    assert frames == [("changes", None), ("changes", None), ("refused", "too_many")]
