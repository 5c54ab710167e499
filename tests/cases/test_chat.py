"""The patient chat: numbering, retries, read marks, who may write when, the SMS to who has left."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from PIL import Image

from cases import commands, effects, names, queries, uploads
from cases.errors import CaseClosed, HeldByColleague, MessageEmpty, MessageTooLong, NotStarted, ReadOnly
from cases.models import Case, Message, Upload
from cases.rules import MESSAGE_LIMIT
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Invalid, KeyReused, NotFound
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(nurse: StaffActor) -> Case:
    """A started visit; message 1 is the welcome."""
    return factories.make_started_case(nurse)


@pytest.fixture
def patient(chat: Case) -> ResidentActor:
    """Its patient."""
    return factories.resident(chat.patient)


def send(actor: StaffActor | ResidentActor, case: Case, text: str = "Hej", client_id: str = "") -> commands.Sent:
    """One message with a client id of its own."""
    return commands.send_message(actor=actor, case_id=case.public_id, client_id=client_id or key(), text=text)


@pytest.mark.req("CHT-01")
def test_messages_are_numbered_without_holes_and_name_their_author(
    chat: Case, nurse: StaffActor, patient: ResidentActor
) -> None:
    acks = [send(nurse, chat, "Hur mår du?"), send(patient, chat, "Bättre"), send(nurse, chat, "Bra")]
    assert [a.seq for a in acks] == [2, 3, 4]
    rows = queries.timeline(chat)
    assert [m.seq for m in rows] == [1, 2, 3, 4]
    assert [a.at for a in acks] == [m.sent_at for m in rows[1:]]
    assert (rows[1].author_name, rows[1].author_title) == (nurse.name, nurse.title)
    assert rows[2].author_name == "", "a patient's name is not stored with the message"
    chat.refresh_from_db()
    assert (chat.last_seq, chat.last_staff_seq, chat.last_patient_seq) == (4, 4, 3)
    assert chat.first_reply_at == rows[1].sent_at


def test_the_same_client_id_is_one_message_even_after_closing(
    chat: Case, nurse: StaffActor, patient: ResidentActor
) -> None:
    first = send(patient, chat, "Hej", "client-1")
    assert send(patient, chat, " Hej\n", "client-1") == first
    send(nurse, chat, "annat", "client-1")  # another author's ids are their own
    commands.close_visit(actor=nurse, case_id=chat.public_id, follow_up_days=0, key=key())
    assert send(patient, chat, "Hej", "client-1") == first
    with pytest.raises(KeyReused):
        send(patient, chat, "Hej!", "client-1")
    assert Message.objects.filter(case=chat).count() == 3


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x1b"])
def test_empty_messages_are_refused(chat: Case, patient: ResidentActor, text: str) -> None:
    with pytest.raises(MessageEmpty):
        send(patient, chat, text)


def test_long_messages_are_refused_at_the_limit(chat: Case, patient: ResidentActor) -> None:
    send(patient, chat, "å" * MESSAGE_LIMIT)
    with pytest.raises(MessageTooLong) as refused:
        send(patient, chat, "å" * (MESSAGE_LIMIT + 1))
    assert str(MESSAGE_LIMIT) in refused.value.message


@pytest.mark.parametrize("client_id", ["", "a" * 65, "a b", "å"])
def test_client_ids_have_a_form(chat: Case, patient: ResidentActor, client_id: str) -> None:
    with pytest.raises(Invalid):
        commands.send_message(actor=patient, case_id=chat.public_id, client_id=client_id, text="Hej")


@pytest.mark.req("CAS-04")
def test_nobody_writes_before_the_visit_starts(case: Case, nurse: StaffActor) -> None:
    patient = factories.resident(case.patient)
    for actor in (nurse, patient):
        with pytest.raises(NotStarted):
            send(actor, case)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    for actor in (nurse, patient):
        with pytest.raises(NotStarted):
            send(actor, case)


@pytest.mark.req("CAS-08", "CAS-25")
def test_both_write_in_follow_up_and_nobody_after(nurse: StaffActor) -> None:
    case = factories.make_closed_case(nurse, follow_up_days=2)
    patient = factories.resident(case.patient)
    assert case.follow_up_until is not None
    with time_machine.travel(case.follow_up_until - timedelta(seconds=1), tick=False):
        send(patient, case)
        send(nurse, case)
    # The tick may be late: the time decides.
    with time_machine.travel(case.follow_up_until, tick=False):
        for actor in (nurse, patient):
            with pytest.raises(CaseClosed):
                send(actor, case)


@pytest.mark.req("QUE-16", "CAS-06")
def test_colleagues_strangers_and_other_residents_cannot_write(
    chat: Case, colleague: StaffActor, doctor: StaffActor
) -> None:
    for actor in (colleague, doctor):
        with pytest.raises(HeldByColleague):
            send(actor, chat)
    strangers: list[StaffActor | ResidentActor] = [factories.make_staff(), factories.resident(factories.make_person())]
    for stranger in strangers:
        with pytest.raises(NotFound):
            send(stranger, chat)


@pytest.mark.req("ENT-19", "ENT-20")
def test_only_the_guardian_who_started_the_case_writes(nurse: StaffActor) -> None:
    mother, father = factories.make_person(), factories.make_person()
    child = factories.make_child(mother)
    Guardianship.objects.create(guardian=father, child=child)
    case = factories.make_started_case(nurse, patient=child, started_by=mother)
    send(factories.resident(mother), case)
    with pytest.raises(ReadOnly):
        send(factories.resident(father), case)
    assert not commands.mark_seen(actor=factories.resident(father), case_id=case.public_id, seq=1)
    Person.objects.filter(pk=child.pk).update(protected=Person.Protected.YES)
    with pytest.raises(NotFound):
        send(factories.resident(mother), case)


def test_read_marks_only_go_forward_and_unread_follows(chat: Case, nurse: StaffActor, patient: ResidentActor) -> None:
    for text in ("ett", "två", "tre"):
        send(patient, chat, text)
    (row,) = queries.own_cases(nurse)
    assert row.unread == 3
    assert commands.mark_seen(actor=nurse, case_id=chat.public_id, seq=3)
    assert queries.own_cases(nurse)[0].unread == 1
    assert not commands.mark_seen(actor=nurse, case_id=chat.public_id, seq=2)
    assert commands.mark_seen(actor=nurse, case_id=chat.public_id, seq=10_000)
    chat.refresh_from_db()
    assert (chat.staff_seen_seq, chat.patient_seen_seq) == (4, 0)
    (mine,) = queries.resident_cases(patient)
    assert mine.unread == 1, "the welcome message"


@pytest.mark.req("QUE-06")
def test_a_message_rings_the_chat_and_own_lists_never_the_queue(
    chat: Case, nurse: StaffActor, patient: ResidentActor
) -> None:
    before = FeedChange.objects.count()
    sent = send(patient, chat)
    rung = set(FeedChange.objects.order_by("pk").values_list("feed", "object")[before:])
    assert rung == {
        (names.patient_chat_feed(chat.public_id), f"message:{sent.seq}"),
        (names.patient_chat_feed(chat.public_id), "case"),
        (names.me_feed(nurse.key), "own"),
    }, "the sender's own list stays as it is"


def test_the_hot_path_is_short(
    chat: Case, nurse: StaffActor, patient: ResidentActor, django_assert_num_queries: Any
) -> None:
    send(nurse, chat)
    for _ in range(20):
        send(patient, chat)
    # Savepoint and release stand for BEGIN and COMMIT: lock, look for the id, and one statement for all writes.
    with django_assert_num_queries(5):
        send(patient, chat)
    with django_assert_num_queries(5):  # with the SMS that may be needed
        send(nurse, chat)
    with django_assert_num_queries(5):
        commands.mark_seen(actor=nurse, case_id=chat.public_id, seq=23)


def test_what_was_written_never_reaches_the_change_log(chat: Case, patient: ResidentActor) -> None:
    send(patient, chat, "hemligt ord")
    log = ChangeLog.objects.get(event="message_sent")
    assert "hemligt" not in str(log.data)
    assert log.data == {"seq": 2, "kind": "text"}


@pytest.mark.req("NOT-01")
def test_a_message_unseen_for_a_minute_asks_for_one_sms(chat: Case, nurse: StaffActor, patient: ResidentActor) -> None:
    commands.mark_seen(actor=patient, case_id=chat.public_id, seq=1)
    Effect.objects.all().delete()
    send(nurse, chat)
    send(nurse, chat)
    send(patient, chat)
    (effect,) = Effect.objects.filter(kind="case_unread_sms")
    sent_at = Message.objects.get(case=chat, seq=2).sent_at
    assert effect.due_at == sent_at + timedelta(seconds=60)
    effects.send_unread_sms(effect)
    effects.send_unread_sms(effect)
    sms = Effect.objects.get(kind="resident_sms")
    assert sms.payload == {"person": chat.started_by_id, "template": "new_message", "unit": chat.unit_id}


@pytest.mark.req("NOT-01")
def test_no_sms_to_a_patient_who_has_seen_it(chat: Case, nurse: StaffActor, patient: ResidentActor) -> None:
    commands.mark_seen(actor=patient, case_id=chat.public_id, seq=1)
    Effect.objects.all().delete()
    sent = send(nurse, chat)
    commands.mark_seen(actor=patient, case_id=chat.public_id, seq=sent.seq)
    effects.send_unread_sms(Effect.objects.get(kind="case_unread_sms"))
    assert not Effect.objects.filter(kind="resident_sms").exists()
    # The next unread stretch is a new one.
    send(nurse, chat)
    effects.send_unread_sms(Effect.objects.filter(kind="case_unread_sms").latest("pk"))
    assert Effect.objects.filter(kind="resident_sms").count() == 1


@pytest.mark.req("NOT-01")
@pytest.mark.parametrize(("value", "expected"), [("every_message", 2), ("if_left", 1)])
def test_sms_in_the_asynchronous_phase_follow_policy(unit: Unit, nurse: StaffActor, value: str, expected: int) -> None:
    factories.set_policy(unit, "async_sms", value)
    case = factories.make_closed_case(nurse, follow_up_days=5)
    commands.mark_seen(actor=factories.resident(case.patient), case_id=case.public_id, seq=1)
    Effect.objects.all().delete()
    send(nurse, case)
    send(nurse, case)
    for effect in Effect.objects.filter(kind="case_unread_sms"):
        effects.send_unread_sms(effect)
    assert Effect.objects.filter(kind="resident_sms").count() == expected


def picture(kind: str = "JPEG") -> io.BytesIO:
    """A small real image."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind)
    out.seek(0)
    return out


@pytest.mark.req("CHT-10", "IMG-01")
def test_an_image_is_a_message_and_sent_twice_is_stored_once(chat: Case, patient: ResidentActor) -> None:
    first = commands.send_image(actor=patient, case_id=chat.public_id, client_id="image-1", file=picture())
    again = commands.send_image(actor=patient, case_id=chat.public_id, client_id="image-1", file=picture())
    assert again == first
    message = Message.objects.select_related("upload").get(case=chat, seq=first.seq)
    assert message.kind == "image"
    assert message.upload is not None
    assert (message.upload.origin, message.upload.case_id) == (Upload.Origin.CHAT, chat.pk)
    assert uploads.path_of(message.upload.file_key).exists()
    assert Upload.objects.count() == 1
    assert queries.case_card(chat).uploads == [], "shown in the chat, not under Uppladdningar"


def test_an_image_to_a_closed_chat_leaves_no_file(chat: Case, nurse: StaffActor, patient: ResidentActor) -> None:
    commands.close_visit(actor=nurse, case_id=chat.public_id, follow_up_days=0, key=key())
    before = {p for p in uploads.root().rglob("*") if p.is_file()}
    with pytest.raises(CaseClosed):
        commands.send_image(actor=patient, case_id=chat.public_id, client_id="image-1", file=picture())
    assert {p for p in uploads.root().rglob("*") if p.is_file()} == before
