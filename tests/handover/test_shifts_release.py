"""*Frigör ärendet*: who may, what happens to case, holder and patient, what is logged (QUE-16, HOV-11)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from cases import commands as case_commands
from cases.access import basis_for, preview_case
from cases.calls.models import Call
from cases.errors import HeldByColleague, NotHolder
from cases.models import Case, Message
from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit.models import BoardStay, ChangeLog, ReadLog
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.models import Handover, Notice
from handover.offers import commands as offers
from handover.offers.commands import Offering
from handover.offers.picker import Choice
from handover.shifts.errors import NotHeld, NotYoursToRelease, ReleaseReasonMissing
from handover.shifts.invariants import orphans
from handover.shifts.release_commands import release_all_of, release_held_case
from journal.commands import save_note
from tests import factories
from tests.factories import key
from tests.signing_in import admin_client, staff_client

pytestmark = pytest.mark.django_db
URL = "/personal/pagaende-pa-enheten/"


@pytest.fixture
def nurse() -> StaffActor:
    """The nurse who falls ill."""
    return factories.make_staff()


@pytest.fixture
def coordinator(nurse: StaffActor) -> StaffActor:
    """The coordinating nurse of the same unit, on shift."""
    return make_coordinator(nurse)


def make_coordinator(nurse: StaffActor) -> StaffActor:
    """A colleague with the permission."""
    actor = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
    AdminPermission.objects.create(user_id=actor.user_id, unit_id=actor.unit_id, kind="coordinator")
    found = staff_actor(user_id=actor.user_id, membership_id=actor.membership_id)
    assert found is not None
    return found


def make_manager(unit_id: int) -> ManageActor:
    """Somebody with the statistics permission and no care role."""
    user = User.objects.create_user(f"SE2321000000-M{uuid.uuid4().hex[:6]}", first_name="Max", last_name="Chef")
    AdminPermission.objects.create(user=user, unit_id=unit_id, kind="statistics")
    return ManageActor(user_id=user.pk, name=user.full_name, unit_id=unit_id)


def paused(nurse: StaffActor) -> Case:
    """A paused case."""
    case = factories.make_started_case(nurse)
    case_commands.pause_visit(
        actor=nurse, case_id=case.public_id, resume_at=now() + timedelta(days=1), message="Hej", key=key()
    )
    case.refresh_from_db()
    return case


MAKERS: list[Callable[[StaffActor], Case]] = [
    factories.make_received_case,
    factories.make_started_case,
    paused,
    lambda nurse: factories.make_closed_case(nurse, follow_up_days=3),
]


@pytest.mark.req("HOV-11", "CAS-06", "QUE-16")
@pytest.mark.parametrize("make", MAKERS)
def test_a_held_case_goes_to_the_role_marked_ownerless(
    nurse: StaffActor, coordinator: StaffActor, make: Callable[[StaffActor], Case]
) -> None:
    case = make(nurse)
    begun, arrived = case.started_at is not None, case.arrived_at
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Gått hem sjuk", key=key())
    case.refresh_from_db()
    assert (case.state, case.holder_id, case.role_id) == ("waiting", None, nurse.role_id)
    assert case.released_from_id == nurse.user_id and case.released_at is not None
    assert (case.arrived_at, case.resume_at) == (arrived, None)
    told = Message.objects.filter(case=case, author="system", text=policy(case.unit).released_text)
    assert told.count() == begun
    assert orphans() == []
    assert BoardStay.objects.filter(object_id=str(case.public_id)).order_by("-pk")[0].op == "enter"
    # The next one goes on where it was.
    case_commands.receive_case(actor=coordinator, case_id=case.public_id, key=key())
    case.refresh_from_db()
    expected = "received" if not begun else "asynchronous" if case.closed_at else "started"
    assert (case.state, case.holder_id) == (expected, coordinator.user_id)
    case = Case.objects.get(pk=case.pk)
    assert case.released_at is None


@pytest.mark.req("HOV-11")
def test_holder_is_told_and_loses_the_case_at_once(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    assert basis_for(nurse, case) == "holder"
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Gått hem sjuk", key=key())
    case.refresh_from_db()
    assert basis_for(nurse, case) == "queue_role"
    assert FeedChange.objects.filter(feed=f"me:{nurse.key}", object="authz").exists()
    assert Notice.objects.get(user_id=nurse.user_id).kind == "released"
    with pytest.raises(NotHolder):
        case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())


def test_log_holds_who_why_and_whose(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    release_held_case(actor=coordinator, case_id=case.public_id, reason="  Gått   hem sjuk ", key=key())
    row = ChangeLog.objects.get(event="case_released")
    assert (row.actor_key, row.data["reason"], row.data["giver"]) == (coordinator.key, "Gått hem sjuk", nurse.user_id)
    read = ReadLog.objects.get(basis="release")
    assert (read.reason, read.patients) == ("Gått hem sjuk", [case.patient_id])


def test_draft_of_the_note_stays_and_names_its_author(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    save_note(actor=nurse, case_id=case.public_id, texts=["Halsont sedan igår"], version=0)
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    case_commands.receive_case(actor=coordinator, case_id=case.public_id, key=key())
    html = staff_client(coordinator).get(f"/personal/arende/{case.public_id}/anteckning/").content.decode()
    assert "Halsont sedan igår" in html
    assert f"Utkast av {nurse.name}" in html


def test_draft_of_a_closed_visit_can_be_read_by_the_next(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_closed_case(nurse, follow_up_days=3)
    save_note(actor=nurse, case_id=case.public_id, texts=["Halsont sedan igår"], version=0)
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    case_commands.receive_case(actor=coordinator, case_id=case.public_id, key=key())
    html = staff_client(coordinator).get(f"/personal/arende/{case.public_id}/anteckning/").content.decode()
    assert "Halsont sedan igår" in html and f"Utkast av {nurse.name}" in html
    assert 'id="note-form"' not in html


def test_messages_reach_the_queue_and_are_unread_for_the_next(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    patient = factories.resident(case.patient)
    case_commands.send_message(actor=patient, case_id=case.public_id, client_id=key(), text="Hallå?")
    case.refresh_from_db()
    assert case.last_patient_seq > case.staff_seen_seq
    assert preview_case(actor=coordinator, public_id=case.public_id).basis == "queue_role"


def test_a_pending_offer_ends(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    doctor = factories.make_staff(Unit.objects.get(pk=nurse.unit_id), "doctor")
    offering = Offering(to=Choice(nurse.unit_id, doctor.role_id, None), patient_message="Läkare tar över")
    offers.offer_case(actor=nurse, case_id=case.public_id, offering=offering, key=key())
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    case.refresh_from_db()
    assert (case.state, case.offered_at, case.role_id) == ("waiting", None, nurse.role_id)
    assert Handover.objects.get(case=case).state != "pending"


def test_a_running_call_ends(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    call = Call.objects.create(
        case=case, kind="video", state="accepted", requested_by_id=nurse.user_id, requested_at=now(),
        answered_by=case.patient, answered_at=now(), connected_at=now(),
    )  # fmt: skip
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    call.refresh_from_db()
    assert call.state == "ended"


def test_a_manager_releases_and_a_nurse_does_not(nurse: StaffActor) -> None:
    case, other = factories.make_started_case(nurse), factories.make_started_case(nurse)
    colleague = factories.make_staff(Unit.objects.get(pk=nurse.unit_id))
    elsewhere = make_coordinator(factories.make_staff())
    for actor in (colleague, elsewhere, make_manager(elsewhere.unit_id)):
        with pytest.raises(NotFound):
            release_held_case(actor=actor, case_id=case.public_id, reason="Sjuk", key=key())
        with pytest.raises(NotYoursToRelease):
            release_all_of(actor=actor, unit_id=nurse.unit_id, holder_id=nurse.user_id, reason="Sjuk", key=key())
    manager = make_manager(nurse.unit_id)
    release_held_case(actor=manager, case_id=case.public_id, reason="Sjuk", key=key())
    assert release_all_of(actor=manager, unit_id=nurse.unit_id, holder_id=nurse.user_id, reason="Sjuk", key=key()) == [
        str(other.public_id)
    ]


def test_refusals(nurse: StaffActor, coordinator: StaffActor) -> None:
    waiting = factories.make_case(Unit.objects.get(pk=nurse.unit_id))
    closed = factories.make_closed_case(nurse)
    held = factories.make_started_case(nurse)
    for case in (waiting, closed):
        with pytest.raises(NotHeld):
            release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    with pytest.raises(ReleaseReasonMissing):
        release_held_case(actor=coordinator, case_id=held.public_id, reason="  ", key=key())
    with pytest.raises(NotFound):
        release_held_case(actor=coordinator, case_id=uuid.uuid4(), reason="Sjuk", key=key())
    again = key()
    release_held_case(actor=coordinator, case_id=held.public_id, reason="Sjuk", key=again)
    release_held_case(actor=coordinator, case_id=held.public_id, reason="Sjuk", key=again)
    assert ChangeLog.objects.filter(event="case_released").count() == 1


def test_page_lists_by_holder_and_releases_all(nurse: StaffActor, coordinator: StaffActor) -> None:
    cases = [factories.make_started_case(nurse), paused(nurse)]
    browser = staff_client(coordinator)
    html = browser.get(URL).content.decode()
    assert nurse.name in html and all(str(case.public_id) in html for case in cases)
    assert ReadLog.objects.filter(object_id="unit_held", actor_key=coordinator.key).exists()
    answer = browser.post(f"{URL}frigor-alla/{nurse.user_id}/", {"reason": "", "key": key()})
    assert answer.status_code == 422 and "Skriv varför ärendet frigörs" in answer.content.decode()
    assert browser.post(f"{URL}frigor-alla/{nurse.user_id}/", {"reason": "Gått hem", "key": key()}).status_code == 302
    assert Case.objects.filter(state="waiting", released_from_id=nurse.user_id).count() == 2
    html = browser.get(URL).content.decode()
    assert "2 ärenden ligger i rollernas köer utan ägare" in html
    again = browser.post(f"{URL}frigor/{cases[0].public_id}/", {"reason": "Gått hem", "key": key()})
    assert again.status_code == 409 and "Ladda om sidan" in again.content.decode()


def test_page_is_for_coordinators(nurse: StaffActor) -> None:
    assert staff_client(nurse).get(URL).status_code == 403
    assert Client().get(URL).status_code == 302


def test_a_managers_page_shows_no_patient(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    manager = make_manager(nurse.unit_id)
    browser = admin_client(User.objects.get(pk=manager.user_id))
    html = browser.get("/statistik/pagaende/").content.decode()
    assert nurse.name in html
    assert case.patient.last_name not in html and case.patient.first_name not in html
    answer = browser.post(f"/statistik/pagaende/frigor/{case.public_id}/", {"reason": "Sjuk", "key": key()})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.state == "waiting"


def test_released_is_not_held_by_colleague(nurse: StaffActor, coordinator: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    with pytest.raises(HeldByColleague):
        basis_for(coordinator, Case.objects.get(pk=case.pk))
    release_held_case(actor=coordinator, case_id=case.public_id, reason="Sjuk", key=key())
    assert basis_for(coordinator, Case.objects.get(pk=case.pk)) == "queue_role"
