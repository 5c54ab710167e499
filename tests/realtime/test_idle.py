"""An idle socket stays open: the traps of redis-py 8 and of the layers (R-20)."""

from __future__ import annotations

from tests.realtime.harness import Process, sign_in

FEED = "note:a"


def test_an_idle_socket_lives_on_and_still_hears(commands: Process, sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    page = sockets.open(anna)
    page.subscribe(FEED)
    # The trap closes idle sockets after 5 s; the server's own ping comes at 20 s.
    page.stays_silent(12)
    commands.note(anna, FEED, "one", "after the silence")
    page.until_shown(FEED, {"one": "after the silence"})
