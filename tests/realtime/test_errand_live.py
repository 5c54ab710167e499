"""The real application with real people: chat, queue and lost rights, live over sockets of its own server process."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from cases import commands
from cases.errors import MessageTooLong
from cases.feeds import MeSource
from cases.models import Case, Message
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests.factories import make_case, make_person, make_staff, make_started_case, make_unit, resident
from tests.realtime.harness import Page, Process, serve
from tests.signing_in import resident_client, staff_client


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Process]:
    """The whole application; commands called by the tests ring at the same Redis."""
    with serve(
        os.environ["REDIS_URL"], "direkt1177.asgi", DJANGO_SETTINGS_MODULE="direkt1177.settings.embedded"
    ) as process:
        yield process


@pytest.fixture
def site(server: Process, transactional_db: None) -> Iterator[Process]:
    """The application, with its sockets closed after the test."""
    yield server
    server.close_pages()


def session_of(client: Client) -> str:
    """The session key of a signed-in client."""
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def staff_page(site: Process, actor: StaffActor) -> Page:
    """A socket of a member of staff."""
    return site.open(session_of(staff_client(actor)))


def resident_page(site: Process, person: Person) -> Page:
    """A socket of a resident."""
    return site.open(session_of(resident_client(person)), "resident")


@dataclass
class Visit:
    """A started case and those around it."""

    case: Case
    patient: Person
    nurse: StaffActor

    @property
    def feed(self) -> str:
        """The chat as the patient sees it."""
        return f"chat:{self.case.public_id}:patient"


@pytest.fixture
def visit(site: Process) -> Visit:
    """A nurse and a patient in a started case."""
    nurse, patient = make_staff(), make_person()
    return Visit(make_started_case(nurse, patient=patient), patient, nurse)


def test_what_one_writes_the_other_sees(site: Process, visit: Visit) -> None:
    nurse, patient = staff_page(site, visit.nurse), resident_page(site, visit.patient)
    for page in (nurse, patient):
        page.subscribe(visit.feed)
    text = f"Ont i halsen {uuid.uuid4()}"
    patient.send(action="send_message", id=uuid.uuid4().hex, case=str(visit.case.public_id), text=text)
    ack = patient.until(lambda f: f["type"] == "ack")
    assert ack["ok"], ack
    for page in (nurse, patient):
        frame = page.until(lambda f: f["type"] == "changes" and text in str(f))
        item = next(i for i in frame["items"] if i["object"] == f"message:{ack['seq']}")
        assert item["data"]["from"] == f"person:{visit.patient.pk}"
    nurse.send(action="seen", feed=visit.feed, seq=ack["seq"])
    nurse.until(lambda f: f["type"] == "ack" and f["action"] == "seen")
    visit.case.refresh_from_db()
    assert visit.case.staff_seen_seq == ack["seq"]
    nurse.send(action="typing", feed=visit.feed)
    frame = patient.until(lambda f: f["type"] == "frame")
    assert (frame["kind"], frame["label"]) == ("typing", visit.nurse.name)
    patient.send(action="typing", feed=visit.feed)
    shown = nurse.until(lambda f: f["type"] == "frame")
    assert visit.patient.last_name not in str(shown)


def test_a_flood_of_lines_redraws_the_own_list_now_and_then(site: Process, visit: Visit) -> None:
    """Every line of the chat comes by itself; the count beside it rests, and is right in the end."""
    page, me = staff_page(site, visit.nurse), f"me:{visit.nurse.key}"
    page.subscribe(visit.feed)
    page.subscribe(me)
    case, lines, began = str(visit.case.public_id), 12, time.monotonic()
    for number in range(lines):
        commands.send_message(
            actor=resident(visit.patient),
            case_id=visit.case.public_id,
            client_id=f"flood-{number}",
            text=f"rad {number}",
        )
    drawn: list[int] = []

    def complete(frame: dict[str, Any]) -> bool:
        if frame["type"] == "changes" and frame["feed"] == me:
            drawn.append(frame["items"][0]["data"]["cases"][case])
        return bool(drawn) and drawn[-1] == lines

    page.until(complete)
    assert len(drawn) <= (time.monotonic() - began) / MeSource.calm_seconds + 2
    assert drawn == sorted(drawn)
    for number in range(lines):
        assert f"message:{number + 2}" in page.shown[visit.feed]


@pytest.mark.req("CHT-01")
def test_a_flood_over_the_socket_keeps_its_order(site: Process, visit: Visit) -> None:
    """Both write at once without waiting for answers: every line once, in each sender's order, acks in order too."""
    pages = staff_page(site, visit.nurse), resident_page(site, visit.patient)
    for page in pages:
        page.subscribe(visit.feed)
    case, each = str(visit.case.public_id), 18
    for number in range(each):
        for who, page in enumerate(pages):
            page.send(action="send_message", id=f"flood-{who}-{number}", case=case, text=f"{who}:{number}")
    acks: list[list[dict[str, Any]]] = []
    for page in pages:
        while len(page.shown[visit.feed]) < 2 * each + 2 or sum(f["type"] == "ack" for f in page.frames) < each:
            page.until(lambda _: True)
        acks.append([f for f in page.frames if f["type"] == "ack"])
        assert len([name for name in page.shown[visit.feed] if name.startswith("message:")]) == 2 * each + 1
        items = [item["object"] for f in page.frames if f["type"] == "changes" for item in f["items"]]
        came = [name for name in items if name.startswith("message:")]
        assert len(came) == len(set(came)), "no line twice"
    texts = list(Message.objects.filter(case=visit.case, seq__gt=1).order_by("seq").values_list("text", flat=True))
    for who in range(2):
        assert [ack["id"] for ack in acks[who]] == [f"flood-{who}-{number}" for number in range(each)]
        assert all(ack["ok"] for ack in acks[who]), acks[who]
        assert [text for text in texts if text.startswith(f"{who}:")] == [f"{who}:{n}" for n in range(each)]


@pytest.mark.parametrize("length", [4001, 8001, 20_000])
def test_a_text_that_is_too_long_is_told_so(site: Process, visit: Visit, length: int) -> None:
    """Whatever its length, it is answered by name and is no broken frame."""
    page = resident_page(site, visit.patient)
    for number in range(4):
        page.send(action="send_message", id=f"too-long-{number}", case=str(visit.case.public_id), text="x" * length)
        ack = page.until(lambda f: f["type"] != "changes")
        assert (ack["type"], ack["id"], ack["ok"]) == ("ack", f"too-long-{number}", False)
        assert ack["error"]["code"] == MessageTooLong.code
        assert "4" in ack["error"]["message"]
    page.send(action="ping", t=1)
    page.until(lambda f: f["type"] == "pong")


@pytest.mark.req("QUE-06")
def test_the_queue_moves_in_every_open_browser(site: Process) -> None:
    first = make_staff()
    unit = Unit.objects.get(pk=first.unit_id)
    second = make_staff(unit)
    feed = f"queue:{first.unit_id}:{first.role_id}"
    pages = [staff_page(site, first), staff_page(site, second)]
    for page in pages:
        page.subscribe(feed)
        assert page.shown[feed] == {}
    case = make_case(unit)
    name = f"case:{case.public_id}"
    for page in pages:
        page.until(lambda f: f["type"] == "changes" and any(i["object"] == name and "html" in i for i in f["items"]))
    commands.receive_case(actor=first, case_id=case.public_id, key=uuid.uuid4().hex)
    for page in pages:
        frame = page.until(lambda f: f["type"] == "changes" and any(i["object"] == name for i in f["items"]))
        assert frame["items"][0]["data"]["gone"] is True
        assert first.name in frame["items"][0]["html"]
    commands.put_back_case(actor=first, case_id=case.public_id, key=uuid.uuid4().hex)
    for page in pages:
        page.until(lambda f: f["type"] == "changes" and f["items"][0].get("data", {}).get("gone") is not True)


def test_who_puts_a_case_back_no_longer_hears_its_chat(site: Process) -> None:
    nurse, patient = make_staff(), make_person()
    case = make_case(Unit.objects.get(pk=nurse.unit_id), patient=patient)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=uuid.uuid4().hex)
    page, feed = staff_page(site, nurse), f"chat:{case.public_id}:patient"
    page.subscribe(feed)
    assert page.frames[-1]["type"] == "changes"
    commands.put_back_case(actor=nurse, case_id=case.public_id, key=uuid.uuid4().hex)
    assert page.until(lambda f: f["type"] == "refused") == {"type": "refused", "feed": feed, "reason": "revoked"}


def test_nobody_else_gets_in(site: Process, visit: Visit) -> None:
    unit = Unit.objects.get(pk=visit.nurse.unit_id)
    strangers = [
        staff_page(site, make_staff(unit)),
        staff_page(site, make_staff(unit, "doctor")),
        staff_page(site, make_staff(make_unit())),
        resident_page(site, make_person()),
    ]
    feeds = [visit.feed, f"chat:{visit.case.public_id}:staff", f"me:{visit.nurse.key}", f"me:person:{visit.patient.pk}"]
    for page in strangers:
        for feed in feeds:
            page.subscribe(feed)
            assert page.frames[-1] == {"type": "refused", "feed": feed, "reason": "not_found"}
    mine = resident_page(site, visit.patient)
    mine.subscribe(f"chat:{visit.case.public_id}:staff")
    assert mine.frames[-1]["type"] == "refused"
    mine.subscribe(f"queue:{visit.nurse.unit_id}:{visit.nurse.role_id}")
    assert mine.frames[-1]["type"] == "refused"


@pytest.mark.req("AUTH-17")
@pytest.mark.parametrize("who", ["staff", "resident"])
def test_signing_out_closes_the_sockets(site: Process, visit: Visit, who: str) -> None:
    client = staff_client(visit.nurse) if who == "staff" else resident_client(visit.patient)
    page = site.open(session_of(client), who)
    page.subscribe(visit.feed)
    address = "/personal/logga-ut/" if who == "staff" else "/logga-ut/"
    assert client.post(address).status_code in (200, 302)
    assert page.until_closed() == 4401
    assert Shift.objects.get(user_id=visit.nurse.user_id).ended_at is None


def test_frames_of_the_twin_are_the_same(site: Process, visit: Visit) -> None:
    client = resident_client(visit.patient)
    page = site.open(session_of(client), "resident")
    page.subscribe(visit.feed)
    status, frame = site.get(f"/live/feed/?feed={visit.feed}&after=0", session_of(client))
    assert (status, _stable(frame)) == (200, _stable(page.frames[-1]))
    body = {"action": "send_message", "id": uuid.uuid4().hex, "case": str(visit.case.public_id), "text": "Hej"}
    status, ack = site.post("/live/action/", body, session_of(client))
    assert (status, ack["ok"]) == (200, True)
    page.until(lambda f: f["type"] == "changes" and any(i["object"] == f"message:{ack['seq']}" for i in f["items"]))


def _stable(frame: dict[str, object]) -> str:
    """Without what changes with the minute."""
    return re.sub(r"\d\d\.\d\d", "", str(frame))


def test_each_reader_has_the_queue_in_their_language(site: Process) -> None:
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    feed = f"queue:{nurse.unit_id}:{nurse.role_id}"
    session = session_of(staff_client(nurse))
    swedish, english = site.open(session), site.open(session, language="en")
    strange = site.open(session, language="xx")
    pages = (swedish, english, strange)
    for page in pages:
        page.subscribe(feed)
    case = make_case(unit=unit)
    rows = []
    for page in pages:
        frame = page.until(lambda f: f["type"] == "changes" and str(case.public_id) in str(f))
        rows.append(next(item["html"] for item in frame["items"] if item["object"] == f"case:{case.public_id}"))
    assert rows[0] == rows[2] != rows[1]
    assert "Ta emot" in rows[0]
    assert "Ta emot" not in rows[1]
    # What an action refuses with is said in the language of the page too.
    wanted = {}
    for page, word in ((swedish, "sv"), (english, "en")):
        page.send(action="send_message", id=uuid.uuid4().hex, case=str(uuid.uuid4()), text="x")
        wanted[word] = page.until(lambda f: f["type"] == "ack")["error"]["message"]
    assert wanted == {"sv": "Den finns inte, eller så har du inte tillgång till den.", "en": wanted["en"]}
    assert wanted["en"] == "It does not exist, or you do not have access to it."
