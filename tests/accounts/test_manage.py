"""Manage: entry, allow-list, scope, saving through commands, no inline code."""

from __future__ import annotations

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import resolve

from direkt1177.accounts.admin_base import CommandAdmin
from direkt1177.accounts.manage import site
from direkt1177.accounts.models import AdminPermission, Membership, User
from direkt1177.audit.models import ChangeLog
from direkt1177.units.models import Unit
from tests.accounts.test_commands import make_admin
from tests.factories import make_person, make_role, make_staff, make_unit
from tests.signing_in import admin_client, resident_client, staff_client

pytestmark = pytest.mark.django_db
ALLOWED = {
    "accounts.User",
    "accounts.Membership",
    "accounts.AdminPermission",
    "accounts.Shift",
    "units.Unit",
    "units.StaffedHours",
    "units.CalendarException",
    "units.PolicyValue",
    "units.Closure",
    "units.BranchDecision",
    "units.UnitName",
    "units.UnitChange",
    "cases.Phrase",
}


@pytest.fixture
def unit() -> Unit:
    """The unit that is administered."""
    return make_unit()


@pytest.fixture
def manage(unit: Unit) -> Client:
    """A browser of a user and configuration administrator of the unit."""
    actor = make_admin(unit, "user_admin", "configuration_admin")
    return admin_client(User.objects.get(pk=actor.user_id))


def test_only_listed_models_and_only_through_commands() -> None:
    assert {model._meta.label for model in site._registry} == ALLOWED
    assert all(isinstance(each, CommandAdmin) for each in site._registry.values())
    assert all(not each.list_editable and not each.inlines and not each.actions for each in site._registry.values())
    # Django's own site, where other apps register theirs, is mounted nowhere.
    assert resolve("/admin/").func.admin_site is site  # type: ignore[attr-defined]
    assert resolve("/admin/").func.admin_site is not admin.site  # type: ignore[attr-defined]


@pytest.mark.req("AUTH-03", "AUTH-04")
def test_care_role_opens_clinic_but_not_manage() -> None:
    nurse = staff_client(make_staff())
    assert nurse.get("/admin/").status_code in (302, 403)
    assert nurse.get("/admin/login/").status_code == 403
    assert nurse.get("/admin/accounts/user/").status_code != 200


@pytest.mark.req("AUTH-03")
def test_manage_opens_without_care_role_but_not_clinic(manage: Client) -> None:
    assert manage.get("/admin/").status_code == 200
    assert manage.get("/personal/installningar/")["Location"].startswith("/personal/enhet/")
    assert resident_client(make_person()).get("/admin/login/").status_code in (302, 403)


def test_sign_in_leads_to_manage_for_whoever_has_no_role(unit: Unit) -> None:
    user = User.objects.get(pk=make_admin(unit).user_id)
    assert Client().post("/personal/logga-in/", {"person": user.hsa_id})["Location"] == "/admin/"


def test_no_password_pages(manage: Client) -> None:
    assert manage.get("/admin/password_change/").status_code == 404


def test_pages_have_no_inline_code_and_are_swedish(manage: Client, unit: Unit) -> None:
    nurse = make_staff(unit)
    for address in (
        "/admin/",
        "/admin/accounts/user/",
        "/admin/accounts/user/add/",
        f"/admin/accounts/user/{nurse.user_id}/change/",
        f"/admin/accounts/user/{nurse.user_id}/history/",
        "/admin/accounts/membership/",
        "/admin/accounts/membership/add/",
        f"/admin/accounts/membership/{nurse.membership_id}/change/",
        "/admin/accounts/adminpermission/add/",
        "/admin/units/unit/",
        f"/admin/units/unit/{unit.pk}/change/",
        f"/admin/units/unit/{unit.pk}/history/",
        "/admin/units/staffedhours/",
        f"/admin/units/staffedhours/add/?unit={unit.pk}",
        "/admin/units/calendarexception/",
        "/admin/units/calendarexception/add/",
        "/admin/units/policyvalue/",
        f"/admin/units/policyvalue/add/?unit={unit.pk}&key=welcome_message",
        "/admin/cases/phrase/",
        "/admin/cases/phrase/add/",
    ):
        response = manage.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\b(src=|type=\"application/json\"))", page), address
        assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", page), address
        assert "/delete/" not in page, address
        assert 'lang="sv"' in page, address
        assert not re.search(r"related-widget-wrapper-link", page), address


@pytest.mark.req("ORG-15", "ADM-01")
def test_user_is_added_with_hsa_id_and_logged(manage: Client) -> None:
    empty = manage.post("/admin/accounts/user/add/", {"hsa_id": "", "first_name": "Bo"})
    assert empty.status_code == 200
    assert 'value="Bo"' in empty.content.decode()
    answer = manage.post(
        "/admin/accounts/user/add/",
        {"hsa_id": "se2321000000-9x", "first_name": "Bo", "last_name": "Ek", "title": "", "mobile": "", "reason": "ny"},
    )
    assert answer.status_code == 302
    user = User.objects.get(hsa_id="SE2321000000-9X")
    assert not user.has_usable_password()
    row = ChangeLog.objects.get(event="user_created", object_id=str(user.pk))
    assert (row.actor_name, row.data["reason"]) == ("Ada Admin", "ny")
    twice = manage.post("/admin/accounts/user/add/", {"hsa_id": "SE2321000000-9x"})
    assert twice.status_code == 200
    assert "Det finns redan en användare" in twice.content.decode()


@pytest.mark.req("ORG-06", "ADM-01")
def test_role_is_granted_and_ended_in_manage(manage: Client, unit: Unit) -> None:
    user = User.objects.get(pk=make_staff().user_id)
    facts = {"user": user.pk, "unit": unit.pk, "role": make_role("doctor").pk}
    assert manage.post("/admin/accounts/membership/add/", facts).status_code == 200  # no reason given
    assert manage.post("/admin/accounts/membership/add/", {**facts, "reason": "vikariat"}).status_code == 302
    row = Membership.objects.get(user=user, unit=unit)
    refused = manage.post("/admin/accounts/membership/add/", {**facts, "reason": "igen"})
    assert refused.status_code == 422
    assert "har redan den behörigheten" in refused.content.decode()
    assert 'value="igen"' in refused.content.decode()
    page = f"/admin/accounts/membership/{row.pk}/change/"
    assert manage.post(page, {"end_now": "on", "reason": "slutat"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_at is not None
    assert "slutat" in manage.get(f"/admin/accounts/user/{user.pk}/history/").content.decode()


@pytest.mark.req("ORG-14")
def test_other_units_are_out_of_reach(manage: Client) -> None:
    stranger = make_staff()
    assert manage.get(f"/admin/accounts/membership/{stranger.membership_id}/change/").status_code == 302
    assert manage.get(f"/admin/units/unit/{stranger.unit_id}/change/").status_code == 302
    facts = {"user": stranger.user_id, "unit": stranger.unit_id, "kind": "user_admin", "reason": "x"}
    assert manage.post("/admin/accounts/adminpermission/add/", facts).status_code == 200
    assert not AdminPermission.objects.filter(user_id=stranger.user_id).exists()


@pytest.mark.req("ORG-16")
def test_there_is_no_way_to_delete(manage: Client, unit: Unit) -> None:
    nurse = make_staff(unit)
    assert manage.post(f"/admin/accounts/user/{nurse.user_id}/delete/", {"post": "yes"}).status_code == 403
    bulk = {"action": "delete_selected", "_selected_action": nurse.user_id, "post": "yes"}
    manage.post("/admin/accounts/user/", bulk)
    assert User.objects.filter(pk=nurse.user_id).exists()


@pytest.mark.req("SHF-04")
def test_running_shifts_are_shown(manage: Client, unit: Unit) -> None:
    nurse = make_staff(unit)
    page = manage.get(f"/admin/accounts/user/{nurse.user_id}/change/").content.decode()
    assert "Pågående skift" in page
    assert f"{unit.name}, Sjuksköterska, " in page


@pytest.mark.req("ORG-05")
def test_unit_basics_are_changed_and_logged(manage: Client, unit: Unit) -> None:
    facts = {
        "name": "Inte här",  # a new name has a page of its own
        "phone": "0480-1",
        "contact_card_url": "",
        "welcome_message": "",
        "receipt_message": "",
    }
    assert manage.post(f"/admin/units/unit/{unit.pk}/change/", {**facts, "reason": "bytt"}).status_code == 302
    row = ChangeLog.objects.get(event="unit_changed")
    assert (row.data["old"], row.data["new"]) == ({"phone": ""}, {"phone": "0480-1"})
    assert Unit.objects.get(pk=unit.pk).name == unit.name


@pytest.mark.req("NOT-04")
def test_sms_text_that_fits_no_sms_is_refused(manage: Client, unit: Unit) -> None:
    page = manage.post(f"/admin/units/unit/{unit.pk}/change/", {"name": unit.name, "receipt_message": "x" * 161})
    assert page.status_code == 200
    assert "Texten är för lång" in page.content.decode()
    unit.refresh_from_db()
    assert unit.receipt_message == ""


@pytest.mark.parametrize("data", [{}, {"user": "x", "unit": "-1", "role": "\0"}, {"user": "99999999999999999999"}])
@pytest.mark.parametrize("model", ["user", "membership", "adminpermission"])
def test_bad_input_is_never_an_error(manage: Client, model: str, data: dict[str, str]) -> None:
    assert manage.post(f"/admin/accounts/{model}/add/", data).status_code == 200
