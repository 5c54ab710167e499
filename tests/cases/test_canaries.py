"""A protected patient's whole visit: name and contact details reach no page, feed, frame, log, outbox or other table.

Written against sinks, not places: every table but the person's own is searched, so a new one is covered by itself.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
import time_machine
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases import commands, names, tasks
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.outbox import effects_run
from direkt1177.outbox.models import Effect
from direkt1177.realtime.sources import source_for
from direkt1177.residents.models import Person
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
CANARIES = ("Kanariefrida", "Kanariefors", "70987654", "kanarie@")
# The person's own row, and what the simulated register was filled with, are where the truth is kept.
OWN_TABLES = {"residents_person", "residents_simulatedanswer"}
STAFF_PAGES = ("cases:preview", "cases:case", "cases:case_head", "triage:result_panel", "journal:note_panel")
STAFF_LISTS = (
    "cases:start", "cases:queue", "asynchronous:follow_ups", "cases:own_cases", "journal:to_sign", "handover:end_shift",
)  # fmt: skip
OWN_PAGES = ("cases:mine_case", "cases:status")


def canary(**fields: object) -> Person:
    """The protected patient."""
    return factories.make_person(
        first_name="Kanariefrida",
        last_name="Kanariefors",
        mobile="+46709876543",
        email="kanarie@example.com",
        **{"protected": Person.Protected.YES, **fields},
    )


def found_in(text: str) -> list[str]:
    """Canaries in a text."""
    return [c for c in CANARIES if c.lower() in text.lower()]


def look(case: Case, nurse: StaffActor, client: Client, own: Client) -> None:
    """Every page and feed of the case as it is now."""
    for name in (*STAFF_PAGES, *OWN_PAGES):
        browser = own if name in OWN_PAGES else client
        response = browser.get(reverse(name, args=[case.public_id]))
        assert response.status_code < 500, name
        assert not found_in(response.content.decode()), name
    for name in STAFF_LISTS:
        for query in ("", "?flik=mottagna", "?flik=avslutade", "?tab=received", "?tab=closed"):
            assert not found_in(client.get(reverse(name) + query).content.decode()), name
    assert not found_in(own.get(reverse("cases:mine")).content.decode())
    assert not found_in(own.get("/").content.decode())
    feeds = (
        names.queue_feed(case.unit_id, case.role_id),
        names.patient_chat_feed(case.public_id),
        names.staff_chat_feed(case.public_id),
        names.me_feed(nurse.key),
        names.me_feed(f"person:{case.patient_id}"),
    )
    for feed in feeds:
        source = source_for(feed)
        objects = [names.case_object(case.public_id), "case", "own", *(f"message:{n}" for n in range(1, 6))]
        items = [*source.first_page(feed), *source.read(feed, objects)]
        text = json.dumps([[i.html, i.data, i.sort] for i in items], cls=DjangoJSONEncoder, ensure_ascii=False)
        assert not found_in(text), feed
        for browser in (client, own):
            answer = browser.get("/live/feed/", {"feed": feed}, headers={"Accept": "application/json"})
            assert not found_in(answer.content.decode()), feed


def tables_with_canaries() -> dict[str, list[str]]:
    """Every table of the database that holds one, but the person's own."""
    held = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in OWN_TABLES:
                continue
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            if words := found_in(cursor.fetchone()[0] or ""):
                held[table] = words
    return held


@pytest.mark.req("ENT-26", "NOT-07", "NOT-04")
def test_a_whole_visit_of_a_protected_patient(unit: Unit, nurse: StaffActor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    person = canary()
    client, own = staff_client(nurse), resident_client(person)
    case = factories.make_case(unit, patient=person)
    look(case, nurse, client, own)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    look(case, nurse, client, own)
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    address = reverse("cases:send", args=[case.public_id])
    assert own.post(address, {"text": "Hej", "client_id": key()}).status_code == 302
    assert commands.mark_seen(actor=nurse, case_id=case.public_id, seq=2)  # as her browser does
    assert client.post(address, {"text": "Hej på dig", "client_id": key()}).status_code == 302
    case.refresh_from_db()
    assert case.last_seq == 3
    look(case, nurse, client, own)
    commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=1, key=key())
    look(case, nurse, client, own)
    with time_machine.travel(now() + timedelta(minutes=5)):
        while effects_run.run_due():
            pass
        assert not Effect.objects.exclude(state__in=["done", "due"]).exists()
    with time_machine.travel(now() + timedelta(days=3)):
        assert tasks.end_follow_ups() == 1
    case.refresh_from_db()
    assert case.state == "closed"
    look(case, nurse, client, own)

    assert tables_with_canaries() == {}
    assert not found_in(caplog.text)


@pytest.mark.req("ENT-26", "ENT-29")
@pytest.mark.parametrize("protected", [Person.Protected.YES, Person.Protected.UNKNOWN])
def test_after_becoming_protected_nothing_new_shows_the_name(unit: Unit, nurse: StaffActor, protected: str) -> None:
    person = canary(protected=Person.Protected.NO)
    client, own = staff_client(nurse), resident_client(person)
    case = factories.make_started_case(nurse, patient=person)
    shown = client.get(reverse("cases:case", args=[case.public_id])).content.decode()
    assert found_in(shown) != [], "the canaries can be seen at all"
    Person.objects.filter(pk=person.pk).update(protected=protected)
    look(case, nurse, client, own)
