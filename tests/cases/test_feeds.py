"""What the feeds show, to whom, and that no internal fact reaches the patient's side."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.serializers.json import DjangoJSONEncoder

from cases import access, actions, commands, feeds, names
from cases.models import Case
from direkt1177.accounts.actors import SYSTEM, StaffActor
from direkt1177.audit.refusals import Refusal
from direkt1177.realtime import actions as realtime_actions
from direkt1177.realtime.sources import Item, source_for
from direkt1177.residents.models import Guardianship
from direkt1177.residents.shown import changes
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


def allowed(actor: Any, feed: str) -> str:
    """Basis, or ``-``."""
    try:
        return source_for(feed).authorize(actor, feed).basis
    except Refusal:
        return "-"


def everything(feed: str) -> str:
    """The whole first page as one text."""
    items = source_for(feed).first_page(feed)
    return json.dumps([[i.object, i.html, i.data, i.sort] for i in items], cls=DjangoJSONEncoder, ensure_ascii=False)


@pytest.mark.req("QUE-16", "ENT-20")
@pytest.mark.parametrize("state", ["waiting", "received", "started", "asynchronous", "closed"])
def test_every_relation_gets_exactly_its_feeds(
    state: str, unit: Unit, nurse: StaffActor, colleague: StaffActor, doctor: StaffActor
) -> None:
    mother, father = factories.make_person(), factories.make_person()
    child = factories.make_child(mother)
    Guardianship.objects.create(guardian=father, child=child)
    make = {
        "waiting": lambda: factories.make_case(unit, patient=child, started_by=mother),
        "received": lambda: factories.make_received_case(nurse, patient=child, started_by=mother),
        "started": lambda: factories.make_started_case(nurse, patient=child, started_by=mother),
        "asynchronous": lambda: factories.make_closed_case(nurse, follow_up_days=1, patient=child, started_by=mother),
        "closed": lambda: factories.make_closed_case(nurse, patient=child, started_by=mother),
    }
    case = make[state]()
    queue, both = names.queue_feed(unit.pk, case.role_id), names.patient_chat_feed(case.public_id)
    internal = names.staff_chat_feed(case.public_id)
    holder = {"waiting": "-", "closed": "closed_own"}.get(state, "holder")
    expected = {
        nurse: ("queue_role", holder, holder),
        colleague: ("queue_role", "-", "-"),
        doctor: ("queue_other_role", "-", "-"),
        factories.make_staff(): ("-", "-", "-"),
        factories.resident(mother): ("-", "guardian", "-"),
        factories.resident(father): ("-", "guardian_read", "-"),
        factories.resident(child): ("-", "-", "-"),
        factories.resident(factories.make_person()): ("-", "-", "-"),
        SYSTEM: ("-", "-", "-"),
    }
    for actor, bases in expected.items():
        assert tuple(allowed(actor, feed) for feed in (queue, both, internal)) == bases, actor


@pytest.mark.parametrize(
    "feed",
    [
        "queue:1",
        "queue:x:1",
        "queue:1:2:3",
        "queue:²:1",
        "chat:x:patient",
        "chat:::",
        "me:",
        "me:staff:0",
        "chat:" + "0" * 32,
    ],
)
def test_odd_feed_names_are_not_found(feed: str, nurse: StaffActor) -> None:
    assert allowed(nurse, feed) == "-"


def test_me_is_only_oneself(nurse: StaffActor, colleague: StaffActor) -> None:
    patient = factories.resident(factories.make_person())
    assert allowed(nurse, names.me_feed(nurse.key)) == "holder"
    assert allowed(patient, names.me_feed(patient.key)) == "self"
    assert allowed(colleague, names.me_feed(nurse.key)) == "-"
    assert allowed(nurse, names.me_feed(patient.key)) == "-"
    assert allowed(nurse, names.me_feed(f"{nurse.key}0")) == "-"


@pytest.mark.req("TRI-11")
def test_nothing_internal_reaches_the_patients_side(unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_received_case(
        nurse, urgency=2, read_now=True, could_not_answer="CANARY-UNKNOWN", free_text="CANARY-FREE"
    )
    commands.change_urgency(
        actor=nurse, case_id=case.public_id, urgency=1, reason="CANARY-REASON", key=key(), version=case.version
    )
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    patient = factories.resident(case.patient)
    commands.send_message(actor=patient, case_id=case.public_id, client_id="12345678", text="Hej")
    for feed in (names.patient_chat_feed(case.public_id), names.me_feed(patient.key)):
        text = everything(feed)
        assert "CANARY" not in text
        assert "urgency" not in text.lower()
        assert nurse.role_name not in text
        assert case.patient.personal_number not in text
        assert case.patient.last_name not in text or feed.startswith("me:")
    assert '"urgency": 1' in everything(names.staff_chat_feed(case.public_id))


@pytest.mark.req("QUE-06", "QUE-24")
def test_the_queue_shows_who_waits_then_who_took_it_then_nothing(unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_case(unit)
    feed, name = names.queue_feed(unit.pk, case.role_id), names.case_object(case.public_id)
    source = source_for(feed)

    def read() -> list[Item]:
        return list(source.read(feed, [name, "case:no-id", "case:00000000-0000-0000-0000-000000000000"]))

    (item,) = read()
    assert item.object == name
    assert case.patient.last_name in item.html
    assert f'data-object="{name}"' in item.html
    assert [i.object for i in source.first_page(feed)] == [name]
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    (item,) = read()
    assert item.data["gone"] is True
    assert nurse.name in item.html
    assert source.first_page(feed) == []
    with time_machine.travel(now() + timedelta(seconds=feeds.GONE_SECONDS + 1), tick=False):
        assert read() == []
    commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())
    assert "gone" not in read()[0].data
    # A case of another queue is never drawn here, whatever name is asked for.
    other = factories.make_case()
    assert list(source.read(feed, [names.case_object(other.public_id)])) == []


def test_page_and_feed_draw_the_same_bytes(unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_case(unit)
    feed = names.queue_feed(unit.pk, case.role_id)
    with time_machine.travel(now(), tick=False):
        first = source_for(feed).first_page(feed)[0]
        assert list(source_for(feed).read(feed, [first.object])) == [first]


@pytest.mark.req("ENT-26")
def test_chat_items_carry_ids_for_the_browser_and_no_patient_name(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    sent = commands.send_message(actor=patient, case_id=case.public_id, client_id="my-own-id", text="Hej <b>du</b>")
    feed = names.patient_chat_feed(case.public_id)
    message, header = source_for(feed).read(feed, [f"message:{sent.seq}", "case", "message:99", "message:x"])
    assert message.data == {
        "seq": sent.seq, "author": "patient", "from": patient.key, "client_id": "my-own-id", "at": sent.at,
    }  # fmt: skip
    assert "Hej &lt;b&gt;du&lt;/b&gt;" in message.html
    assert header.data["last_seq"] == sent.seq
    assert case.patient.last_name not in json.dumps([message.html, header.data])
    assert source_for(feed).label_of(patient, feed) != patient.name  # type: ignore[attr-defined]


def test_own_list_has_unread_counts(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    commands.send_message(actor=patient, case_id=case.public_id, client_id="12345678", text="Hej")
    (item,) = source_for("me:").read(names.me_feed(nurse.key), ["own"])
    assert item.data == {"unread": 1, "cases": {str(case.public_id): 1}}
    (item,) = source_for("me:").read(names.me_feed(patient.key), ["own"])
    assert item.data["cases"] == {str(case.public_id): {"unread": 1, "state": "started"}}
    assert source_for("me:").read(names.me_feed(nurse.key), ["authz"]) == []


@pytest.mark.req("ENT-29")
def test_a_person_who_becomes_protected_is_drawn_again_everywhere(unit: Unit, nurse: StaffActor) -> None:
    person = factories.make_person()
    waiting, started = factories.make_case(unit, patient=person), factories.make_started_case(nurse, patient=person)
    factories.make_closed_case(nurse, patient=person)
    found = {(c.feed, c.object) for c in changes(person.pk)}
    assert found >= {
        (names.queue_feed(unit.pk, waiting.role_id), names.case_object(waiting.public_id)),
        (names.me_feed(nurse.key), "own"),
        (names.staff_chat_feed(started.public_id), "case"),
    }


def test_socket_actions_are_the_commands(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    action = realtime_actions.find("send_message")
    seen = realtime_actions.find("seen")
    assert action is not None
    assert seen is not None
    frame = {"id": "client-0001", "case": str(case.public_id), "text": "Hej"}
    outcome = realtime_actions.perform(action, patient, frame)
    assert (outcome.ack["ok"], outcome.ack["id"], outcome.ack["seq"]) == (True, "client-0001", 2)
    assert realtime_actions.perform(action, patient, frame).ack["seq"] == 2
    refused = realtime_actions.perform(action, patient, {**frame, "text": "annat"}).ack
    assert (refused["ok"], refused["error"]["code"]) == (False, "key_reused")
    for odd in ({**frame, "extra": 1}, {**frame, "text": 5}, {**frame, "case": "../../"}, {}, {**frame, "id": "x y"}):
        assert not realtime_actions.perform(action, patient, odd).ack["ok"]
    feed = names.patient_chat_feed(case.public_id)
    assert realtime_actions.perform(seen, nurse, {"feed": feed, "seq": 2}).ack["moved"]
    for odd in ({"feed": "queue:1:1", "seq": 1}, {"feed": feed, "seq": -1}, {"feed": feed, "seq": 2**40}):
        assert not realtime_actions.perform(seen, nurse, odd).ack["ok"]
    assert actions.SendMessage.model_config["extra"] == "forbid"


@pytest.mark.parametrize("many", [1, 50])
def test_feeds_read_the_same_number_of_queries_whatever_the_size(
    many: int, unit: Unit, nurse: StaffActor, django_assert_num_queries: Any
) -> None:
    cases = [factories.make_case(unit) for _ in range(many)]
    chat = factories.make_started_case(nurse)
    patient = factories.resident(chat.patient)
    for n in range(many):
        commands.send_message(actor=patient, case_id=chat.public_id, client_id=f"message-{n}", text="Hej")
    queue = names.queue_feed(unit.pk, cases[0].role_id)
    with django_assert_num_queries(3):
        assert len(source_for(queue).first_page(queue)) == many
    with django_assert_num_queries(3):
        source_for(queue).read(queue, [names.case_object(c.public_id) for c in cases])
    feed = names.patient_chat_feed(chat.public_id)
    with django_assert_num_queries(2):
        source_for(feed).first_page(feed)
    with django_assert_num_queries(3):
        source_for("me:").read(names.me_feed(nurse.key), ["own"])


def test_a_feed_reads_through_the_same_decision_as_the_page(nurse: StaffActor, colleague: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    loaded = Case.objects.select_related("patient", "holder").get(pk=case.pk)
    assert access.basis_for(nurse, loaded) == allowed(nurse, names.patient_chat_feed(case.public_id))
