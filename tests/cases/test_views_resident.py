"""Pages of residents: Mina ärenden, waiting room, chat, images."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from cases import commands
from cases.models import Case, Message, Upload
from cases.views.resident import masked_mobile, when_words
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.models import Unit
from tests import factories
from tests.signing_in import resident_client, staff_client

HTMX = {"HX-Request": "true"}


@pytest.fixture
def patient(db: None) -> Person:
    """A resident."""
    return factories.make_person(mobile="+46701234542")


@pytest.fixture
def browser(patient: Person) -> Client:
    """The resident's phone."""
    return resident_client(patient)


def text(response: Any) -> str:
    """The answer as text."""
    return str(response.content.decode())


def picture(kind: str = "JPEG") -> SimpleUploadedFile:
    """A small real image."""
    file = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, kind)
    return SimpleUploadedFile("bild.jpg", file.getvalue(), content_type="image/jpeg")


@pytest.mark.req("ENT-13")
def test_mine_lists_open_follow_up_and_closed_by_reason(browser: Client, patient: Person, nurse: StaffActor) -> None:
    unit = Unit.objects.get(pk=nurse.unit_id)
    factories.make_case(unit, patient=patient, contact_reason="Yrsel")
    factories.make_closed_case(nurse, patient=patient, follow_up_days=2, contact_reason="Högt blodtryck")
    factories.make_closed_case(nurse, patient=patient, contact_reason="Fästingbett")
    html = text(browser.get("/mina-arenden/"))
    open_part, rest = html.split('id="follow-title"')
    follow_up, closed = rest.split('id="closed-title"')
    assert ">Yrsel</a>" in open_part
    assert ">Högt blodtryck</a>" in follow_up
    assert ">Fästingbett</a>" in closed
    assert "Yrsel" in text(browser.get(reverse("cases:resident_teaser")))


def test_teaser_is_empty_without_cases(browser: Client) -> None:
    assert text(browser.get(reverse("cases:resident_teaser"))).strip() == ""


@pytest.mark.req("ENT-12")
def test_waiting_room_is_honest_and_names_the_unit(browser: Client, patient: Person, unit: Unit) -> None:
    case = factories.make_case(unit, patient=patient)
    html = text(browser.get(reverse("cases:mine_case", args=[case.public_id])))
    for words in ("Du är i väntrummet", unit.name, "Vi vet inte ännu", "070-••• •• 42", "Ring 1177", "Lämna kön"):
        assert words in html
    assert 'aria-live="polite"' in html


@pytest.mark.req("ENT-12")
def test_waiting_room_says_when_nobody_is_there(browser: Client, patient: Person) -> None:
    closed = factories.make_unit(always_open=False)
    case = factories.make_case(closed, patient=patient)
    html = text(browser.get(reverse("cases:mine_case", args=[case.public_id])))
    assert "Vi vet inte ännu" not in html
    assert "Ingen" in html


def test_waiting_room_follows_the_case(browser: Client, patient: Person, nurse: StaffActor) -> None:
    case = factories.make_received_case(nurse, patient=patient)
    status = reverse("cases:status", args=[case.public_id])
    received = text(browser.get(status, headers=HTMX))
    assert f"{nurse.name} har tagit emot ditt ärende" in received
    assert "Lämna kön" not in received
    commands.start_visit(actor=nurse, case_id=case.public_id, key=factories.key())
    assert "Öppna chatten" in text(browser.get(status, headers=HTMX))
    assert "data-composer" in text(browser.get(reverse("cases:mine_case", args=[case.public_id])))


def test_leaving_the_queue_cancels_the_case(browser: Client, patient: Person, unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_case(unit, patient=patient)
    answer = browser.post(reverse("cases:leave", args=[case.public_id]), {"key": factories.key()})
    assert answer["Location"] == "/mina-arenden/"
    assert Case.objects.get(pk=case.pk).state == "cancelled"
    assert "Du lämnade kön" in text(browser.get(reverse("cases:mine_case", args=[case.public_id])))
    assert str(case.public_id) not in text(staff_client(nurse).get("/personal/drop-in/"))


def test_leaving_too_late_is_told(browser: Client, patient: Person, nurse: StaffActor) -> None:
    case = factories.make_received_case(nurse, patient=patient)
    answer = browser.post(reverse("cases:leave", args=[case.public_id]), {"key": factories.key()})
    assert answer.status_code == 409
    assert Case.objects.get(pk=case.pk).state == "received"


@pytest.mark.req("CAS-09", "CAS-25")
def test_chat_shows_how_long_one_may_write(browser: Client, patient: Person, nurse: StaffActor) -> None:
    follow_up = factories.make_closed_case(nurse, patient=patient, follow_up_days=2)
    html = text(browser.get(reverse("cases:mine_case", args=[follow_up.public_id])))
    assert "Du får skriva här till och med" in html
    assert "data-composer" in html
    closed = factories.make_closed_case(nurse, patient=patient)
    html = text(browser.get(reverse("cases:mine_case", args=[closed.public_id])))
    assert "Ärendet är avslutat" in html
    assert "data-composer" not in html
    assert "Ärendet är avslutat" in text(browser.get(reverse("cases:chat_state", args=[closed.public_id])))


def test_plain_form_sends_without_script(browser: Client, patient: Person, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    body = {"text": "Hej\nhej", "key": factories.key()}
    for _ in range(2):
        answer = browser.post(reverse("cases:send", args=[case.public_id]), body)
        assert answer["Location"] == f"/mina-arenden/{case.public_id}/"
    assert Message.objects.filter(case=case, author="patient").count() == 1


@pytest.mark.req("ENT-19", "ENT-20")
def test_other_guardian_reads_but_does_not_act(patient: Person, nurse: StaffActor) -> None:
    child = factories.make_child(patient)
    other = factories.make_person()
    Guardianship.objects.create(guardian=other, child=child)
    case = factories.make_started_case(nurse, patient=child, started_by=patient)
    phone = resident_client(other)
    html = text(phone.get(reverse("cases:mine_case", args=[case.public_id])))
    assert "En annan vårdnadshavare startade ärendet" in html
    assert "data-composer" not in html
    refused = phone.post(reverse("cases:send", args=[case.public_id]), {"text": "Hej", "key": factories.key()})
    assert refused.status_code == 403
    assert "data-composer" in text(resident_client(patient).get(reverse("cases:mine_case", args=[case.public_id])))


def test_strangers_see_an_absent_case(nurse: StaffActor, patient: Person) -> None:
    case = factories.make_started_case(nurse)
    phone = resident_client(patient)
    for ident in (case.public_id, uuid.uuid4()):
        for name in ("mine_case", "status", "chat_state"):
            assert phone.get(reverse(f"cases:{name}", args=[ident])).status_code == 404
        for name in ("send", "send_image", "leave"):
            body = {"text": "x", "key": factories.key()}
            answer = phone.post(reverse(f"cases:{name}", args=[ident]), body | {"image": picture()})
            assert answer.status_code == 404


def test_nobody_signed_in_comes_back_after_signing_in(db: None) -> None:
    case = factories.make_case()
    page = reverse("cases:mine_case", args=[case.public_id])
    answer = Client().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/logga-in/?next=")
    assert Client().get("/personal/drop-in/")["Location"].startswith("/personal/logga-in/?next=")
    assert Client().get(reverse("cases:image", args=[uuid.uuid4()])).status_code == 302


@pytest.mark.req("CHT-10")
def test_image_goes_into_the_chat_and_out_only_through_the_logged_door(
    browser: Client, patient: Person, nurse: StaffActor, colleague: StaffActor
) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    headers = {"Accept": "application/json", "Idempotency-Key": factories.key()}
    answer = browser.post(reverse("cases:send_image", args=[case.public_id]), {"image": picture()}, headers=headers)
    assert answer.json()["ok"] is True
    upload = Upload.objects.get(case=case)
    page = text(browser.get(reverse("cases:mine_case", args=[case.public_id])))
    assert reverse("cases:image", args=[upload.public_id]) in page
    for name in ("image", "thumbnail"):
        url = reverse(f"cases:{name}", args=[upload.public_id])
        before = ReadLog.objects.filter(action="image", patients=[patient.pk]).count()
        sent = staff_client(nurse).get(url)
        assert sent.status_code == 200
        assert sent.content.startswith(b"\xff\xd8")
        assert sent["Content-Type"] == "image/jpeg"
        assert sent["X-Content-Type-Options"] == "nosniff"
        assert sent["Cache-Control"] == "private, no-store"
        assert "sandbox" in sent["Content-Security-Policy"]
        assert ReadLog.objects.filter(action="image", patients=[patient.pk]).count() == before + 1
        assert staff_client(colleague).get(url).status_code == 404
        assert resident_client(factories.make_person()).get(url).status_code == 404


def test_image_whose_file_is_gone_is_like_an_absent_one(browser: Client, patient: Person, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    body = {"image": picture(), "key": factories.key()}
    browser.post(reverse("cases:send_image", args=[case.public_id]), body, headers={"Accept": "application/json"})
    Upload.objects.filter(case=case).update(file_key="0" * 48 + ".jpg")
    upload = Upload.objects.get(case=case)
    assert browser.get(reverse("cases:image", args=[upload.public_id])).status_code == 404


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "tom.jpg"), (b"GIF89a", "bild.gif"), (b"\xff\xd8\xff" + b"x" * 500, "trasig.jpg"), (b"<svg/>", "x.svg")],
)
def test_bad_images_are_refused_in_swedish(
    browser: Client, patient: Person, nurse: StaffActor, content: bytes, name: str
) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    url = reverse("cases:send_image", args=[case.public_id])
    for headers in ({"Accept": "application/json"}, {}):
        file = SimpleUploadedFile(name, content, content_type="image/jpeg")
        answer = browser.post(url, {"image": file, "key": factories.key()}, headers=headers)
        assert answer.status_code == 422
    assert browser.post(url, {"key": factories.key()}).status_code == 422
    assert not Upload.objects.filter(case=case).exists()


def test_list_costs_the_same_at_one_and_many_cases(browser: Client, patient: Person, nurse: StaffActor) -> None:
    factories.make_closed_case(nurse, patient=patient)
    few = _queries(browser, "/mina-arenden/")
    for _ in range(25):
        factories.make_closed_case(nurse, patient=patient, contact_reason="Igen")
    assert _queries(browser, "/mina-arenden/") == few


def test_chat_costs_the_same_at_one_and_many_messages(browser: Client, patient: Person, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse, patient=patient)
    url = reverse("cases:mine_case", args=[case.public_id])
    few = _queries(browser, url)
    for _ in range(50):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text="Rad")
    assert _queries(browser, url) == few


def test_moments_in_words() -> None:
    at = datetime(2026, 3, 27, 9, 0, tzinfo=UTC)  # a Friday, 10.00 in Sweden
    assert when_words(at + timedelta(hours=5), at) == "15.00 i dag"
    assert when_words(at + timedelta(hours=22), at) == "i morgon kl. 08.00"
    # After the night to summer time 08.00 is one hour earlier in UTC.
    assert when_words(datetime(2026, 3, 30, 6, 0, tzinfo=UTC), at) == "måndag 30 mars kl. 08.00"


@pytest.mark.parametrize(("number", "shown"), [("+46701234542", "070-••• •• 42"), ("", ""), ("123", "")])
def test_mobile_is_recognisable_only_to_its_owner(number: str, shown: str) -> None:
    assert masked_mobile(number) == shown


def _queries(browser: Client, url: str) -> int:
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)
