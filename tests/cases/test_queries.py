"""Lists: order, pages, everything a row must show, and query counts that do not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from cases import commands, queries
from cases.models import Case, Consent
from direkt1177.accounts.actors import StaffActor
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.clock import now
from direkt1177.units.models import StaffedHours, Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


@pytest.mark.req("QUE-05", "QUE-20")
def test_order_and_pages_by_keyset(unit: Unit) -> None:
    urgencies = [5, None, 3, 1, 4, 2, 3, None]
    cases = [factories.make_case(unit, urgency=u) for u in urgencies]
    admin = factories.make_case(
        unit, "medical_admin", kind=Case.Kind.ADMIN_QUESTION, urgency=None, computed_urgency=None
    )
    role = cases[0].role_id
    expected = [cases[i].public_id for i in (3, 5, 1, 7, 2, 6, 4, 0)]
    page = queries.queue_rows(unit.pk, role, limit=3)
    seen = [r.public_id for r in page.rows]
    while page.after:
        page = queries.queue_rows(unit.pk, role, after=page.after, limit=3)
        seen += [r.public_id for r in page.rows]
    assert seen == expected
    rows = queries.queue_rows(unit.pk, role).rows
    assert [r.sort for r in rows] == sorted(r.sort for r in rows)
    assert [r.public_id for r in queries.queue_rows(unit.pk, admin.role_id).rows] == [admin.public_id]


@pytest.mark.parametrize(
    "after", ["x", "1|2|3", "||", "1|2026-01-01|5", "9" * 30 + "|2026-01-01T00:00:00+00:00|1", "|" * 9]
)
def test_a_broken_cursor_never_breaks_the_page(case: Case, nurse: StaffActor, after: str) -> None:
    queries.queue_rows(case.unit_id, case.role_id, after=after)
    queries.received_rows(nurse, after=after)
    queries.closed_rows(nurse, after=after)


@pytest.mark.req("QUE-24", "ENT-10")
def test_a_row_shows_what_staff_need(unit: Unit, nurse: StaffActor) -> None:
    elsewhere = factories.make_unit()
    patient = factories.make_person(listed_unit=elsewhere)
    factories.set_policy(unit, "urgency_labels", {str(n): f"ord {n}" for n in range(1, 6)})
    warned = now()
    case = factories.make_started_case(
        nurse, patient=patient, urgency=2, read_now=True, could_not_answer="andnöd", advice_112_shown_at=warned,
        unstaffed_warned_at=warned, unstaffed_next_at=warned + timedelta(hours=5),
    )  # fmt: skip
    commands.send_message(actor=factories.resident(patient), case_id=case.public_id, client_id="12345678", text="Hej")
    (row,) = queries.received_rows(nurse).rows
    assert (row.urgency, row.urgency_label, row.assessed) == (2, "ord 2", True)
    assert (row.person.name, row.contact_reason) == (f"{patient.first_name} Testsson", "Halsont")
    assert row.entrance
    assert (row.state, row.unit_name, row.role_code) == ("started", unit.name, "nurse")
    assert (row.holder_name, row.unread, row.listed_elsewhere, row.read_now) == (nurse.name, 1, True, True)
    assert (row.could_not_answer, row.advice_112_shown_at, row.unstaffed_warned_at) == ("andnöd", warned, warned)


@pytest.mark.req("QUE-03", "QUE-08")
def test_tabs_hold_only_the_users_own(unit: Unit, nurse: StaffActor, colleague: StaffActor) -> None:
    mine, theirs = factories.make_started_case(nurse), factories.make_started_case(colleague)
    closed = factories.make_closed_case(nurse)
    follow_up = factories.make_closed_case(nurse, follow_up_days=1)
    factories.make_closed_case(colleague)
    waiting = factories.make_case(unit)
    assert [r.public_id for r in queries.received_rows(nurse).rows] == [mine.public_id, follow_up.public_id]
    assert [r.public_id for r in queries.closed_rows(nurse).rows] == [closed.public_id]
    assert [(r.public_id, r.at_left) for r in queries.own_cases(nurse)] == [
        (mine.public_id, True),
        (follow_up.public_id, False),
    ]
    assert queries.own_cases_of(nurse.user_id) == queries.own_cases(nurse)
    assert queries.tab_counts(nurse, waiting.role_id) == queries.TabCounts(waiting=1, received=2, closed=1)
    assert theirs.public_id not in {r.public_id for r in queries.received_rows(nurse).rows}


@pytest.mark.req("ENT-32", "ENT-33", "ENT-34", "ENT-22", "TRI-11")
def test_the_card_of_a_childs_case(unit: Unit, nurse: StaffActor) -> None:
    mother, father, blocked = (factories.make_person() for _ in range(3))
    child = factories.make_child(mother)
    Guardianship.objects.create(guardian=father, child=child)
    Guardianship.objects.create(guardian=blocked, child=child, blocked=True)
    case = factories.make_received_case(nurse, patient=child, started_by=mother)
    loaded = queries.case_by_id(case.public_id)
    assert loaded is not None
    card = queries.case_card(loaded)
    assert {g.person_id for g in card.guardians} == {mother.pk, father.pk}
    assert card.responsible_guardian_id == mother.pk
    assert card.starter.person_id == mother.pk
    consents = {c.item: (c.allowed, c.at == case.arrived_at) for c in card.consents}
    assert consents == {Consent.Item.CARE_HISTORY: (True, True), Consent.Item.MEDICATION_LIST: (False, True)}
    assert card.sms_possible
    assert not card.may_write


@pytest.mark.req("ENT-13", "ENT-20")
def test_residents_see_their_own_and_their_childrens_cases(unit: Unit, nurse: StaffActor) -> None:
    mother, father = factories.make_person(), factories.make_person()
    child = factories.make_child(mother)
    Guardianship.objects.create(guardian=father, child=child)
    closed = factories.make_closed_case(nurse, patient=mother)
    childs = factories.make_case(unit, patient=child, started_by=mother)
    factories.make_case(unit)
    rows = queries.resident_cases(factories.resident(mother))
    assert [(r.public_id, r.relation) for r in rows] == [(childs.public_id, "guardian"), (closed.public_id, "self")]
    assert [(r.public_id, r.relation) for r in queries.resident_cases(factories.resident(father))] == [
        (childs.public_id, "guardian_read")
    ]
    Person.objects.filter(pk=child.pk).update(protected=Person.Protected.YES)
    assert not queries.resident_cases(factories.resident(father))


@pytest.mark.req("ENT-12")
def test_the_waiting_room_says_only_what_is_known(unit: Unit, nurse: StaffActor) -> None:
    with time_machine.travel(now() - timedelta(days=2), tick=False) as clock:
        for _ in range(10):
            case = factories.make_case(unit)
            clock.shift(timedelta(minutes=12))
            commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    factories.make_case(unit, urgency=1)
    factories.make_case(unit)
    second = factories.make_case(unit)
    loaded = queries.case_by_id(second.public_id)
    assert loaded is not None
    facts = queries.waiting_facts(loaded)
    assert (facts.ahead, facts.staffed_now, facts.interval) == (2, True, (15, 15))
    other = queries.case_by_id(factories.make_case(unit, urgency=5).public_id)
    assert other is not None
    assert queries.waiting_facts(other).interval is None, "too few: vet inte ännu"


@pytest.mark.req("ENT-12")
def test_the_waiting_room_at_night_says_when_somebody_comes() -> None:
    with time_machine.travel(datetime(2026, 3, 1, 2, tzinfo=UTC), tick=False):  # a Sunday, 03.00 in Sweden
        unit = factories.make_unit(always_open=False)
        StaffedHours.objects.create(unit=unit, weekday=0, start=time(8), end=time(17))
        case = queries.case_by_id(factories.make_case(unit).public_id)
        assert case is not None
        facts = queries.waiting_facts(case)
    assert (facts.staffed_now, facts.interval) == (False, None)
    assert facts.next_staffed_at == datetime(2026, 3, 2, 7, tzinfo=UTC)


Reading = Callable[[StaffActor, Case], Any]
READINGS: dict[str, tuple[int, Reading]] = {
    "queue": (3, lambda a, c: queries.queue_rows(a.unit_id, c.role_id)),
    "received": (3, lambda a, c: queries.received_rows(a)),
    "closed": (3, lambda a, c: queries.closed_rows(a)),
    "own": (3, lambda a, c: queries.own_cases(a)),
    "own of": (3, lambda a, c: queries.own_cases_of(a.user_id)),
    "counts": (1, lambda a, c: queries.tab_counts(a, c.role_id)),
    "mine": (3, lambda a, c: queries.resident_cases(factories.resident(c.patient))),
}


@pytest.mark.parametrize("many", [1, 50])
def test_query_counts_are_the_same_at_1_and_50(
    unit: Unit, nurse: StaffActor, many: int, django_assert_num_queries: Any
) -> None:
    patient = factories.make_person()
    case = factories.make_case(unit, patient=patient)
    for _ in range(many - 1):
        factories.make_case(unit)
        factories.make_case(unit, patient=patient)
    for _ in range(many):
        factories.make_started_case(nurse)
        factories.make_closed_case(nurse)
    for name, (count, read) in READINGS.items():
        with django_assert_num_queries(count, info=name):
            read(nurse, case)
    started = Case.objects.filter(state="started").first()
    assert started is not None
    for n in range(many):
        commands.send_message(actor=nurse, case_id=started.public_id, client_id=f"m{n}", text="Hej")
    with django_assert_num_queries(1):
        loaded = queries.case_by_id(started.public_id)
    assert loaded is not None
    with django_assert_num_queries(1):
        queries.timeline(loaded)
    with django_assert_num_queries(4):
        queries.case_card(loaded)
    with django_assert_num_queries(0):
        queries.header(loaded)
