"""Sending under pressure, images on the way, query counts, and what never leaves (R-09, TRI-08)."""

from __future__ import annotations

import io
import threading
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from cases.models import Case, Upload
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.questions.kinds import AnswerValue
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests.factories import make_person, make_role, make_unit, resident
from tests.signing_in import resident_client
from tests.triage.material import calm
from tests.triage.walking import Walk
from triage import commands
from triage.engine.loader import bundled
from triage.errors import AlreadyEnded, CannotBeChosen, NotReady
from triage.models import Interview

THROAT = bundled()["sore_throat"]
CANARY = "Kanariefågel-4711"


@pytest.fixture
def unit() -> Unit:
    make_role("nurse")
    make_role("medical_admin")
    return make_unit()


@pytest.fixture
def person(unit: Unit) -> Person:
    return make_person(listed_unit=unit, sex="male", birth_date=date(1994, 5, 4))


def answers(**changed: AnswerValue) -> dict[str, AnswerValue]:
    return {**calm(THROAT), **changed}


def ready_to_send(person: Person, unit: Unit) -> Interview:
    """An interview of urgency 2 with everything answered."""
    actor = resident(person)
    public_id = commands.start_interview(
        actor=actor, key="k" * 12, kind="seek_care", patient_id=person.pk, unit_id=unit.pk
    )
    here: dict[str, Any] = {"actor": actor, "interview_id": public_id}
    commands.answer_gate(**here, yes_or_unsure=False)
    commands.describe_complaint(**here, text="Ont i halsen", reason_id="sore_throat")
    for question_id, value in answers(dry="yes").items():
        try:
            commands.answer_question(**here, question_id=question_id, value=value)
        except NotReady:
            continue  # the question does not apply to this person
    commands.continue_after_result(**here, to_staff=False)
    commands.answer_more(**here, answers={}, text="")
    commands.give_consents(**here, consents={"care_history": True, "medication_list": True})
    commands.accept_fee(**here, text_version="standard-1")
    return Interview.objects.get(public_id=public_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("ENT-12")
def test_eight_sends_at_once_give_one_case(person: Person, unit: Unit) -> None:
    interview = ready_to_send(person, unit)
    outcomes: list[object] = []
    gate = threading.Barrier(8)

    def send(number: int) -> None:
        gate.wait()
        try:
            key = "same-key-0001" if number % 2 else f"own-key-{number:04d}"
            outcomes.append(commands.send_interview(actor=resident(person), interview_id=interview.public_id, key=key))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    case = Case.objects.get()
    assert outcomes == [case.public_id] * 8
    assert ChangeLog.objects.filter(event="interview_ended").count() == 1


@pytest.mark.django_db
def test_commands_refuse_what_pages_never_offer(person: Person, unit: Unit) -> None:
    actor = resident(person)
    start: dict[str, Any] = {"actor": actor, "kind": "seek_care", "unit_id": unit.pk}
    with pytest.raises(CannotBeChosen):
        commands.start_interview(**start, key="other-person", patient_id=make_person().pk)
    public_id = commands.start_interview(**start, key="k" * 12, patient_id=person.pk)
    assert commands.start_interview(**start, key="k" * 12, patient_id=person.pk) == public_id
    here: dict[str, Any] = {"actor": actor, "interview_id": public_id}
    for call in (
        lambda: commands.choose_contact_after_112(**here),
        lambda: commands.end_with_112(**here),
        lambda: commands.end_with_self_care(**here),
        lambda: commands.answer_question(**here, question_id="airway", value=[]),
        lambda: commands.continue_after_result(**here, to_staff=True),
        lambda: commands.send_interview(**here, key="send-too-early"),
    ):
        with pytest.raises(NotReady):
            call()
    commands.answer_gate(**here, yes_or_unsure=True)
    commands.end_with_112(**here)
    with pytest.raises(AlreadyEnded):
        commands.answer_gate(**here, yes_or_unsure=False)


@pytest.mark.django_db
@pytest.mark.req("TRI-08")
def test_pictures_are_added_removed_and_refused_in_words(person: Person) -> None:
    walk = Walk(resident_client(person))
    walk.begin(person)
    walk.describe()
    walk.answer_all(answers(dry="yes"))
    walk.post(choice="go_on")
    url = walk.url
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")

    def picture() -> SimpleUploadedFile:
        return SimpleUploadedFile("hals.png", buffer.getvalue(), "image/png")

    walk.post(url, q_images_file=[picture(), picture()], stay="1", added_text="kvar")
    assert Upload.objects.filter(interview=walk.interview.public_id, origin="post_triage").count() == 2
    assert "Ta bort bild 2" in walk.html and "kvar" in walk.html
    walk.post(url, remove=str(Upload.objects.latest("pk").public_id), stay="1")
    assert Upload.objects.count() == 1
    walk.post(url, q_images_file=[SimpleUploadedFile("x.png", b"no picture", "image/png")], go="1", added_text="kvar")
    assert walk.response.status_code == 422
    assert "JPEG, PNG eller WebP" in walk.html and "kvar" in walk.html
    walk.post(url, q_images_file=[picture(), picture(), picture()], go="1")
    assert walk.response.status_code == 422 and "Du kan skicka 3 bilder här" in walk.html
    walk.post(url, go="1")
    walk.consent_and_fee()
    walk.post(key=walk.key())
    assert Upload.objects.filter(case=Case.objects.get()).count() == 3


@pytest.mark.django_db
def test_pages_cost_the_same_number_of_queries_early_and_late(person: Person) -> None:
    walk = Walk(resident_client(person))
    walk.begin(person)
    walk.describe()
    first = walk.url
    counts = [queries_of(walk, first)]
    walk.answer_all(answers())
    counts.append(queries_of(walk, first))
    assert counts[0] == counts[1] <= 8
    assert queries_of(walk, walk.url) <= 10
    with CaptureQueriesContext(connection) as captured:
        walk.client.post(first, {"question": "airway", "q_airway": "none"})
    assert len(captured) <= 22


def queries_of(walk: Walk, url: str) -> int:
    walk.client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert walk.client.get(url).status_code == 200
    return len(captured)


@pytest.mark.django_db
def test_what_a_resident_writes_stands_in_no_log_and_no_address(person: Person, caplog: Any) -> None:
    walk = Walk(resident_client(person))
    walk.begin(person)
    walk.describe(f"Ont i halsen {CANARY}")
    walk.answer_all(answers(dry="yes"))
    walk.post(choice="go_on")
    walk.post(added_text=CANARY, q_medicines=CANARY, go="1")
    walk.consent_and_fee()
    walk.post(key=walk.key())
    assert CANARY in Interview.objects.get().own_words
    logged = [str(row) for row in ChangeLog.objects.values_list("data", "object_id")]
    logged += [str(row) for row in ReadLog.objects.values_list("object_id", "reason")]
    assert not any(CANARY in row for row in (*logged, caplog.text, walk.url))
    assert ReadLog.objects.filter(object_type="interview", basis="self").exists()
