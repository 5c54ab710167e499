"""Relation × address of one case: whose text reaches whom. Canaries in everything the patient wrote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.models import Unit
from tests.factories import key, make_case, make_child, make_person, make_staff, resident
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
CANARIES = ("KANARIEORD", "KANARIEPRAT")
STAFF_PAGES = (
    "cases:preview",
    "cases:case",
    "cases:case_head",
    "triage:result_panel",
    "journal:note_panel",
)
RESIDENT_PAGES = ("cases:mine_case", "cases:status", "cases:chat_state")
WAITING_READERS = {"holder", "colleague", "doctor", "patient", "responsible", "other guardian"}
STARTED_READERS = {"holder", "patient", "responsible", "other guardian"}
# From 13 the guardian is out and a child under 13 has no sign-in of its own: here the child is six.
RELATIONS = (
    "holder",
    "colleague",
    "doctor",
    "other unit",
    "responsible",
    "other guardian",
    "blocked guardian",
    "stranger",
)


@dataclass
class Cast:
    """A child's case and everybody around it."""

    case: Case
    holder: StaffActor
    mother: Person
    child: Person
    unit: Unit

    def client(self, relation: str) -> Client:
        """A browser of somebody in that relation."""
        makers: dict[str, Callable[[], Client]] = {
            "holder": lambda: staff_client(self.holder),
            "colleague": lambda: staff_client(make_staff(self.unit)),
            "doctor": lambda: staff_client(make_staff(self.unit, role="doctor")),
            "other unit": lambda: staff_client(make_staff()),
            "responsible": lambda: resident_client(self.mother),
            "other guardian": lambda: resident_client(self._guardian(blocked=False)),
            "blocked guardian": lambda: resident_client(self._guardian(blocked=True)),
            "stranger": lambda: resident_client(make_person()),
        }
        return makers[relation]()

    def _guardian(self, *, blocked: bool) -> Person:
        person = make_person()
        Guardianship.objects.create(guardian=person, child=self.child, blocked=blocked)
        return person


@pytest.fixture
def cast() -> Cast:
    """A waiting case of a child, sent by its mother."""
    holder = make_staff()
    mother = make_person()
    child = make_child(mother)
    unit = Unit.objects.get(pk=holder.unit_id)
    case = make_case(unit, patient=child, started_by=mother, free_text="KANARIEORD i fritexten")
    return Cast(case, holder, mother, child, unit)


def _start(cast: Cast) -> None:
    commands.receive_case(actor=cast.holder, case_id=cast.case.public_id, key=key())
    commands.start_visit(actor=cast.holder, case_id=cast.case.public_id, key=key())
    commands.send_message(
        actor=resident(cast.mother), case_id=cast.case.public_id, client_id=key(), text="KANARIEPRAT i chatten"
    )


def _seen(client: Client, cast: Cast) -> set[str]:
    """Canaries in any page of the case that this browser gets, and no page breaks."""
    seen: set[str] = set()
    for name in (*STAFF_PAGES, *RESIDENT_PAGES):
        response = client.get(reverse(name, args=[cast.case.public_id]))
        assert response.status_code < 500, name
        seen |= {word for word in CANARIES if word in response.content.decode()}
    feeds = (f"chat:{cast.case.public_id}:patient", f"chat:{cast.case.public_id}:staff")
    for feed in feeds:
        answer = client.get("/live/feed/", {"feed": feed}, headers={"Accept": "application/json"})
        assert answer.status_code < 500, feed
        seen |= {word for word in CANARIES if word in answer.content.decode()}
    return seen


@pytest.mark.req("CAS-06", "QUE-16", "ENT-20", "ENT-21")
@pytest.mark.parametrize("relation", RELATIONS)
def test_waiting_case(cast: Cast, relation: str) -> None:
    seen = _seen(cast.client(relation), cast)
    if relation not in WAITING_READERS:
        assert seen == set()


@pytest.mark.req("CAS-06", "QUE-16", "ENT-20", "ENT-21")
@pytest.mark.parametrize("relation", RELATIONS)
def test_started_case(cast: Cast, relation: str) -> None:
    _start(cast)
    seen = _seen(cast.client(relation), cast)
    assert ("KANARIEPRAT" in seen) is (relation in STARTED_READERS)
    if relation not in STARTED_READERS:
        assert seen == set()
        assert not ReadLog.objects.filter(object_type="case", basis="holder").exists()


def test_holder_sees_the_patients_words_before_and_after_taking(cast: Cast) -> None:
    assert "KANARIEORD" in _seen(staff_client(cast.holder), cast)
    _start(cast)
    assert set(CANARIES) <= _seen(staff_client(cast.holder), cast)


@pytest.mark.parametrize("relation", ["colleague", "doctor", "other unit", "other guardian", "stranger"])
def test_nobody_else_can_write_in_it(cast: Cast, relation: str) -> None:
    _start(cast)
    client = cast.client(relation)
    before = Case.objects.get(pk=cast.case.pk).last_seq
    for name in ("cases:send", "cases:close_visit", "cases:put_back", "cases:change_urgency", "cases:leave"):
        address = reverse(name, args=[cast.case.public_id])
        data = {"text": "hej", "client_id": key(), "key": key(), "urgency": "1", "reason": "x", "follow_up_days": "0"}
        assert client.post(address, data).status_code in (302, 401, 403, 404, 405, 409, 422)
    after = Case.objects.get(pk=cast.case.pk)
    assert (after.last_seq, after.state, after.urgency) == (before, "started", 3)


@pytest.mark.req("ENT-26", "ENT-29")
def test_protected_patient_is_masked_on_every_page_and_feed(cast: Cast) -> None:
    Person.objects.filter(pk=cast.child.pk).update(first_name="Kanariebarn", last_name="Kanarieson")
    _start(cast)
    client = staff_client(cast.holder)
    assert "Kanariebarn" in client.get(reverse("cases:case", args=[cast.case.public_id])).content.decode()
    Person.objects.filter(pk=cast.child.pk).update(protected="yes")
    queue = f"queue:{cast.unit.pk}:{cast.holder.role_id}"
    pages = [reverse(name, args=[cast.case.public_id]) for name in STAFF_PAGES]
    pages += ["/personal/", "/personal/drop-in/", "/personal/mina-pagaende/", "/personal/drop-in/?flik=mottagna"]
    for page in pages:
        text = client.get(page).content.decode()
        assert "Kanariebarn" not in text, page
        assert "Kanarieson" not in text, page
    for feed in (queue, f"chat:{cast.case.public_id}:staff", f"chat:{cast.case.public_id}:patient", "me"):
        text = client.get("/live/feed/", {"feed": feed}, headers={"Accept": "application/json"}).content.decode()
        assert "Kanariebarn" not in text, feed
