"""Redis may be emptied, killed or frozen: clients still come to show what the database holds (design §3, R-01)."""

from __future__ import annotations

import signal
import time

import pytest

from direkt1177.embedded.valkey import ValkeyServer
from tests.realtime.harness import Page, Process, serve, sign_in, wait_for
from tests.realtime.lone.notes import notes_of

FEED = "note:a"


@pytest.fixture
def page(sockets: Process) -> Page:
    """A page that shows the feed."""
    page = sockets.open(sign_in("staff:1", allowed=[FEED]))
    page.subscribe(FEED)
    return page


def _write(commands: Process, note: str, text: str) -> None:
    session = sign_in("staff:2", allowed=[FEED])
    assert commands.note(session, FEED, note, text)[0] == 200


def test_emptied(commands: Process, page: Page, redis: ValkeyServer) -> None:
    redis.client().flushall()
    _write(commands, "one", "after FLUSHALL")
    page.until_shown(FEED, notes_of(FEED))
    assert page.shown[FEED] == {"one": "after FLUSHALL"}


def test_killed_and_started_again(commands: Process, sockets: Process, page: Page, redis: ValkeyServer) -> None:
    redis.kill()
    _write(commands, "one", "while dead")
    page.until_shown(FEED, {"one": "while dead"})
    late = sockets.open(sign_in("staff:3", allowed=[FEED]))
    late.subscribe(FEED)
    assert late.shown[FEED] == {"one": "while dead"}
    redis.start()
    _write(commands, "two", "while coming back")
    expected = {"one": "while dead", "two": "while coming back"}
    page.until_shown(FEED, expected)
    late.until_shown(FEED, expected)
    # After a while doorbells are heard again: typing goes only through Redis.
    theirs = commands.open(sign_in("person:7", kind="resident", allowed=[FEED]), "resident")
    theirs.subscribe(FEED)

    def typing_is_seen() -> bool:
        theirs.send(action="typing", feed=FEED)
        try:
            return bool(page.until(lambda f: f["type"] == "frame", 1)["kind"] == "typing")
        except TimeoutError:
            return False

    wait_for(typing_is_seen, "doorbells to be heard again")


def test_frozen(commands: Process, sockets: Process, page: Page, redis: ValkeyServer) -> None:
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        for number in range(20):
            _write(commands, f"n{number}", "while frozen")
        # Redis would hold each of them up for its socket timeout of 10 s.
        assert time.monotonic() - began < 60
        late = sockets.open(sign_in("staff:3", allowed=[FEED]))
        late.subscribe(FEED)
        expected = {f"n{number}": "while frozen" for number in range(20)}
        assert late.shown[FEED] == expected
        page.until_shown(FEED, expected)
    finally:
        redis.process.send_signal(signal.SIGCONT)
    _write(commands, "last", "thawed")
    page.until_shown(FEED, {**expected, "last": "thawed"})


def test_one_process_serves_its_own_pages_without_redis(commands: Process, redis: ValkeyServer) -> None:
    redis.kill()
    try:
        page = commands.open(sign_in("staff:1", allowed=[FEED]))
        page.subscribe(FEED)
        for number in range(5):
            _write(commands, "one", str(number))
            page.until_shown(FEED, {"one": str(number)})
    finally:
        redis.start()


def test_a_deploy_asks_pages_to_come_back(redis: ValkeyServer, transactional_db: None) -> None:
    with serve(redis.address, SOCKET_RESTART_SPREAD="0.5") as server:
        page = server.open(sign_in("staff:1", allowed=[FEED]))
        page.subscribe(FEED)
        server.process.terminate()
        frame = page.until(lambda f: f["type"] == "restart")
        assert 0 <= frame["delay"] <= 0.5
        assert page.until_closed() == 1012
        wait_for(lambda: server.process.poll() is not None, "the server to stop")
