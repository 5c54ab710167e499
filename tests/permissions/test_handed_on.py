"""Relation × a case on its way to somebody else: offered to a role, to a colleague, taken, read on, let go.

Canaries in everything the patient wrote: KANARIEORD before the visit, KANARIEPRAT in its chat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands, steps
from cases.locking import lock_case
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.audit.record import command
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key, make_staff, resident
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
PAGES = ("cases:preview", "cases:case", "cases:case_head", "journal:note_panel")
PANELS = ("handover:offer_panel", "handover:clock_panel", "handover:case_tickets")
CHANGES = (
    "cases:send", "cases:close_visit", "cases:pause", "cases:resume", "cases:book", "cases:change_urgency",
    "cases:put_back", "cases:protect",
)  # fmt: skip
RELATIONS = (
    "giver",
    "giver's colleague",
    "giver's doctor",
    "addressed role",
    "named addressee",
    "other role there",
    "third unit",
    "taker",
    "asked to acknowledge",
)
# Who may read the chat as it stands, in each situation; "previews" see what was written before the visit only.
READS: dict[str, set[str]] = {
    "to the unit's doctors": {"giver", "giver's doctor"},
    "to another unit's doctors": {"giver", "addressed role", "named addressee", "taker"},
    "to a colleague": {"giver", "named addressee"},
    "taken": {"taker"},
    "taken, giver reads on": {"taker", "giver"},
    "to be acknowledged": {"giver", "asked to acknowledge"},
    "let go": {"giver", "giver's colleague", "asked to acknowledge"},
}
PREVIEWS: dict[str, set[str]] = {
    "to the unit's doctors": {"giver's colleague", "asked to acknowledge"},
    "to another unit's doctors": {"other role there"},
    "let go": {"giver's doctor"},
}


@dataclass
class Cast:
    """A started case with a chat, and everybody around it."""

    unit: Unit
    there: Unit
    giver: StaffActor
    people: dict[str, StaffActor] = field(default_factory=dict)
    case: Case = field(default_factory=Case)

    def client(self, relation: str) -> Client:
        """A browser of somebody in that relation."""
        return staff_client(self.people[relation])


@pytest.fixture
def cast() -> Cast:
    """The case is the giver's; two units of one provider and a third of another."""
    giver = make_staff()
    unit = Unit.objects.get(pk=giver.unit_id)
    there = factories.make_unit(provider=unit.provider)
    cast = Cast(unit, there, giver)
    cast.people = {
        "giver": giver,
        "giver's colleague": make_staff(unit),
        "giver's doctor": make_staff(unit, "doctor"),
        "addressed role": make_staff(there, "doctor"),
        "named addressee": make_staff(there, "doctor"),
        "other role there": make_staff(there),
        "third unit": make_staff(role="doctor"),
        "taker": make_staff(there, "doctor"),
        "asked to acknowledge": make_staff(unit),
    }
    case = factories.make_started_case(giver, free_text="KANARIEORD i fritexten")
    commands.send_message(
        actor=resident(case.patient), case_id=case.public_id, client_id=key(), text="KANARIEPRAT i chatten"
    )
    cast.case = case
    return cast


def bring_about(situation: str, cast: Cast) -> None:
    """Let the case come into a situation."""
    makers: dict[str, Callable[[], object]] = {
        "to the unit's doctors": lambda: factories.offer(cast.case),
        "to another unit's doctors": lambda: factories.offer(cast.case, cast.there),
        "to a colleague": lambda: factories.offer(cast.case, user=cast.people["named addressee"]),
        "taken": lambda: _take(cast),
        "taken, giver reads on": lambda: _let_read(_take(cast), "giver", "giver"),
        "to be acknowledged": lambda: _let_read(cast, "asked to acknowledge", "acknowledgement"),
        "let go": lambda: factories.release(cast.case, ownerless=True),
    }
    makers[situation]()


def seen_by(client: Client, cast: Cast) -> str:
    """All that this browser gets to see of the case, by page and by feed; nothing breaks."""
    shown = ""
    for name in PAGES:
        response = client.get(reverse(name, args=[cast.case.public_id]), follow=True)
        assert response.status_code < 500, name
        shown += response.content.decode()
    for name in PANELS:
        response = client.get(reverse(name, args=[cast.case.public_id]), headers={"HX-Request": "true"})
        assert response.status_code < 500, name
        shown += response.content.decode()
    for side in ("patient", "staff"):
        answer = client.get("/live/feed/", {"feed": f"chat:{cast.case.public_id}:{side}"})
        assert answer.status_code < 500, side
        shown += answer.content.decode()
    return shown


@pytest.mark.req("HOV-01", "HOV-05", "HOV-15", "QUE-16")
@pytest.mark.parametrize("situation", READS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_who_reads_what(cast: Cast, situation: str, relation: str) -> None:
    bring_about(situation, cast)
    seen = seen_by(cast.client(relation), cast)
    assert ("KANARIEPRAT" in seen) is (relation in READS[situation])
    if relation not in READS[situation] | PREVIEWS.get(situation, set()):
        assert "KANARIE" not in seen


@pytest.mark.req("HOV-01", "QUE-16")
@pytest.mark.parametrize("situation", READS)
@pytest.mark.parametrize("relation", RELATIONS)
def test_nobody_but_the_holder_changes_anything(cast: Cast, situation: str, relation: str) -> None:
    bring_about(situation, cast)
    before = Case.objects.get(pk=cast.case.pk)
    if before.holder_id == cast.people[relation].user_id:
        return
    client = cast.client(relation)
    for name in CHANGES:
        answer = client.post(reverse(name, args=[cast.case.public_id]), _form(before))
        refused = answer.status_code in (403, 404, 409, 422)
        assert refused, (name, answer.status_code)
    after = Case.objects.get(pk=cast.case.pk)
    kept = ("state", "version", "last_seq", "holder_id", "urgency", "unit_id", "offered_at", "staff_seen_seq")
    assert [getattr(after, f) for f in kept] == [getattr(before, f) for f in kept]


@pytest.mark.parametrize("situation", READS)
def test_the_patient_goes_on_writing_whoever_has_it(cast: Cast, situation: str) -> None:
    bring_about(situation, cast)
    client = resident_client(cast.case.patient)
    page = client.get(reverse("cases:mine_case", args=[cast.case.public_id])).content.decode()
    assert "KANARIEPRAT" in page
    assert "data-composer" in page
    commands.send_message(actor=resident(cast.case.patient), case_id=cast.case.public_id, client_id=key(), text="Hej")


@pytest.mark.parametrize(
    ("situation", "relation", "basis"),
    [
        ("to a colleague", "named addressee", "offer"),
        ("to another unit's doctors", "addressed role", "queue_role"),
        ("taken, giver reads on", "giver", "giver"),
        ("to be acknowledged", "asked to acknowledge", "acknowledgement"),
    ],
)
def test_the_log_says_on_what_basis(cast: Cast, situation: str, relation: str, basis: str) -> None:
    bring_about(situation, cast)
    client = cast.client(relation)
    client.get(reverse("cases:case", args=[cast.case.public_id]), follow=True)
    rows = ReadLog.objects.filter(actor_key=cast.people[relation].key, object_id=str(cast.case.public_id))
    assert set(rows.values_list("basis", flat=True)) == {basis}


def test_a_reader_is_told_why_and_gets_nothing_to_press(cast: Cast) -> None:
    bring_about("taken, giver reads on", cast)
    page = cast.client("giver").get(reverse("cases:case", args=[cast.case.public_id])).content.decode()
    assert "data-composer" not in page
    assert 'data-dialog="close-visit"' not in page
    assert cast.people["taker"].name in page


def _form(case: Case) -> dict[str, str]:
    return {
        "key": key(), "form_key": key(), "client_id": key(), "text": "Hej", "urgency": "1", "reason": "test",
        "version": str(case.version), "follow_up_days": "0", "protected": "yes", "date": str(now().date()),
        "time": "23:59", "message": "Hej", "where": "app", "booked": "on",
    }  # fmt: skip


def _take(cast: Cast) -> Cast:
    factories.offer(cast.case, cast.there)
    commands.receive_case(actor=cast.people["taker"], case_id=cast.case.public_id, key=key())
    return cast


@command
def _let_read(cast: Cast, relation: str, basis: str) -> None:
    who = cast.people[relation]
    steps.grant_reading(
        lock_case(cast.case.public_id), basis=basis, unit_id=who.unit_id, user_id=who.user_id, role_id=None, at=now()
    )
