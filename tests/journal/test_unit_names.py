"""A renamed unit keeps its history: notes and visits show the name and HSA-id that held then (UCH-03)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.leftovers import leftovers_of
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.unit_commands import rename_unit
from journal.commands import save_note, sign_note
from tests.factories import key, make_closed_case, make_person, make_staff, make_started_case, make_unit
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-03-02T10:00:00+01:00")


@pytest.mark.req("UCH-03")
def test_notes_and_earlier_visits_show_the_name_of_their_time() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        unit = make_unit(name="Gamla namnet")
        old_id = unit.hsa_id
        nurse, patient = make_staff(unit), make_person()
        earlier = make_closed_case(nurse, patient=patient)
        texts = ["Halsont", *[""] * (len(policy(unit).note_keywords) - 1)]
        sign_note(actor=nurse, case_id=earlier.public_id, texts=texts, version=0, same_patient=True, key=key())
        clock.move_to(NOW + timedelta(hours=1))
        rename_unit(actor=SYSTEM, unit_id=unit.pk, name="Nya namnet", hsa_id="SE2321000000-NYTT", reason="byte")
        clock.move_to(NOW + timedelta(hours=2))
        now = make_started_case(nurse, patient=patient)
        browser = staff_client(nurse)
        note = browser.get(f"/personal/arende/{earlier.public_id}/anteckning/").content.decode()
        assert f"Enhet vid besöket: Gamla namnet, HSA-id {old_id}" in note
        visits = browser.get(f"/personal/arende/{now.public_id}/?flik=besok").content.decode()
        assert f"då Gamla namnet, HSA-id {old_id}" in visits
        assert Case.objects.filter(unit=Unit.objects.get(name="Nya namnet")).count() == 2


@pytest.mark.req("UCH-02")
def test_unsigned_notes_are_told_before_a_unit_is_wound_up() -> None:
    unit = make_unit()
    nurse = make_staff(unit)
    assert not leftovers_of(unit.pk)
    case = make_closed_case(nurse)
    texts = ["Halsont", *[""] * (len(policy(unit).note_keywords) - 1)]
    save_note(actor=nurse, case_id=case.public_id, texts=texts, version=0)
    assert [(str(row.label), row.count) for row in leftovers_of(unit.pk)] == [("anteckningar som inte är signerade", 1)]
    sign_note(actor=nurse, case_id=case.public_id, texts=texts, version=1, same_patient=True, key=key())
    assert not leftovers_of(unit.pk)
