"""A call live, over sockets: its state on both pages, steps and text from one to the other and to nobody else."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from cases.calls import commands
from cases.calls.models import Call
from direkt1177.audit.models import ReadLog
from direkt1177.realtime.models import FeedChange
from tests.calls.calling import accept, ask
from tests.factories import make_person
from tests.realtime.harness import Page, Process
from tests.realtime.test_errand_live import (  # noqa: F401 - fixtures
    Visit,
    resident_page,
    server,
    site,
    staff_page,
    visit,
)

SECRET = "KANARIE-i-samtalet"


def both(site: Process, visit: Visit) -> tuple[Call, str, Page, Page]:  # noqa: F811
    """An accepted call, its feed, and a socket of each side that reads it."""
    call = accept(visit.case, ask(visit.nurse, visit.case))
    feed = f"call:{call.public_id}"
    nurse, patient = staff_page(site, visit.nurse), resident_page(site, visit.patient)
    for page in (nurse, patient):
        page.subscribe(feed)
    return call, feed, nurse, patient


def hello(feed: str, **more: Any) -> dict[str, Any]:
    return {"action": "signal", "feed": feed, "data": {"kind": "hello", "session": uuid.uuid4().hex, **more}}


@pytest.mark.req("VID-04")
def test_steps_and_text_go_to_the_other_side_and_nowhere_else(site: Process, visit: Visit) -> None:  # noqa: F811
    _call, feed, nurse, patient = both(site, visit)
    stranger = resident_page(site, make_person())
    stranger.send(action="subscribe", feed=feed, after=0)
    assert stranger.until(lambda f: f["type"] == "refused")["reason"] == "not_found"
    sdp = f"v=0\r\n{SECRET}\r\n" + "a=candidate\r\n" * 500
    step = {"kind": "description", "session": "a" * 12, "to": "b" * 12, "type": "offer", "sdp": sdp}
    nurse.send(action="signal", feed=feed, data=step)
    frame = patient.until(lambda f: f["type"] == "frame")
    assert (frame["kind"], frame["from"], frame["data"]) == ("signal", visit.nurse.key, step)
    patient.send(action="rtt", feed=feed, data={"line": 0, "text": f"Jag {SECRET}", "done": False})
    text = nurse.until(lambda f: f["type"] == "frame")
    assert (text["kind"], text["data"]["text"], text["label"]) == ("rtt", f"Jag {SECRET}", "")
    # A stranger's frames reach nobody; those of other kinds are not for this feed.
    stranger.send(**hello(feed))
    nurse.send(action="typing", feed=feed)
    nurse.send(**hello(feed))
    assert patient.until(lambda f: f["type"] == "frame")["data"]["kind"] == "hello"
    # Nothing of it is kept.
    assert SECRET not in site.log.read_text(errors="replace")
    assert not FeedChange.objects.filter(object__contains=SECRET).exists()


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "description", "session": "a" * 12, "sdp": "x" * 12_001},
        {"kind": "shell", "session": "a" * 12},
        {"kind": "hello", "session": "kort"},
        {"kind": "hello", "session": "a" * 12, "more": 1},
        {"kind": "candidate", "session": "a" * 12, "candidate": "c" * 1001},
        {"kind": "candidate", "session": "a" * 12, "line": -1},
    ],
)
def test_steps_of_another_shape_are_refused(site: Process, visit: Visit, data: dict[str, Any]) -> None:  # noqa: F811
    _call, feed, nurse, patient = both(site, visit)
    nurse.send(action="signal", feed=feed, data=data)
    assert nurse.until(lambda f: f["type"] == "error")["code"] == "bad_frame"
    nurse.send(action="rtt", feed=feed, data={"line": 0, "text": "x" * 1001})
    assert nurse.until(lambda f: f["type"] == "error")["code"] == "bad_frame"
    nurse.send(**hello(feed))
    assert patient.until(lambda f: f["type"] == "frame")["data"]["kind"] == "hello"


def test_both_pages_hear_what_becomes_of_the_call(site: Process, visit: Visit) -> None:  # noqa: F811
    nurse, patient = staff_page(site, visit.nurse), resident_page(site, visit.patient)
    patient.subscribe(visit.feed)
    call = ask(visit.nurse, visit.case)
    feed = f"call:{call.public_id}"
    # The card in the patient's chat is fetched again because of this; the call itself is not theirs to read yet.
    patient.until(lambda f: f["type"] == "changes" and any(i["object"] == "call" for i in f["items"]))
    patient.send(action="subscribe", feed=feed, after=0)
    assert patient.until(lambda f: f["type"] == "refused")["reason"] == "not_found"
    nurse.subscribe(feed)
    accept(visit.case, call)

    def state(page: Page) -> str:
        frame = page.until(lambda f: f["type"] == "changes" and f["feed"] == feed and f["items"])
        return str(frame["items"][-1]["data"]["state"])

    assert state(nurse) == "accepted"
    patient.subscribe(feed)
    commands.end_call(actor=visit.nurse, case_id=visit.case.public_id, call_id=call.public_id)
    assert (state(nurse), state(patient)) == ("ended", "ended")
    read = ReadLog.objects.filter(object_id=feed, action="feed_start")
    assert {(row.actor_key, row.basis) for row in read} == {
        (visit.nurse.key, "holder"),
        (f"person:{visit.patient.pk}", "self"),
    }
