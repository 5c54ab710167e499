"""What a second reading found: rights and responsibility where two parts of the work meet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import commands
from cases.errors import ShiftEnded
from cases.models import CaseReader, Message
from direkt1177.accounts.models import Membership, Shift
from direkt1177.units.clock import now
from handover.offers import commands as offers
from handover.shifts.invariants import orphans
from handover.tickets import commands as tickets
from tests import factories
from tests.factories import key
from tests.handover.offering import leave_shift, make_place, offer, to_role
from tests.handover.tickets import make_scene
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db


@pytest.mark.req("CAS-12")
def test_a_paused_visit_does_not_start_again_while_its_holder_has_gone_home() -> None:
    nurse = factories.make_staff()
    case = factories.make_started_case(nurse)
    later = now() + timedelta(hours=20)
    commands.pause_visit(actor=nurse, case_id=case.public_id, resume_at=later, message="I morgon.", key=key())
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=now())
    with pytest.raises(ShiftEnded):
        commands.resume_visit(actor=nurse, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert case.state == "paused"
    assert orphans() == []


def test_put_back_goes_to_a_role_that_somebody_still_holds() -> None:
    unit = factories.make_unit()
    nurse, doctor = factories.make_staff(unit), factories.make_staff(unit, "doctor")
    case = factories.make_case(unit, "doctor")
    commands.receive_case_anyway(actor=nurse, case_id=case.public_id, key=key())
    Membership.objects.filter(user_id=doctor.user_id).update(ended_at=now())
    commands.put_back_case(actor=nurse, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.state, case.role_id) == ("waiting", nurse.role_id)
    assert orphans() == []


@pytest.mark.req("HOV-15")
def test_the_giver_reads_on_where_the_region_says_so_also_after_going_home() -> None:
    place = make_place(giver_access_after_acceptance="read")
    case = factories.make_started_case(place.nurse)
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    offers.accept_fallen_offer(actor=place.other_nurse, offer_id=row.public_id, key=key())
    reader = CaseReader.objects.get(case=case, basis="giver")
    assert (reader.user_id, reader.ended_at) == (place.nurse.user_id, None)


@pytest.mark.req("TIK-15", "INA-07")
def test_taking_a_ticket_back_is_no_answer_when_somebody_else_holds_the_visit() -> None:
    scene = make_scene()
    ticket = scene.send()
    case = ticket.issuing_case
    colleague = factories.make_staff(case.unit)
    factories.release(case)
    commands.receive_case(actor=colleague, case_id=case.public_id, key=key())
    case.refresh_from_db()
    said = case.last_staff_seq
    tickets.withdraw_ticket(actor=scene.giver, ticket_id=ticket.public_id, reason="Fel enhet", key=key())
    case.refresh_from_db()
    assert case.last_staff_seq == said
    assert Message.objects.filter(case=case).order_by("-seq")[0].author == "system"


def test_a_day_at_the_end_of_time_is_refused_not_a_failure() -> None:
    nurse = factories.make_staff()
    browser = staff_client(nurse)
    for address in (reverse("finding:day") + "?fran=9999-12-31", reverse("handover:own_day") + "?datum=9999-12-31"):
        assert browser.get(address).status_code in (200, 422)
