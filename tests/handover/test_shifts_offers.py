"""Offers when their giver ends the shift: to a role of the unit, to another unit, to a colleague (HOV-01, HOV-11)."""

from __future__ import annotations

import pytest

from cases import commands as case_commands
from cases.access import basis_for
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.refusals import NotFound
from direkt1177.units.models import Unit
from handover.models import Handover
from handover.offers import commands as offers
from handover.offers.commands import Offering
from handover.offers.picker import Choice as To
from handover.shifts.commands import end_shift
from handover.shifts.errors import CasesRemain
from handover.shifts.invariants import orphans
from handover.shifts.rules import Choice
from handover.shifts.settle import Wish
from tests import factories
from tests.factories import key, set_policy
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse() -> StaffActor:
    """The giver."""
    actor = factories.make_staff()
    unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    set_policy(unit, "handover_target", ["role", "signed_in_colleague"])
    set_policy(unit, "interunit_handover_role", "any")
    return actor


def offer(nurse: StaffActor, case: Case, to: To, *, other_unit: bool = False) -> Handover:
    """A pending offer."""
    offering = Offering(to=to, patient_message="En kollega tar över.", documented_first=other_unit)
    offers.offer_case(actor=nurse, case_id=case.public_id, offering=offering, key=key())
    return Handover.objects.get(case=case, state="pending")


def unit_of(actor: StaffActor) -> Unit:
    """The actor's unit."""
    return Unit.objects.select_related("provider__region").get(pk=actor.unit_id)


@pytest.mark.req("HOV-11", "SHF-05")
def test_to_a_role_of_the_unit_it_becomes_a_plain_queue_item(nurse: StaffActor) -> None:
    doctor = factories.make_staff(unit_of(nurse), "doctor")
    case = factories.make_started_case(nurse)
    offer(nurse, case, To(nurse.unit_id, doctor.role_id, None))
    assert end_shift(actor=nurse, satisfied=True, key=key()).ended
    case.refresh_from_db()
    assert (case.state, case.role_id, case.holder_id, case.offered_at) == ("waiting", doctor.role_id, None, None)
    assert Handover.objects.get(case=case).state == "queued"
    assert basis_for(nurse, case) in ("queue_other_role", "queue_role")  # no more than anybody at the unit
    patient = factories.resident(case.patient)
    case_commands.send_message(actor=patient, case_id=case.public_id, client_id=key(), text="Hallå?")
    case.refresh_from_db()
    assert case.last_patient_seq > case.staff_seen_seq
    assert orphans() == []
    case_commands.receive_case(actor=doctor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", doctor.user_id)


def test_to_another_unit_it_waits_at_the_own_until_they_take_it(nurse: StaffActor) -> None:
    unit = unit_of(nurse)
    other = factories.make_unit(provider=unit.provider)
    there, here = factories.make_staff(other), factories.make_staff(unit)
    case, second = factories.make_started_case(nurse), factories.make_started_case(nurse)
    for one in (case, second):
        offer(nurse, one, To(other.pk, there.role_id, None), other_unit=True)
    assert end_shift(actor=nurse, satisfied=True, key=key()).ended
    for one in (case, second):
        one.refresh_from_db()
        assert (one.state, one.unit_id, one.role_id, one.holder_id) == ("waiting", unit.pk, nurse.role_id, None)
    assert orphans() == []
    pending = Handover.objects.get(case=case)
    offers.accept_fallen_offer(actor=there, offer_id=pending.public_id, key=key())
    case.refresh_from_db()
    assert (case.state, case.unit_id, case.holder_id) == ("started", other.pk, there.user_id)
    with pytest.raises(NotFound):
        basis_for(nurse, case)
    case_commands.receive_case(actor=here, case_id=second.public_id, key=key())
    second.refresh_from_db()
    assert (second.unit_id, second.holder_id, second.offered_at) == (unit.pk, here.user_id, None)


def test_to_a_colleague_it_must_be_decided_first(nurse: StaffActor) -> None:
    colleague = factories.make_staff(unit_of(nurse), "doctor")
    case = factories.make_started_case(nurse)
    offer(nurse, case, To(nurse.unit_id, None, colleague.user_id))
    with pytest.raises(CasesRemain):
        end_shift(actor=nurse, satisfied=True, key=key())
    html = staff_client(nurse).get("/personal/avsluta-skift/").content.decode()
    assert "Vänta på kollegan" in html and colleague.name in html
    wish = Wish(str(case.public_id), Choice.HAND_OVER, role_id=colleague.role_id, text="Läkare tar över.")
    assert end_shift(actor=nurse, satisfied=True, key=key(), wishes=[wish]).ended
    case.refresh_from_db()
    assert (case.state, case.role_id, case.offered_at) == ("waiting", colleague.role_id, None)
    assert not Handover.objects.filter(case=case, state="pending").exists()


def test_during_the_shift_an_offer_stays_an_offer(nurse: StaffActor) -> None:
    """Another case fails: the shift goes on, and so does the giver's duty to answer (HOV-01)."""
    doctor = factories.make_staff(unit_of(nurse), "doctor")
    offered, other = factories.make_started_case(nurse), factories.make_started_case(nurse)
    offer(nurse, offered, To(nurse.unit_id, doctor.role_id, None))
    result = end_shift(
        actor=nurse,
        satisfied=True,
        key=key(),
        wishes=[Wish(str(offered.public_id), Choice.OFFER), Wish(str(other.public_id), Choice.HAND_OVER)],
    )
    assert not result.ended
    offered.refresh_from_db()
    assert (offered.state, offered.holder_id) == ("started", nurse.user_id) and offered.offered_at is not None
    assert Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).exists()


def test_an_offered_follow_up_may_be_kept(nurse: StaffActor) -> None:
    colleague = factories.make_staff(unit_of(nurse), "doctor")
    case = factories.make_closed_case(nurse, follow_up_days=3)
    offer(nurse, case, To(nurse.unit_id, None, colleague.user_id))
    with pytest.raises(CasesRemain):
        end_shift(actor=nurse, satisfied=True, key=key())
    wish = Wish(str(case.public_id), Choice.KEEP)
    assert end_shift(actor=nurse, satisfied=True, key=key(), wishes=[wish]).ended
    case.refresh_from_db()
    assert (case.state, case.holder_id, case.offered_at) == ("asynchronous", nurse.user_id, None)
