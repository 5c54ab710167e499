"""Shifts that run: seen and ended by their owner or, with a reason, an administrator (SHF-01..04, SHF-07, AUTH-17)."""

from __future__ import annotations

import pytest
from django.test import Client

from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.errors import EndReasonMissing, NotYourUnit, OngoingCases, ShiftOver
from direkt1177.accounts.models import Membership, Shift, User
from direkt1177.accounts.shift_commands import end_own_shift, end_shift_for
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import NotFound
from direkt1177.units.models import Unit
from handover.shifts.invariants import orphans
from tests import factories
from tests.accounts.test_commands import make_admin
from tests.signing_in import admin_client, staff_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse with a running shift."""
    return factories.make_staff()


def own(actor: StaffActor) -> ManageActor:
    """The same person before choosing a unit."""
    return ManageActor(user_id=actor.user_id, name=actor.name)


def shift_of(actor: StaffActor) -> Shift:
    """The actor's latest shift."""
    return Shift.objects.filter(user_id=actor.user_id).latest("pk")


@pytest.mark.req("SHF-01", "AUTH-08", "AUTH-09")
def test_the_first_time_type_is_chosen_and_the_load_balancer_is_off() -> None:
    nurse = factories.make_staff(on_shift=False)
    client = Client()
    user = User.objects.get(pk=nurse.user_id)
    client.post("/personal/logga-in/", {"person": user.hsa_id})
    html = client.get("/personal/enhet/").content.decode()
    assert "Primärjour" in html and "Lastbalanserare" in html
    assert 'name="load_balancer"' in html and "checked" not in html.split('name="load_balancer"')[1].split(">")[0]
    assert client.get("/personal/drop-in/")["Location"].startswith("/personal/enhet/")
    values = {"membership": str(nurse.membership_id), "shift_type": "primary_on_call"}
    assert client.post("/personal/enhet/", values).status_code == 302
    user.refresh_from_db()
    assert (user.shift_type, user.load_balancer_enabled) == ("primary_on_call", False)
    shift = shift_of(nurse)
    assert (shift.unit_id, shift.shift_type, shift.ended_at) == (nurse.unit_id, "primary_on_call", None)
    html = client.get("/personal/installningar/").content.decode()
    assert 'name="load_balancer"' in html and "Primärjour" in html
    assert client.get("/personal/drop-in/").status_code == 200


@pytest.mark.req("AUTH-17", "SHF-03", "SHF-04")
def test_signing_out_ends_access_not_the_shift_and_it_can_be_ended_later(nurse: StaffActor) -> None:
    elsewhere = factories.make_unit()
    Membership.objects.create(user_id=nurse.user_id, unit=elsewhere, role_id=nurse.role_id)
    client = staff_client(nurse)
    client.post("/personal/logga-ut/")
    assert client.get("/personal/drop-in/").status_code == 302
    assert shift_of(nurse).ended_at is None
    client = admin_client(User.objects.get(pk=nurse.user_id))
    html = client.get("/personal/enhet/").content.decode()
    assert "Avsluta skiftet" in html and nurse.unit_name in html
    answer = client.post(f"/personal/enhet/avsluta-skift/{shift_of(nurse).pk}/")
    assert answer.status_code == 302
    assert shift_of(nurse).ended_at is not None
    assert "är avslutat" in client.get("/personal/enhet/").content.decode()
    assert client.post(f"/personal/enhet/avsluta-skift/{shift_of(nurse).pk}/").status_code == 409


@pytest.mark.req("SHF-04", "SHF-05")
def test_ones_own_forgotten_shift_does_not_end_over_cases(nurse: StaffActor) -> None:
    factories.make_started_case(nurse)
    with pytest.raises(OngoingCases):
        end_own_shift(actor=own(nurse), shift_id=shift_of(nurse).pk)
    client = admin_client(User.objects.get(pk=nurse.user_id))
    answer = client.post(f"/personal/enhet/avsluta-skift/{shift_of(nurse).pk}/")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert f"Välj {nurse.unit_name} och sedan Avsluta skift" in html
    assert shift_of(nurse).ended_at is None
    with pytest.raises(NotFound):
        end_own_shift(actor=own(factories.make_staff()), shift_id=shift_of(nurse).pk)


@pytest.mark.req("SHF-07", "SHF-05")
def test_a_unit_is_not_left_over_cases_and_the_page_leads_on(nurse: StaffActor) -> None:
    elsewhere = factories.make_unit()
    other = Membership.objects.create(user_id=nurse.user_id, unit=elsewhere, role_id=nurse.role_id)
    case = factories.make_started_case(nurse)
    client = staff_client(nurse)
    answer = client.post("/personal/enhet/", {"membership": str(other.pk)})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "/personal/avsluta-skift/" in html and "Du har 1 besök där" in html
    from cases import commands

    commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=factories.key())
    assert client.post("/personal/enhet/", {"membership": str(other.pk)}).status_code == 302
    running = Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True)
    assert list(running.values_list("unit_id", flat=True)) == [elsewhere.pk]


@pytest.mark.req("SHF-04")
def test_an_administrator_ends_it_with_a_reason_and_the_cases_are_let_go(nurse: StaffActor) -> None:
    unit = Unit.objects.get(pk=nurse.unit_id)
    admin = make_admin(unit, "user_admin")
    case, follow_up = factories.make_started_case(nurse), factories.make_closed_case(nurse, follow_up_days=2)
    with pytest.raises(EndReasonMissing):
        end_shift_for(actor=admin, shift_id=shift_of(nurse).pk, reason=" ")
    with pytest.raises(NotYourUnit):
        end_shift_for(
            actor=make_admin(factories.make_unit(), "user_admin"), shift_id=shift_of(nurse).pk, reason="Glömt"
        )
    end_shift_for(actor=admin, shift_id=shift_of(nurse).pk, reason="Gick hem i går")
    for one in (case, follow_up):
        one.refresh_from_db()
        assert (one.state, one.holder_id, one.released_from_id) == ("waiting", None, nurse.user_id)
    assert ChangeLog.objects.get(event="shift_ended_for").data["reason"] == "Gick hem i går"
    assert orphans() == []
    with pytest.raises(ShiftOver):
        end_shift_for(actor=admin, shift_id=shift_of(nurse).pk, reason="Igen")


@pytest.mark.req("SHF-04")
def test_manage_shows_running_shifts_and_ends_one(nurse: StaffActor) -> None:
    unit = Unit.objects.get(pk=nurse.unit_id)
    browser = admin_client(User.objects.get(pk=make_admin(unit, "user_admin").user_id))
    shift = shift_of(nurse)
    assert nurse.name in browser.get("/admin/accounts/shift/").content.decode()
    page = f"/admin/accounts/shift/{shift.pk}/change/"
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"end_now": "on", "reason": ""}).status_code in (200, 422)
    shift.refresh_from_db()
    assert shift.ended_at is None
    assert browser.post(page, {"end_now": "on", "reason": "Glömt"}).status_code == 302
    assert Shift.objects.get(pk=shift.pk).ended_at is not None
    assert browser.get("/admin/accounts/shift/add/").status_code == 403
