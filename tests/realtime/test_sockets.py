"""What sockets promise, on real server processes: complete, ordered, authorised, patient with nobody (design §3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from direkt1177.audit.models import ReadLog
from direkt1177.realtime.changes import forget_old
from tests.realtime.harness import Process, sign_in, wait_for
from tests.realtime.lone.notes import Reader, announce_rights, notes_of, write_note

FEED = "note:a"
BO = Reader("staff", "staff:2", "Bo Test")


def test_a_change_reaches_a_socket_of_another_process(commands: Process, sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    commands.note(anna, FEED, "one", "first")
    page = sockets.open(anna)
    page.subscribe(FEED)
    assert page.shown[FEED] == {"one": "first"}
    status, ack = commands.note(anna, FEED, "two", "second")
    assert (status, ack["ok"], ack["seq"], ack["id"]) == (200, True, 2, "two-second")
    page.until_shown(FEED, {"one": "first", "two": "second"})
    commands.note(anna, FEED, "one", "changed")
    commands.note(anna, FEED, "two", "")
    page.until_shown(FEED, {"one": "changed"})
    page.close()


def test_an_action_over_the_socket_is_acknowledged_and_seen_by_all(sockets: Process) -> None:
    anna, bo = sign_in("staff:1", allowed=[FEED]), sign_in("staff:2", allowed=[FEED])
    mine, other = sockets.open(anna), sockets.open(bo)
    for page in (mine, other):
        page.subscribe(FEED)
    mine.send(action="note", id="abc", feed=FEED, note="one", text="hej å \U0001f600")
    ack = mine.until(lambda f: f["type"] == "ack")
    assert ack == {"type": "ack", "action": "note", "id": "abc", "ok": True, "seq": 1}
    for page in (mine, other):
        page.until_shown(FEED, {"one": "hej å \U0001f600"})
    mine.send(action="note", id="abc", feed=FEED, note="one", text="hej å \U0001f600")
    assert mine.until(lambda f: f["type"] == "ack") == ack
    mine.send(action="note", id="no", feed=FEED, note="one", text="forbidden")
    refused = mine.until(lambda f: f["type"] == "ack")
    assert (refused["ok"], refused["error"]["code"]) == (False, "not_allowed")
    mine.send(action="note", id="oops", feed=FEED, note="one", text="broken")
    assert mine.until(lambda f: f["type"] == "ack")["error"]["code"] == "unavailable"
    assert notes_of(FEED) == {"one": "hej å \U0001f600"}


def test_after_a_position_only_what_is_new_comes(commands: Process, sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    for number in range(5):
        commands.note(anna, FEED, f"n{number}", "x")
    page = sockets.open(anna)
    page.subscribe(FEED, after=3)
    frame = page.frames[-1]
    assert (frame["complete"], frame["version"], [i["object"] for i in frame["items"]]) == (False, 5, ["n3", "n4"])
    assert [i["version"] for i in frame["items"]] == [4, 5]
    page.subscribe(FEED, after=5)
    assert (page.frames[-1]["complete"], page.frames[-1]["items"]) == (False, [])
    for beyond in (0, 6, 10**9):
        page.position.clear()
        page.subscribe(FEED, after=beyond)
        assert (page.frames[-1]["complete"], len(page.frames[-1]["items"])) == (True, 5)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE realtime_feedchange SET at = at - interval '49 hours' WHERE version <= 3")
    assert forget_old() == 3
    page.subscribe(FEED, after=3)
    assert page.frames[-1]["complete"] is False
    page.subscribe(FEED, after=2)
    assert page.frames[-1]["complete"] is True


def test_nothing_is_skipped_while_many_write_at_once(commands: Process, sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    early = sockets.open(anna)
    early.subscribe(FEED)

    def write(number: int) -> None:
        for turn in range(10):
            assert commands.note(anna, FEED, f"n{number}", f"{number}.{turn}")[0] == 200

    with ThreadPoolExecutor(6) as pool:
        work = [pool.submit(write, number) for number in range(6)]
        late = sockets.open(anna)
        late.subscribe(FEED)
        for each in work:
            each.result()
    expected = {f"n{number}": f"{number}.9" for number in range(6)}
    assert notes_of(FEED) == expected
    for page in (early, late):
        page.until_shown(FEED, expected)
        if page.position[FEED] < 60:  # a state may be newer than its version, never older
            page.until(lambda frame: frame.get("version") == 60)
        assert page.shown[FEED] == expected


@pytest.mark.parametrize(("session", "kind", "code"), [("", "staff", 4401), ("unknown", "staff", 4401)])
def test_nobody_without_a_session(sockets: Process, session: str, kind: str, code: int) -> None:
    assert sockets.open(session, kind).until_closed() == code


def test_each_kind_has_its_own_socket(sockets: Process) -> None:
    resident = sign_in("person:7", kind="resident", allowed=[])
    assert sockets.open(resident, "staff").until_closed() == 4403
    assert sockets.open(sign_in("staff:1", allowed=[]), "resident").until_closed() == 4403


def test_absent_and_forbidden_feeds_look_alike(sockets: Process) -> None:
    page = sockets.open(sign_in("staff:1", allowed=[FEED]))
    for feed in ("note:other", "nosuch:feed", "me:staff:1"):
        page.subscribe(feed)
        assert page.frames[-1] == {"type": "refused", "feed": feed, "reason": "not_found"}


def test_lost_rights_take_the_feed_away_and_lost_sessions_close(commands: Process, sockets: Process) -> None:
    boss = sign_in("staff:9", allowed=[])
    anna = sign_in("staff:1", allowed=[FEED, "note:b"])
    page = sockets.open(anna)
    page.subscribe(FEED)
    page.subscribe("note:b")
    session = SessionStore(anna)
    session["allowed"] = ["note:b"]
    session.save()
    commands.post("/live/action/", {"action": "rights", "key": "staff:1"}, boss)
    frame = page.until(lambda f: f["type"] == "refused")
    assert frame == {"type": "refused", "feed": FEED, "reason": "revoked"}
    wait_for(lambda: ReadLog.objects.filter(object_id=FEED, action="feed_end").exists(), "the end of the reading")
    page.send(action="note", id="x", feed="note:b", note="one", text="still here")
    page.until_shown("note:b", {"one": "still here"})
    page.send(action="note", id="y", feed=FEED, note="one", text="not shown")
    page.until(lambda f: f["type"] == "ack" and f["id"] == "y")
    page.send(action="subscribe", feed=FEED, after=0)
    assert page.until(lambda f: f["type"] != "changes")["type"] == "refused"
    session.delete(anna)
    commands.post("/live/action/", {"action": "rights", "key": "staff:1"}, boss)
    assert page.until_closed() == 4401


def test_lost_rights_are_found_without_a_doorbell(sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    page = sockets.open(anna)
    page.subscribe(FEED)
    session = SessionStore(anna)
    session["allowed"] = []
    session.save()
    announce_rights(key="staff:1")  # this process rings at another Redis
    assert page.until(lambda f: f["type"] == "refused")["reason"] == "revoked"


def test_a_session_that_vanishes_silently_closes_too(sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    page = sockets.open(anna)
    page.subscribe(FEED)
    SessionStore().delete(anna)
    assert page.until_closed() == 4401


def test_every_reading_is_logged_from_start_to_end(sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED, "note:b"])
    page = sockets.open(anna)
    page.subscribe(FEED)
    page.subscribe(FEED, after=0)
    page.subscribe("note:b")
    page.send(action="unsubscribe", feed=FEED)
    wait_for(lambda: ReadLog.objects.filter(action="feed_end").count() == 1, "the first end")
    page.close()
    wait_for(lambda: ReadLog.objects.filter(action="feed_end").count() == 2, "the second end")
    rows = list(ReadLog.objects.order_by("id").values_list("action", "object_id", "actor_key", "patients", "basis"))
    expected = [("feed_start", FEED), ("feed_start", "note:b"), ("feed_end", FEED), ("feed_end", "note:b")]
    assert rows == [(action, feed, "staff:1", [7], "test") for action, feed in expected]
    assert ReadLog.objects.values("interval").distinct().count() == 2


def test_typing_is_seen_by_the_others_and_stored_nowhere(processes: tuple[Process, Process], sockets: Process) -> None:
    anna, patient = sign_in("staff:1", allowed=[FEED]), sign_in("person:7", kind="resident", allowed=[FEED])
    mine, theirs = sockets.open(anna), processes[0].open(patient, "resident")
    for page in (mine, theirs):
        page.subscribe(FEED)
    before = ReadLog.objects.count()
    mine.send(action="typing", feed=FEED)
    frame = theirs.until(lambda f: f["type"] == "frame")
    assert frame == {
        "type": "frame", "feed": FEED, "kind": "typing", "from": "staff:1", "label": "Anna Test", "ttl": 6,
    }  # fmt: skip
    theirs.send(action="presence", feed=FEED)
    frame = mine.until(lambda f: f["type"] == "frame")
    assert (frame["kind"], frame["from"], frame["label"], frame["ttl"]) == ("presence", "person:7", "", 30)
    mine.send(action="ping", t=5)
    assert mine.until(lambda f: f["type"] in ("pong", "frame")) == {"type": "pong", "t": 5}
    assert ReadLog.objects.count() == before
    theirs.send(action="typing", feed="note:b")
    theirs.send(action="ping", t=6)
    theirs.until(lambda f: f["type"] == "pong")
    mine.send(action="ping", t=7)
    assert mine.until(lambda f: f["type"] in ("pong", "frame"))["type"] == "pong"


BAD = [
    ('{"action":"subscribe","feed":"note:a","after":0,"extra":1}', "bad_frame"),
    ('{"action":"subscribe","feed":"note:a","after":"0"}', "bad_frame"),
    ('{"action":"subscribe","feed":"note:a","after":-1}', "bad_frame"),
    ('{"action":"subscribe","feed":"../etc","after":0}', "bad_frame"),
    ('{"action":"launch"}', "unknown_action"),
    ('{"action":["note"]}', "unknown_action"),
    ("[]", "bad_frame"),
    ("nonsense", "bad_frame"),
    ("[" * 5000, "bad_frame"),
    ('{"action":"ping","t":NaN}', "bad_frame"),
    ('{"action":"note","id":"x","feed":"note:a","note":"n","text":"\\u0000"}', "bad_frame"),
    ('{"action":"note","id":"x","feed":"note:a","note":"n","text":"\\ud800"}', "bad_frame"),
    ('{"action":"note","id":"x","feed":"note:a","note":"n","text":"t","staff":true}', "bad_frame"),
    ('{"action":"note","id":"x"}', "bad_frame"),
    ('{"action":"ping","t":"' + "x" * 17000 + '"}', "too_large"),
    (b"\x00\x01", "bad_frame"),
]


@pytest.mark.parametrize(("raw", "code"), BAD)
def test_broken_frames_are_named_and_the_third_closes(sockets: Process, raw: str | bytes, code: str) -> None:
    page = sockets.open(sign_in("staff:1", allowed=[FEED]))
    for _ in range(2):
        page.socket.send(raw)
        assert page.until(lambda f: f["type"] == "error")["code"] == code
    page.send(action="ping", t=1)
    page.until(lambda f: f["type"] == "pong")
    page.socket.send(raw)
    assert page.until_closed() == 4400
    assert notes_of(FEED) == {}


def test_a_too_long_text_is_refused_politely_and_does_not_count_as_broken(sockets: Process) -> None:
    page = sockets.open(sign_in("staff:1", allowed=[FEED]))
    for number in range(4):
        page.send(action="note", id=str(number), feed=FEED, note="n", text="x" * 2001)
        ack = page.until(lambda f: f["type"] == "ack")
        assert (ack["ok"], ack["error"]["code"]) == (False, "invalid")
    page.send(action="ping", t=1)
    page.until(lambda f: f["type"] == "pong")


def test_a_flood_of_messages_is_refused_politely(sockets: Process) -> None:
    page = sockets.open(sign_in("staff:1", allowed=[FEED]))
    for number in range(25):
        page.send(action="note", id=str(number), feed=FEED, note=f"n{number}", text="x")
    acks = [page.until(lambda f: f["type"] == "ack") for _ in range(25)]
    refused = [ack["error"]["code"] for ack in acks if not ack["ok"]]
    assert refused == ["too_fast"] * 5
    assert len(notes_of(FEED)) == 20


def test_a_reader_that_does_not_read_harms_nobody_and_catches_up(commands: Process, sockets: Process) -> None:
    anna, bo = sign_in("staff:1", allowed=[FEED]), sign_in("staff:2", allowed=[FEED])
    expected = {}
    for number in range(60):
        expected[f"n{number}"] = f"{number}:" + "x" * 1900
        write_note(actor=BO, key=str(number), feed=FEED, note=f"n{number}", text=expected[f"n{number}"])
    stalled, lively = sockets.open(anna, slow=True), sockets.open(bo)
    lively.subscribe(FEED)
    for _ in range(60):
        stalled.send(action="subscribe", feed=FEED, after=0)
    for number in range(20):
        expected[f"n{number}"] = f"changed {number}"
        assert commands.note(bo, FEED, f"n{number}", expected[f"n{number}"])[0] == 200
    lively.until_shown(FEED, expected)
    stalled.until_shown(FEED, expected)


def test_a_reader_that_never_reads_is_dropped(sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    for number in range(60):
        write_note(actor=BO, key=str(number), feed=FEED, note=f"n{number}", text="x" * 1900)
    stalled = sockets.open(anna, slow=True)
    for _ in range(60):
        stalled.send(action="subscribe", feed=FEED, after=0)
    wait_for(lambda: ReadLog.objects.filter(action="feed_end").exists(), "the stalled socket to be dropped")


def test_the_twin_gives_the_same_frames_and_acks(commands: Process, sockets: Process) -> None:
    anna = sign_in("staff:1", allowed=[FEED])
    commands.note(anna, FEED, "one", "first")
    page = sockets.open(anna)
    page.subscribe(FEED)
    assert commands.get(f"/live/feed/?feed={FEED}&after=0", anna) == (200, page.frames[-1])
    commands.note(anna, FEED, "two", "second")
    page.until_shown(FEED, {"one": "first", "two": "second"})
    assert commands.get(f"/live/feed/?feed={FEED}&after=1", anna) == (200, page.frames[-1])
    assert ReadLog.objects.filter(action="feed_poll").count() == 1
    refused = {"type": "refused", "feed": "note:b", "reason": "not_found"}
    assert commands.get("/live/feed/?feed=note:b&after=0", anna) == (404, refused)
    assert commands.get(f"/live/feed/?feed={FEED}")[0] == 401
    for query in ("feed=&after=0", f"feed={FEED}&after=x", f"feed={FEED}&after=-1", "", "feed=a%00b&after=1"):
        assert commands.get(f"/live/feed/?{query}", anna)[0] == 400
    status, body = commands.note(anna, FEED, "one", "forbidden")
    assert (status, body["ok"], body["error"]["code"]) == (403, False, "not_allowed")
    assert commands.post("/live/action/", b"\xff", anna)[0] == 400
    assert commands.post("/live/action/", {"action": "launch"}, anna)[0] == 400
    assert commands.post("/live/action/", {"action": "note", "id": "x", "oops": 1}, anna)[0] == 400
    assert commands.post("/live/action/", b" " * 17000, anna)[0] == 413
    assert commands.note("", FEED, "one", "x")[0] == 401
