"""The doors: who sees what of a case, in which state, on what basis; and that every reading leaves a row."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from PIL import Image

from cases import access, commands, uploads
from cases.errors import HeldByColleague, NotTaken
from cases.models import Case, Upload
from direkt1177.accounts.actors import SYSTEM, AnyActor, StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db

ACTORS = (
    "holder",
    "colleague",
    "doctor",
    "stranger",
    "patient",
    "mother",
    "father",
    "other_resident",
    "system",
    "nobody",
)
# state -> actor -> basis, "held" or "-" (not found). The oracle of the doors.
_GUARDIANS = {"mother": "guardian", "father": "guardian_read"}
_HELD = {"holder": "holder", "colleague": "held", "doctor": "held", **_GUARDIANS}
MATRIX = {
    "waiting": {"holder": "queue_role", "colleague": "queue_role", "doctor": "queue_other_role", **_GUARDIANS},
    "received": _HELD,
    "started": _HELD,
    "asynchronous": _HELD,
    "closed": {"holder": "closed_own", **_GUARDIANS},
}


@pytest.fixture
def people(unit: Unit, nurse: StaffActor, colleague: StaffActor, doctor: StaffActor) -> dict[str, AnyActor | None]:
    """One actor of every relation to a child's case."""
    mother, father = factories.make_person(), factories.make_person()
    child = factories.make_child(mother)
    Guardianship.objects.create(guardian=father, child=child)
    return {
        "holder": nurse,
        "colleague": colleague,
        "doctor": doctor,
        "stranger": factories.make_staff(),
        "patient": factories.resident(child),
        "mother": factories.resident(mother),
        "father": factories.resident(father),
        "other_resident": factories.resident(factories.make_person()),
        "system": SYSTEM,
        "nobody": None,
    }


def case_in(state: str, nurse: StaffActor, mother: Person, child: Person) -> Case:
    """The child's case in a state."""
    facts: dict[str, Any] = {"patient": child, "started_by": mother}
    if state == "waiting":
        return factories.make_case(Unit.objects.get(pk=nurse.unit_id), **facts)
    if state == "received":
        return factories.make_received_case(nurse, **facts)
    if state == "started":
        return factories.make_started_case(nurse, **facts)
    return factories.make_closed_case(nurse, follow_up_days=3 if state == "asynchronous" else 0, **facts)


@pytest.mark.req("QUE-16", "CAS-02", "CAS-25", "ENT-19", "ENT-20")
@pytest.mark.parametrize("state", MATRIX)
def test_the_matrix_of_doors(state: str, people: dict[str, AnyActor | None], nurse: StaffActor) -> None:
    mother = Person.objects.get(pk=people["mother"].person_id)  # type: ignore[union-attr]
    child = Person.objects.get(pk=people["patient"].person_id)  # type: ignore[union-attr]
    case = case_in(state, nurse, mother, child)
    for name in ACTORS:
        expected = MATRIX[state].get(name, "-")
        try:
            found = access.any_case(actor=people[name], public_id=case.public_id).basis
        except NotFound:
            found = "-"
        except HeldByColleague as held:
            found = "held" if held.holder == nurse.name else "held by somebody else"
        assert found == expected, (state, name)


@pytest.mark.req("QUE-09", "QUE-13")
def test_preview_opens_waiting_cases_only_and_says_whose_they_are(
    case: Case, nurse: StaffActor, colleague: StaffActor, doctor: StaffActor
) -> None:
    assert not access.preview_case(actor=nurse, public_id=case.public_id).other_role
    assert access.preview_case(actor=doctor, public_id=case.public_id).other_role
    rows = list(ReadLog.objects.order_by("pk").values_list("actor_key", "action", "basis", "patients", "object_id"))
    assert rows == [
        (nurse.key, "preview", "queue_role", [case.patient_id], str(case.public_id)),
        (doctor.key, "preview", "queue_other_role", [case.patient_id], str(case.public_id)),
    ]
    with pytest.raises(NotTaken):
        access.open_case(actor=nurse, public_id=case.public_id)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(HeldByColleague):
        access.preview_case(actor=colleague, public_id=case.public_id)
    assert access.preview_case(actor=nurse, public_id=case.public_id).basis == "holder"


@pytest.mark.req("QUE-16")
def test_a_refused_look_at_a_colleagues_case_is_logged_and_shows_nothing(
    nurse: StaffActor, colleague: StaffActor
) -> None:
    case = factories.make_started_case(nurse)
    with pytest.raises(HeldByColleague) as refused:
        access.open_case(actor=colleague, public_id=case.public_id)
    assert refused.value.since == case.received_at
    assert case.contact_reason not in refused.value.message
    row = ReadLog.objects.latest("pk")
    assert (row.actor_key, row.basis, row.patients) == (colleague.key, "held_by_colleague", [case.patient_id])


def test_opening_leaves_a_row_and_a_panel_of_an_open_page_does_not(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    opened = access.open_case(actor=nurse, public_id=case.public_id)
    assert opened.works
    access.open_case(actor=nurse, public_id=case.public_id, log=False)
    access.open_case(actor=nurse, public_id=case.public_id, purpose="copy")
    assert list(ReadLog.objects.order_by("pk").values_list("action", "basis")) == [
        ("open", "holder"),
        ("copy", "holder"),
    ]


def test_no_log_no_data(nurse: StaffActor, monkeypatch: pytest.MonkeyPatch) -> None:
    case = factories.make_started_case(nurse)
    monkeypatch.setattr(access, "log_read", lambda **_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        access.open_case(actor=nurse, public_id=case.public_id)


def test_absent_and_forbidden_look_the_same(case: Case) -> None:
    stranger = factories.make_staff()
    for door in (access.open_case, access.preview_case, access.resident_case):
        for public_id in (case.public_id, uuid.uuid4(), "none"):
            with pytest.raises(NotFound) as refused:
                door(actor=stranger, public_id=public_id)
            assert refused.value.message == NotFound.message
    assert not ReadLog.objects.exists()


def test_doors_of_staff_and_residents_are_not_each_others(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    with pytest.raises(NotFound):
        access.resident_case(actor=nurse, public_id=case.public_id)
    for door in (access.open_case, access.preview_case):
        with pytest.raises(NotFound):
            door(actor=patient, public_id=case.public_id)
    for listing in (access.list_received, access.list_closed):
        with pytest.raises(NotFound):
            listing(actor=patient)
    with pytest.raises(NotFound):
        access.list_queue(actor=patient, role_id=case.role_id)
    with pytest.raises(NotFound):
        access.list_resident(actor=nurse)
    assert access.resident_case(actor=patient, public_id=case.public_id).works


def test_a_list_writes_one_row_with_everyone_shown(unit: Unit, nurse: StaffActor, doctor: StaffActor) -> None:
    cases = [factories.make_case(unit) for _ in range(3)]
    page = access.list_queue(actor=nurse, role_id=nurse.role_id)
    assert {r.public_id for r in page.rows} == {c.public_id for c in cases}
    access.list_queue(actor=doctor, role_id=nurse.role_id)
    rows = list(ReadLog.objects.order_by("pk"))
    assert [r.basis for r in rows] == ["queue_role", "queue_other_role"]
    assert all(set(r.patients) == {c.patient_id for c in cases} for r in rows)


@pytest.mark.req("IMG-06", "QUE-09")
def test_images_follow_their_case(case: Case, nurse: StaffActor, colleague: StaffActor) -> None:
    patient = factories.resident(case.patient)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    interview = uuid.uuid4()
    pending = uploads.store_image(actor=patient, file=io.BytesIO(out.getvalue()), origin="triage", interview=interview)
    assert access.open_upload(actor=patient, public_id=pending.public_id).pk == pending.pk
    for actor in (nurse, factories.resident(factories.make_person()), None):
        with pytest.raises(NotFound):
            access.open_upload(actor=actor, public_id=pending.public_id)
    Upload.objects.filter(pk=pending.pk).update(case=case)
    for actor in (nurse, colleague, patient):
        access.open_upload(actor=actor, public_id=pending.public_id)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    access.open_upload(actor=nurse, public_id=pending.public_id)
    for actor in (colleague, factories.make_staff(), None):
        with pytest.raises(NotFound):
            access.open_upload(actor=actor, public_id=pending.public_id)
    bases = list(ReadLog.objects.filter(action="image").order_by("pk").values_list("basis", flat=True))
    assert bases == ["uploader", "queue_role", "queue_role", "self", "holder"]


def test_a_pending_image_can_be_taken_away_by_who_added_it(case: Case) -> None:
    patient = factories.resident(case.patient)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    out.seek(0)
    pending = uploads.store_image(actor=patient, file=out, origin="triage", interview=uuid.uuid4())
    with pytest.raises(NotFound):
        uploads.remove_pending_image(actor=factories.resident(factories.make_person()), upload_id=pending.public_id)
    uploads.remove_pending_image(actor=patient, upload_id=pending.public_id)
    assert not uploads.path_of(pending.file_key).exists()
    assert not Upload.objects.exists()
