"""Who sees an offered case, what its row says and rings, and that lists read the index."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import access, commands, names, queries, steps
from cases.commands import claim
from cases.errors import (
    HeldByColleague,
    NotHolder,
)
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


def take(actor: StaffActor, case: Case, **more: Any) -> Case:
    """Press *Ta emot* and look."""
    commands.receive_case(actor=actor, case_id=case.public_id, key=key(), **more)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def other(unit: Unit) -> Unit:
    """Another unit of the same provider."""
    return factories.make_unit(provider=unit.provider)


@pytest.mark.req("HOV-05", "QUE-16")
def test_who_may_see_an_offered_case(nurse: StaffActor, colleague: StaffActor, doctor: StaffActor, other: Unit) -> None:
    case = Case.objects.get(pk=factories.offer(factories.make_started_case(nurse)).pk)
    bases = {who: access.basis_for(who, case) for who in (nurse, doctor, colleague)}
    assert bases == {nurse: "holder", doctor: "queue_role", colleague: "queue_other_role"}
    assert access.preview_case(actor=doctor, public_id=case.public_id).reads_chat
    assert not access.preview_case(actor=colleague, public_id=case.public_id).reads_chat
    with pytest.raises(NotFound):
        access.basis_for(factories.make_staff(other, "doctor"), case)
    far = Case.objects.get(pk=factories.offer(factories.make_started_case(nurse), other).pk)
    assert access.basis_for(factories.make_staff(other, "doctor"), far) == "queue_role"
    with pytest.raises(HeldByColleague):
        access.basis_for(colleague, far)


@pytest.mark.req("HOV-15")
def test_readers_read_the_page_and_do_nothing(nurse: StaffActor, doctor: StaffActor, other: Unit) -> None:
    case = factories.offer(factories.make_started_case(nurse), other)
    far = factories.make_staff(other, "doctor")
    take(far, case)
    with pytest.raises(NotFound):
        access.open_case(actor=nurse, public_id=case.public_id)
    row = Case.objects.get(pk=case.pk)
    reader = steps.grant_reading(
        row, basis="giver", unit_id=nurse.unit_id, user_id=nurse.user_id, role_id=None, at=now()
    )
    opened = access.open_case(actor=nurse, public_id=case.public_id)
    assert (opened.basis, opened.works) == ("giver", False)
    with pytest.raises(NotHolder):
        commands.send_message(actor=nurse, case_id=case.public_id, client_id="giver-reads", text="Hej")
    with pytest.raises(NotHolder):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    assert commands.mark_seen(actor=nurse, case_id=case.public_id, seq=1) is False
    steps.grant_reading(
        row, basis="acknowledgement", unit_id=doctor.unit_id, user_id=None, role_id=doctor.role_id, at=now()
    )
    assert access.open_case(actor=doctor, public_id=case.public_id).basis == "acknowledgement"
    steps.end_reading([reader.pk], at=now())
    with pytest.raises(NotFound):
        access.open_case(actor=nurse, public_id=case.public_id)


@pytest.mark.req("QUE-17", "QUE-18", "QUE-24", "HOV-05")
def test_rows_say_who_offers_and_who_had_it(nurse: StaffActor, doctor: StaffActor, other: Unit) -> None:
    case = factories.make_started_case(nurse, urgency=2)
    commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id="unread-one", text="Hej"
    )
    factories.offer(case, other)
    (row,) = queries.queue_rows(other.pk, doctor.role_id).rows
    unit = Unit.objects.get(pk=nurse.unit_id)
    assert (row.holder_name, row.offered_from_unit, row.unit_name) == (nurse.name, unit.name, other.name)
    assert (row.role_name, row.lies_in, row.running, row.unread) == ("Läkare", (other.pk, doctor.role_id), True, 1)
    assert row.arrived_at == case.arrived_at
    assert not row.gone
    (own,) = queries.own_cases(nurse)
    assert own.offered_to_name == f"Läkare, {other.name}"
    released = factories.release(factories.make_started_case(nurse), ownerless=True)
    (lies,) = queries.queue_rows(nurse.unit_id, nurse.role_id).rows
    assert (lies.ownerless_since, lies.released_from_name) == (released.released_at, nurse.name)
    assert (lies.offered_at, lies.holder_name) == (None, "")


@pytest.mark.req("QUE-06", "QUE-24", "HOV-08")
def test_what_the_patient_writes_marks_the_row_in_the_queue(nurse: StaffActor, doctor: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)

    def rung(call: Any) -> set[str]:
        before = FeedChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        call()
        feeds = FeedChange.objects.filter(pk__gt=before, feed__startswith="queue:")
        return set(feeds.values_list("feed", flat=True))

    def say(who: Any) -> set[str]:
        return rung(
            lambda: commands.send_message(actor=who, case_id=case.public_id, client_id=key(), text="Är någon där?")
        )

    assert say(patient) == set(), "a chat that somebody holds leaves the queue alone"
    factories.offer(case)
    offered = names.queue_feed(doctor.unit_id, doctor.role_id)
    assert say(patient) == {offered}
    assert say(nurse) == set()
    seen = rung(lambda: commands.mark_seen(actor=nurse, case_id=case.public_id, seq=3))
    assert seen == {offered}
    factories.release(case)
    assert say(patient) == {names.queue_feed(nurse.unit_id, nurse.role_id)}
    (row,) = queries.queue_rows(nurse.unit_id, nurse.role_id).rows
    assert row.unread == 1


@pytest.mark.req("QUE-06")
def test_a_row_just_taken_stays_grey_also_when_it_moved_to_the_unit(nurse: StaffActor, other: Unit) -> None:
    case = factories.offer(factories.make_started_case(nurse), other)
    doctor = factories.make_staff(other, "doctor")
    take(doctor, case)
    (row,) = queries.rows_by_id([case.public_id], unit_id=other.pk, role_id=doctor.role_id)
    assert (row.gone, row.holder_name) == (True, doctor.name)
    assert queries.queue_rows(other.pk, doctor.role_id).rows == []


def test_taking_the_next_case_reads_the_queue_in_its_order_from_the_index(unit: Unit, nurse: StaffActor) -> None:
    factories.make_case(unit)
    values = {
        "case": None, "holder": nurse.user_id, "role": nurse.role_id, "unit": unit.pk, "provider": unit.provider_id,
        "at": now(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + claim._TAKE_NEXT, values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using case_queue" in plan
    assert "Sort" not in plan


def test_list_and_counts_of_the_queue_read_indexes(unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_case(unit)
    rows = Case.objects.filter(queue_unit=unit.pk, queue_role=case.role_id).order_by("sort_rank", "arrived_at", "pk")
    with CaptureQueriesContext(connection) as counted:
        queries.tab_counts(nurse, case.role_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {counted[0]['sql']}")
        counts = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {rows[:51].query}")
        listed = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using case_queue" in listed
    assert "Sort" not in listed
    assert "BitmapOr" in counts
    assert "Bitmap Index Scan on case_queue" in counts
