"""Manage for settings, opening hours and phrases: scope, forms made from types, commands, the log."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client

from cases.models import Phrase
from direkt1177.accounts.manage_forms import today
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.audit.models import ChangeLog
from direkt1177.units.models import CalendarException, PolicyValue, StaffedHours, Unit
from direkt1177.units.policies import check_value, policy
from direkt1177.units.policy_forms import NAME, form_fields, piece_for
from direkt1177.units.policy_model import Policy, default_of
from direkt1177.units.region_files import codes, read_region_file
from tests.accounts.test_commands import make_admin
from tests.factories import make_role, make_staff, make_unit, set_policy
from tests.signing_in import admin_client

HOURS, DATES, SETTINGS, PHRASES = (
    "/admin/units/staffedhours/",
    "/admin/units/calendarexception/",
    "/admin/units/policyvalue/",
    "/admin/cases/phrase/",
)


def _client(unit: Unit, *kinds: str) -> Client:
    return admin_client(User.objects.get(pk=make_admin(unit, *kinds).user_id))


@pytest.fixture
def unit(db: None) -> Unit:
    """The unit that is configured; the region's hours hold there."""
    return make_unit(always_open=False)


@pytest.fixture
def manage(unit: Unit) -> Client:
    """A browser of the unit's configuration administrator."""
    return _client(unit, "configuration_admin")


@pytest.mark.req("ADM-07")
@pytest.mark.parametrize("key", Policy.model_fields)
def test_every_setting_has_a_form_that_gives_back_its_value(key: str) -> None:
    files = [read_region_file(code).stated() for code in codes()]
    values = [default_of(key), *(check_value(key, stated[key][0]) for stated in files if key in stated)]
    for value in values:
        form = type("Filled", (forms.Form,), form_fields(key, value))
        piece = piece_for(key)
        filled = form({name: part for name, part in piece.initial(NAME, value).items() if part is not None})
        assert filled.is_valid(), (key, filled.errors)
        assert check_value(key, piece.raw(NAME, filled.cleaned_data)) == value


@pytest.mark.req("ORG-13")
def test_neither_right_includes_the_other(unit: Unit) -> None:
    users, settings = _client(unit, "user_admin"), _client(unit, "configuration_admin")
    for page in (HOURS, DATES, SETTINGS, PHRASES, "/admin/units/unit/"):
        assert users.get(page).status_code == 403, page
        assert settings.get(page).status_code == 200, page
        assert page not in users.get("/admin/").content.decode()
    for page in ("/admin/accounts/user/", "/admin/accounts/membership/", "/admin/accounts/adminpermission/"):
        assert users.get(page).status_code == 200, page
        assert settings.get(page).status_code == 403, page
    for page in (f"{HOURS}add/?unit={unit.pk}", f"{DATES}add/", f"{PHRASES}add/"):
        assert users.post(page, {}).status_code in (302, 403), page
    assert users.get(f"{SETTINGS}add/?unit={unit.pk}&key=response_target").status_code in (302, 403)


@pytest.mark.req("HRS-01", "HRS-02", "ADM-08")
def test_a_week_is_changed_as_a_whole_and_logged(manage: Client, unit: Unit) -> None:
    page = manage.get(HOURS).content.decode()
    assert "08.00-14.30" in page  # the region's Friday
    add = f"{HOURS}add/?unit={unit.pk}"
    wrong = manage.post(add, {"day_0": "17-8", "day_1": "08.00-12.00, 11.00-13.00"})
    assert wrong.status_code == 200
    assert wrong.content.decode().count("Skriv tider så här") >= 3
    filled = {"day_0": "8:00 – 12:00, 13.00-17.00", "day_4": "08.00-24.00", "reason": "ny ledning"}
    assert manage.post(add, filled)["Location"] == f"{HOURS}?unit={unit.pk}"
    rows = StaffedHours.objects.filter(unit=unit).order_by("weekday", "start")
    assert [(r.weekday, r.start, r.end) for r in rows] == [
        (0, time(8), time(12)),
        (0, time(13), time(17)),
        (4, time(8), time(23, 59)),
    ]
    row = ChangeLog.objects.get(event="hours_changed")
    assert (row.object_id, row.data["new"]["0"], row.data["reason"]) == (
        str(unit.pk),
        "08.00-12.00, 13.00-17.00",
        "ny ledning",
    )
    assert "08.00-12.00, 13.00-17.00" in manage.get(add).content.decode()
    history = manage.get(f"/admin/units/unit/{unit.pk}/history/").content.decode()
    assert "Öppettider ändrade" in history
    assert "måndag: 08.00-12.00, 13.00-17.00" in history
    assert manage.post(add, {"reason": "tillbaka"}).status_code == 302
    assert not StaffedHours.objects.filter(unit=unit).exists()


@pytest.mark.req("HRS-01")
def test_a_role_has_its_own_week(manage: Client, unit: Unit) -> None:
    doctor = make_role("doctor")
    add = f"{HOURS}add/?unit={unit.pk}&role={doctor.pk}"
    assert manage.post(add, {"day_2": "10.00-12.00"}).status_code == 302
    row = StaffedHours.objects.get(unit=unit)
    assert (row.role, row.weekday) == (doctor, 2)


@pytest.mark.req("HRS-02", "ADM-08")
def test_a_date_is_closed_changed_and_opened_again(manage: Client, unit: Unit) -> None:
    day = today() + timedelta(days=20)
    facts = {"unit": unit.pk, "date": day.isoformat(), "start": "", "end": "", "why": "Utbildning", "reason": "beslut"}
    assert manage.post(f"{DATES}add/", {**facts, "start": "10:00"}).status_code == 200
    assert manage.post(f"{DATES}add/", {**facts, "date": "2020-01-01"}).status_code == 422
    assert manage.post(f"{DATES}add/", facts).status_code == 302
    row = CalendarException.objects.get()
    assert (row.unit, row.date, row.start, row.reason) == (unit, day, None, "Utbildning")
    change = f"{DATES}{row.pk}/change/"
    assert manage.post(change, {**facts, "start": "10:00", "end": "12:00"}).status_code == 302
    row.refresh_from_db()
    assert (row.start, row.end) == (time(10), time(12))
    assert manage.post(change, {**facts, "remove_now": "on"}).status_code == 302
    assert not CalendarException.objects.exists()
    events = ChangeLog.objects.filter(object_type="unit", object_id=str(unit.pk)).order_by("id")
    assert [e.event for e in events] == [f"calendar_exception_{op}" for op in ("added", "changed", "removed")]


def test_dates_that_have_passed_are_history(manage: Client, unit: Unit) -> None:
    row = CalendarException.objects.create(unit=unit, date=date(2026, 1, 2), reason="Städning")
    facts = {"unit": unit.pk, "date": today().isoformat(), "start": "", "end": "", "why": "x", "remove_now": "on"}
    assert manage.post(f"{DATES}{row.pk}/change/", facts).status_code == 403
    assert CalendarException.objects.filter(pk=row.pk, date=date(2026, 1, 2)).exists()


@pytest.mark.req("ADM-07", "ADM-08")
def test_own_value_where_the_region_lets_units_differ(manage: Client, unit: Unit) -> None:
    page = manage.get(SETTINGS).content.decode()
    assert "ej angivet, standard: 15" in page
    set_policy(unit, "response_target", 30)
    add = f"{SETTINGS}add/?unit={unit.pk}&key=response_target"
    facts = {"value": "10", "valid_from": today().isoformat(), "source": "Chefens beslut", "reason": "pilot"}
    assert manage.post(add, {**facts, "value": "0"}).status_code == 200
    assert manage.post(add, {**facts, "reason": ""}).status_code == 200
    assert manage.post(add, {**facts, "valid_from": "2020-01-01"}).status_code == 200
    assert not PolicyValue.objects.filter(unit=unit).exists()
    assert manage.post(add, facts).status_code == 302
    assert policy(Unit.objects.get(pk=unit.pk)).response_target == 10
    page = manage.get(f"{SETTINGS}?unit={unit.pk}").content.decode()
    assert "Regionens: 30" in page
    assert "Chefens beslut" in page
    row = ChangeLog.objects.get(event="policy_changed")
    assert (row.object_id, row.data["new"], row.data["reason"]) == (str(unit.pk), 10, "pilot")
    own = PolicyValue.objects.get(unit=unit)
    assert manage.post(f"{SETTINGS}{own.pk}/change/", {"end_now": "on", "reason": "slut"}).status_code == 302
    assert policy(Unit.objects.get(pk=unit.pk)).response_target == 30


@pytest.mark.req("ADM-07")
def test_only_the_regional_administrator_changes_the_region(manage: Client, unit: Unit) -> None:
    key = "min_contact_attempts"  # the region's alone
    for address in (
        f"unit={unit.pk}&key={key}",
        f"region={unit.provider.region_id}&key={key}",
        f"unit={unit.pk}&key=x",
    ):
        facts = {"value": "3", "valid_from": today().isoformat(), "source": "x", "reason": "x"}
        assert manage.post(f"{SETTINGS}add/?{address}", facts)["Location"] == SETTINGS
    assert not PolicyValue.objects.exists()
    region = _client(unit, "region_admin")
    answer = region.post(
        f"{SETTINGS}add/?region={unit.provider.region_id}&key={key}",
        {"value": "3", "valid_from": today().isoformat(), "source": "Riktlinje 9", "reason": "ny riktlinje"},
    )
    assert answer.status_code == 302
    assert policy(Unit.objects.get(pk=unit.pk)).min_contact_attempts == 3
    assert region.post(f"{HOURS}add/?unit={unit.pk}", {"day_0": "08.00-12.00"})["Location"] == HOURS  # to read only
    assert not StaffedHours.objects.exists()
    assert region.get("/admin/accounts/user/").status_code == 403


@pytest.mark.req("ORG-14")
def test_a_regional_administrator_is_made_by_another_only(unit: Unit) -> None:
    user = User.objects.get(pk=make_staff(unit).user_id)
    facts = {"user": user.pk, "unit": unit.pk, "kind": "region_admin", "reason": "x"}
    add = "/admin/accounts/adminpermission/add/"
    refused = _client(unit, "user_admin").post(add, facts)
    assert refused.status_code == 403
    assert not AdminPermission.objects.filter(user=user).exists()
    assert _client(unit, "user_admin", "region_admin").post(add, facts).status_code == 302


@pytest.mark.req("ADM-02", "ADM-08", "ORG-13")
def test_phrases_of_the_unit_are_added_and_withdrawn(manage: Client, unit: Unit) -> None:
    facts: dict[str, Any] = {"unit": unit.pk, "category": "Avslut", "title": "Hej då", "text": "Tack!", "active": "on"}
    assert manage.post(f"{PHRASES}add/", {**facts, "text": "x" * 2001}).status_code == 200
    assert manage.post(f"{PHRASES}add/", {**facts, "reason": "ny"}).status_code == 302
    phrase = Phrase.objects.get()
    assert (phrase.level, phrase.unit, phrase.active) == ("unit", unit, True)
    assert '<option value="Avslut">' in manage.get(f"{PHRASES}add/").content.decode()
    del facts["active"]
    assert manage.post(f"{PHRASES}{phrase.pk}/change/", {**facts, "reason": "gammal"}).status_code == 302
    phrase.refresh_from_db()
    assert phrase.active is False
    log = ChangeLog.objects.get(event="phrase_changed")
    assert (log.data["old"], log.data["new"], log.data["reason"]) == ({"active": True}, {"active": False}, "gammal")


@pytest.mark.req("ADM-02")
def test_personal_and_foreign_phrases_never_stand_in_manage(manage: Client, unit: Unit) -> None:
    owner = make_staff(unit)
    personal = Phrase.objects.create(level="personal", user_id=owner.user_id, category="EGET", title="MITT", text="x")
    foreign = Phrase.objects.create(level="unit", unit=make_unit(), category="ANNAT", title="DERAS", text="x")
    page = manage.get(PHRASES).content.decode() + manage.get(f"{PHRASES}add/").content.decode()
    for word in ("EGET", "MITT", "ANNAT", "DERAS"):
        assert word not in page
    for phrase in (personal, foreign):
        assert manage.post(f"{PHRASES}{phrase.pk}/change/", {"title": "NYTT"}).status_code == 302
        phrase.refresh_from_db()
        assert phrase.title != "NYTT"


@pytest.mark.req("ORG-14")
def test_other_units_are_out_of_reach(manage: Client) -> None:
    other = make_unit()
    row = CalendarException.objects.create(unit=other, date=today(), reason="x")
    before = StaffedHours.objects.filter(unit=other).count()
    assert manage.post(f"{HOURS}add/?unit={other.pk}", {"day_0": "08.00-09.00"})["Location"] == HOURS
    assert StaffedHours.objects.filter(unit=other).count() == before
    assert other.name not in manage.get(f"{HOURS}?unit={other.pk}").content.decode()
    assert other.name not in manage.get(f"{SETTINGS}?unit={other.pk}").content.decode()
    assert manage.get(f"{DATES}{row.pk}/change/").status_code == 302
    facts = {"unit": other.pk, "date": today().isoformat(), "start": "", "end": "", "why": "x"}
    assert manage.post(f"{DATES}add/", facts).status_code == 200
    assert (
        manage.post(f"{PHRASES}add/", {"unit": other.pk, "category": "a", "title": "b", "text": "c"}).status_code == 200
    )
    assert CalendarException.objects.count() == 1
    assert not Phrase.objects.exists()


@pytest.mark.parametrize("query", ["", "?unit=x", "?unit=-1", "?unit=99999999999999999999", "?unit=%00", "?key=%00"])
def test_strange_addresses_are_no_errors(manage: Client, query: str) -> None:
    for page in (HOURS, SETTINGS, f"{HOURS}add/", f"{SETTINGS}add/", DATES, PHRASES):
        assert manage.get(page + query).status_code in (200, 302), page
        assert manage.post(page + query, {"value": "\0", "unit": "\0"}).status_code in (200, 302, 403, 405), page
