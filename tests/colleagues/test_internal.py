"""The internal chat: who writes and reads it, its own numbers; no resident ever sees it (CHT-13, CHT-19, I-15)."""

from __future__ import annotations

import json
import re

import pytest
from django.core import serializers
from django.urls import reverse

from cases import commands as cases
from cases.colleagues import access, commands, queries
from cases.colleagues.errors import NotInInternalChat
from cases.colleagues.feeds import InternalSource
from cases.colleagues.models import InternalMessage
from cases.errors import CaseClosed, HeldByColleague, MessageEmpty, MessageTooLong
from cases.models import Case
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import KeyReused, NotFound, Refusal
from direkt1177.outbox.models import Effect, SimulatedSms
from direkt1177.realtime.models import FeedChange
from direkt1177.residents.models import Guardianship
from direkt1177.units.models import Unit
from tests import factories
from tests.colleagues.inviting import Visit, invite, say, visit
from tests.factories import key, make_child, make_person, make_staff, resident
from tests.permissions.addresses import AUDIENCE, RESIDENT, addresses
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "KANARIEINTERNT"


@pytest.fixture
def v() -> Visit:
    """A started case and its colleagues."""
    return visit()


@pytest.mark.req("CHT-13")
def test_it_has_its_own_numbers_and_touches_nothing_of_the_patients(v: Visit) -> None:
    before = Case.objects.get(pk=v.case.pk)
    FeedChange.objects.all().delete()
    assert (say(v, v.nurse), say(v, v.nurse)) == (1, 2)
    after = Case.objects.get(pk=v.case.pk)
    assert (after.last_seq, after.version, after.last_staff_seq) == (
        before.last_seq, before.version, before.last_staff_seq,
    )  # fmt: skip
    assert set(FeedChange.objects.values_list("feed", flat=True)) == {f"internal:{v.case.public_id}"}
    assert not Effect.objects.filter(
        kind="case_unread_sms", payload__case=str(v.case.public_id), payload__seq=2
    ).exists()


def test_the_same_line_twice_is_one_and_another_text_is_refused(v: Visit) -> None:
    line = {"actor": v.nurse, "case_id": v.case.public_id, "client_id": "samma-id-1"}
    first = commands.send_internal(**line, text="Hej")  # type: ignore[arg-type]
    assert commands.send_internal(**line, text="Hej") == first  # type: ignore[arg-type]
    with pytest.raises(KeyReused):
        commands.send_internal(**line, text="Något annat")  # type: ignore[arg-type]
    assert InternalMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "refusal"),
    [("", MessageEmpty), (" \n ", MessageEmpty), ("\u200b\u200d", MessageEmpty), ("x" * 10_001, MessageTooLong)],
)
def test_bad_texts(v: Visit, text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        say(v, v.nurse, text)
    assert not InternalMessage.objects.exists()


@pytest.mark.req("CHT-13")
@pytest.mark.parametrize("who", ["patient", "responsible guardian", "other guardian"])
def test_no_resident_gets_a_word_of_it_through_any_door(v: Visit, who: str) -> None:
    """Every page, feed and action of residents, for patient and guardians; and what is stored for sending."""
    person = mother = make_person()
    if who != "patient":
        child = make_child(mother)
        v.case = factories.make_started_case(v.nurse, patient=child, started_by=mother)
    else:
        v.case = factories.make_started_case(v.nurse, patient=mother)
    if who == "other guardian":
        person = make_person()
        Guardianship.objects.create(guardian=person, child=child)
    invite(v, mode="participate")
    say(v, v.nurse, CANARY)
    say(v, v.doctor, CANARY)
    ident = str(v.case.public_id)
    client = resident_client(person)
    seen = 0
    for address in addresses():
        if AUDIENCE.get(address.name) not in (RESIDENT, None) and "arende" not in address.path:
            continue
        path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", ident, address.path)
        answer = client.get(path)
        body = answer.getvalue()
        assert CANARY.encode() not in body, path
        seen += answer.status_code == 200
    assert seen > 3
    feeds = [f"internal:{ident}", f"chat:{ident}:patient", f"chat:{ident}:staff", f"me:person:{person.pk}"]
    for feed in feeds:
        answer = client.get("/live/feed/", {"feed": feed, "after": "0"})
        assert CANARY not in answer.content.decode(), feed
        assert (answer.status_code == 404) or not feed.startswith("internal:")
    sent = client.post(reverse("colleagues:send", args=[ident]), {"text": "Hej", "key": key()})
    assert sent.status_code in (302, 403, 404)
    with pytest.raises(NotFound):
        commands.send_internal(actor=resident(person), case_id=ident, client_id=key(), text="Hej")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        access.open_internal(actor=resident(person), public_id=ident)
    with pytest.raises(NotFound):
        InternalSource().authorize(resident(person), f"internal:{ident}")
    assert InternalMessage.objects.filter(case=v.case, kind="text").count() == 2
    cases.close_visit(actor=v.nurse, case_id=ident, follow_up_days=0, key=key())
    stored = [*Effect.objects.all(), *SimulatedSms.objects.all(), *ChangeLog.objects.all(), *FeedChange.objects.all()]
    assert CANARY not in json.dumps(serializers.serialize("json", stored))
    assert CANARY not in resident_client(mother).get(reverse("cases:mine_case", args=[ident])).content.decode()


@pytest.mark.req("CHT-13", "CHT-14")
def test_holder_and_guests_see_it_and_nobody_else_of_the_staff(v: Visit) -> None:
    invite(v, v.elsewhere)
    say(v, v.nurse, CANARY)
    page = reverse("colleagues:pane", args=[v.case.public_id])
    for who in (v.nurse, v.elsewhere):
        assert CANARY in staff_client(who).get(page).content.decode()
        feed = staff_client(who).get("/live/feed/", {"feed": f"internal:{v.case.public_id}", "after": "0"})
        assert CANARY in feed.content.decode()
    for other in (v.doctor, make_staff()):
        answer = staff_client(other).get(page)
        assert answer.status_code in (403, 404, 409)
        assert CANARY not in answer.content.decode()
        with pytest.raises((HeldByColleague, NotFound)):
            say(v, other)


@pytest.mark.req("CHT-13")
def test_what_is_unread_is_counted_for_each(v: Visit) -> None:
    invite(v)
    last = say(v, v.nurse, "Kan du titta?")
    icons = reverse("colleagues:icons", args=[v.case.public_id])
    assert (queries.unread(v.nurse, v.case), queries.unread(v.doctor, v.case)) == (0, 1)
    assert "1 oläst" in staff_client(v.doctor).get(icons).content.decode()
    assert "oläst" not in staff_client(v.nurse).get(icons).content.decode()
    seen = {"actor": v.doctor, "case_id": v.case.public_id}
    assert commands.mark_internal_seen(**seen, seq=last + 50)  # type: ignore[arg-type]
    assert not commands.mark_internal_seen(**seen, seq=1)  # type: ignore[arg-type]
    assert queries.unread(v.doctor, v.case) == 0
    say(v, v.nurse)
    assert queries.unread(v.doctor, v.case) == 1


@pytest.mark.req("CHT-19")
@pytest.mark.parametrize("to", ["user", "role"])
def test_giver_and_addressee_talk_while_a_handover_waits(v: Visit, to: str) -> None:
    with pytest.raises(HeldByColleague):
        say(v, v.doctor)
    if to == "user":
        factories.offer(v.case, user=v.doctor)
    else:
        factories.offer(v.case)
    say(v, v.nurse, "Ta över om du kan")
    say(v, v.doctor, "Kommer strax")
    InternalSource().authorize(v.doctor, f"internal:{v.case.public_id}")
    preview = staff_client(v.doctor).get(reverse("cases:preview", args=[v.case.public_id])).content.decode()
    assert reverse("colleagues:pane", args=[v.case.public_id]) in preview
    if to == "user":
        factories.withdraw(v.case)
        with pytest.raises(HeldByColleague):
            say(v, v.doctor)
        return
    cases.receive_case(actor=v.doctor, case_id=v.case.public_id, key=key())
    say(v, v.doctor, "Nu är det mitt")
    with pytest.raises((HeldByColleague, NotInInternalChat)):
        say(v, v.nurse)


@pytest.mark.req("CHT-18")
def test_whoever_closed_the_visit_reads_on_for_the_note(v: Visit) -> None:
    say(v, v.nurse, CANARY)
    cases.close_visit(actor=v.nurse, case_id=v.case.public_id, follow_up_days=0, key=key())
    assert access.open_internal(actor=v.nurse, public_id=v.case.public_id).lines[0].text == CANARY
    with pytest.raises(CaseClosed):
        say(v, v.nurse)


def test_in_the_queue_nobody_writes_in_it(v: Visit) -> None:
    waiting = factories.make_case(Unit.objects.get(pk=v.nurse.unit_id))
    with pytest.raises(NotInInternalChat):
        commands.send_internal(actor=v.nurse, case_id=waiting.public_id, client_id=key(), text="Hej")
