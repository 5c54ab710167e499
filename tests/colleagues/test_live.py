"""Live over sockets: lines reach the guests, and a guest who is removed drops the case within a second."""

from __future__ import annotations

import time

import pytest

from cases.colleagues import commands
from tests.colleagues.inviting import invite, say, visit
from tests.realtime.harness import Process
from tests.realtime.test_errand_live import server, site, staff_page

__all__ = ["server", "site"]


@pytest.mark.req("CHT-13", "CHT-14", "CHT-17")
def test_a_removed_guest_loses_every_feed_of_the_case_at_once(site: Process) -> None:
    v = visit()
    guest = invite(v)
    feeds = [f"internal:{v.case.public_id}", f"chat:{v.case.public_id}:patient", f"chat:{v.case.public_id}:staff"]
    page = staff_page(site, v.doctor)
    for feed in [*feeds, f"me:{v.doctor.key}"]:
        page.subscribe(feed)
    say(v, v.nurse, "Syns direkt")
    frame = page.until(lambda f: f["type"] == "changes" and any(i["object"] == "line:2" for i in f["items"]))
    assert "Syns direkt" in str(frame)
    commands.end_guest(actor=v.nurse, case_id=v.case.public_id, guest_id=guest.public_id)
    started = time.monotonic()
    refused: set[str] = set()
    while refused != set(feeds):
        refused.add(page.until(lambda f: f["type"] == "refused")["feed"])
    assert time.monotonic() - started < 1.0
