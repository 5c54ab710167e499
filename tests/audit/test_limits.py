"""Rate limits: counted together, kept or lifted without Redis, told in Swedish (S-09)."""

from __future__ import annotations

import re
import signal
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from direkt1177.audit import limits
from direkt1177.audit.limits import TooOften
from direkt1177.embedded.valkey import ValkeyServer
from tests.factories import make_person, make_staff, make_started_case, resident
from tests.realtime.harness import valkey
from tests.signing_in import resident_client


@pytest.fixture(autouse=True)
def strict(settings: Any) -> Iterator[None]:
    """Limits as in production, small where it only matters that there is one."""
    settings.RATE_LIMITS = {
        "sign_in": "300/5 minutes", "sign_in_failed": "10/5 minutes", "message": "3/10 seconds", "image": "2/hour",
        "case": "5/hour",
    }  # fmt: skip
    _forget()
    yield
    _forget()


def _forget() -> None:
    limits._shared.cache_clear()
    limits._own.cache_clear()
    limits._rest.end()


@pytest.fixture
def own_redis(settings: Any) -> Iterator[ValkeyServer]:
    """A Valkey that may be killed and frozen."""
    with valkey() as server:
        settings.REDIS_URL = server.address
        yield server


def _spend(name: str, who: str, times: int) -> None:
    for _ in range(times):
        limits.require(name, who)


def test_the_next_one_is_refused_and_others_are_not() -> None:
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    _spend("message", one, 3)
    with pytest.raises(TooOften) as refused:
        limits.require("message", one)
    assert (refused.value.status, refused.value.code) == (429, "too_fast")
    assert 1 <= refused.value.retry_after <= 11
    limits.require("message", other)
    limits.require("image", one)
    _spend("not limited", one, 50)


def test_looking_does_not_count() -> None:
    who = uuid.uuid4().hex
    for _ in range(5):
        limits.refuse_when_spent("message", who)
    _spend("message", who, 3)
    with pytest.raises(TooOften):
        limits.refuse_when_spent("message", who)


def test_all_processes_count_together_under_hashed_keys(own_redis: ValkeyServer) -> None:
    _spend("image", "person:4711", 2)
    limits._shared.cache_clear()  # what another process would have: nothing of its own
    with pytest.raises(TooOften):
        limits.require("image", "person:4711")
    keys = [str(key) for key in own_redis.client().keys("*")]
    assert keys
    assert not any("4711" in key for key in keys)


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_without_redis_patients_go_on_and_sign_in_stays_limited(own_redis: ValkeyServer, how: str) -> None:
    who = uuid.uuid4().hex
    limits.require("message", who)
    assert own_redis.process is not None
    if how == "killed":
        own_redis.kill()
    else:
        own_redis.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    _spend("message", who, 50)
    _spend("case", who, 50)
    _spend("sign_in_failed", who, 10)
    with pytest.raises(TooOften):
        limits.require("sign_in_failed", who)
    with pytest.raises(TooOften):
        limits.refuse_when_spent("sign_in_failed", who)
    # 112 questions at Redis's pace would take 22 s; it is asked once every few seconds.
    assert time.monotonic() - began < 15
    if how == "frozen":
        own_redis.process.send_signal(signal.SIGCONT)


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "good"), [("/logga-in/", "resident"), ("/personal/logga-in/", "staff")])
def test_failed_sign_ins_of_an_address_end_in_a_swedish_page(page: str, good: str, client: Client) -> None:
    address = f"10.{uuid.uuid4().int % 255}.{uuid.uuid4().int % 255}.{uuid.uuid4().int % 255}"
    for _ in range(10):
        assert client.post(page, {"person": "nobody"}, REMOTE_ADDR=address).status_code == 422
    person = str(make_person().public_id) if good == "resident" else make_staff_id()
    answer = client.post(page, {"person": person}, REMOTE_ADDR=address)
    text = answer.content.decode()
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 301
    assert '<html lang="sv"' in text
    assert "Det blev för många försök på kort tid" in text
    assert re.search(r"Vänta \d+ minut", text)
    assert "sessionid" not in answer.cookies
    assert client.get(page, REMOTE_ADDR=address).status_code == 200
    assert client.post(page, {"person": person}, REMOTE_ADDR="192.0.2.1").status_code == 302


def make_staff_id() -> str:
    """HSA-id of a new member of staff."""
    from direkt1177.accounts.models import User

    return User.objects.get(pk=make_staff().user_id).hsa_id


@pytest.mark.django_db
def test_messages_over_twin_and_form_count_together() -> None:
    patient = make_person()
    case = make_started_case(make_staff(), patient=patient)
    client = resident_client(patient)
    address = f"/arende/{case.public_id}/meddelande/"
    for number in range(3):
        if number % 2:
            body = {"action": "send_message", "id": uuid.uuid4().hex, "case": str(case.public_id), "text": "Hej"}
            assert client.post("/live/action/", body, content_type="application/json").status_code == 200
        else:
            assert client.post(address, {"text": "Hej", "key": uuid.uuid4().hex}).status_code == 302
    body = {"action": "send_message", "id": uuid.uuid4().hex, "case": str(case.public_id), "text": "Hej"}
    answer = client.post("/live/action/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_fast")
    typed = client.post(address, {"text": "Det jag skrev", "key": uuid.uuid4().hex})
    assert typed.status_code == 429
    assert "Det jag skrev" in typed.content.decode()
    case.refresh_from_db()
    assert case.last_seq == 4
    assert resident(patient).key


@pytest.mark.django_db
def test_images_are_limited_before_they_are_decoded() -> None:
    patient = make_person()
    case = make_started_case(make_staff(), patient=patient)
    client = resident_client(patient)
    _spend("image", f"person:{patient.pk}", 2)
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = {"image": SimpleUploadedFile("x.jpg", b"no image"), "key": uuid.uuid4().hex}
    answer = client.post(f"/arende/{case.public_id}/bild/", data, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_fast")
