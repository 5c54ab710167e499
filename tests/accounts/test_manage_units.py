"""Manage for closures, branches, names, winding up and takeover: scope, steps, refusals, words (ADM-05)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from direkt1177.accounts.models import User
from direkt1177.audit.models import ChangeLog
from direkt1177.units.models import (
    BranchDecision,
    CalendarException,
    CareProvider,
    Closure,
    StaffedHours,
    Unit,
    UnitChange,
    UnitName,
)
from direkt1177.units.queries import redirect_target
from direkt1177.units.staffed_time import STOCKHOLM
from tests.accounts.test_commands import make_admin
from tests.factories import make_case, make_unit, set_policy
from tests.signing_in import admin_client

pytestmark = pytest.mark.django_db
CLOSURES, BRANCHES, NAMES, CHANGES = (
    f"/admin/units/{name}/" for name in ("closure", "branchdecision", "unitname", "unitchange")
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Monday 2 March 2026, nine o'clock."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def unit() -> Unit:
    return make_unit(name="Granbackens hälsocentral")


@pytest.fixture
def other(unit: Unit) -> Unit:
    return make_unit(name="Tallåsens hälsocentral", provider=unit.provider)


def client_of(unit: Unit, *kinds: str) -> Client:
    """A browser of somebody with these permissions at the unit."""
    return admin_client(User.objects.get(pk=make_admin(unit, *kinds).user_id))


@pytest.fixture
def manager(unit: Unit) -> Client:
    """The unit's configuration administrator."""
    return client_of(unit, "configuration_admin")


@pytest.fixture
def region(unit: Unit, other: Unit) -> Client:
    """A regional administrator, with the permission at another unit of the region."""
    return client_of(other, "region_admin")


PLANNED: dict[str, Any] = {
    "starts_day": "2026-03-24", "starts_time": "08:00", "ends_day": "2026-03-24", "ends_time": "16:00",
    "grounds": "exceptional", "reason": "Utbildning för alla", "told": "Personalen har utbildning.",
    "manager": "Vera Chef",
}  # fmt: skip


def page(client: Client, address: str) -> str:
    """A page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer)
    return str(answer.content.decode())


@pytest.mark.req("HRS-08", "HRS-10", "HRS-13", "ADM-05")
def test_a_planned_closure_from_asking_to_the_contact_card(
    manager: Client, region: Client, unit: Unit, other: Unit
) -> None:
    add = f"{CLOSURES}add/?unit={unit.pk}"
    assert "Regional förvaltning svarar först" in page(manager, add)
    asked = manager.post(add, {**PLANNED, "target": other.pk})
    closure = Closure.objects.get()
    change = f"{CLOSURES}{closure.pk}/change/"
    assert asked["Location"] == change
    assert (closure.starts_at, closure.target, closure.status) == (
        datetime(2026, 3, 24, 8, 0, tzinfo=STOCKHOLM), other, "requested",
    )  # fmt: skip
    assert "Svara ja" not in page(manager, change)  # only the region answers
    assert manager.post(change, {"act": "agree", "reason": "Ja"}).status_code == 200
    assert Closure.objects.get().status == "requested"
    assert "Svara om stängningen: Granbackens hälsocentral, tisdag 24 mars 2026 kl. 08.00–16.00" in page(
        region, "/admin/"
    )
    assert "Beställ stängningen" not in page(region, change)
    assert region.post(change, {"act": "reject", "reason": ""}).status_code == 200  # a no needs its reason
    assert region.post(change, {"act": "agree", "reason": "Går bra"})["Location"] == change
    assert "Beställ stängningen" in page(manager, "/admin/")
    assert manager.post(change, {"act": "order", "reason": ""})["Location"] == change
    html = page(manager, change)
    assert "Kontaktkortet säger det inte än" in html
    assert "Granbackens hälsocentral är stängd i 1177 direkt tisdag 24 mars 2026 kl. 08.00–16.00." in html
    assert all(words in html for words in ("Stängning begärd", "Regionen sade ja", "Går bra", "Stängning beställd"))
    text = html.partition('id="card-text">')[2].partition("</p>")[0]
    stale = manager.post(change, {"act": "publish", "card": "Gammal text"})
    assert stale.status_code == 409
    assert "Texten till kontaktkortet har ändrats" in stale.content.decode()
    assert manager.post(change, {"act": "publish", "card": text})["Location"] == change
    assert "Publicerad" in page(manager, CLOSURES)
    assert "Väntar på dig" not in page(manager, "/admin/")
    history = page(manager, f"/admin/units/unit/{unit.pk}/history/")
    assert "Stängning beställd" in history and "2026-03-24 08.00–2026-03-24 16.00, Tallåsens hälsocentral" in history


@pytest.mark.req("HRS-09", "HRS-11")
def test_a_closure_that_comes_too_soon_warns_and_one_that_is_wrong_keeps_what_was_typed(
    manager: Client, unit: Unit
) -> None:
    add = f"{CLOSURES}add/?unit={unit.pk}"
    long = manager.post(add, {**PLANNED, "ends_day": "2026-03-25"})
    assert long.status_code == 422
    html = long.content.decode()
    assert "Regionen godtar bara stängning enstaka dagar" in html and "Utbildning för alla" in html
    assert manager.post(add, {**PLANNED, "grounds": "training"}).status_code == 200
    assert not Closure.objects.exists()
    soon = manager.post(add, {**PLANNED, "starts_day": "2026-03-10", "ends_day": "2026-03-10"}, follow=True)
    assert "Stängningen börjar tidigare än om 3 veckor" in soon.content.decode()
    again = manager.post(add, {**PLANNED, "starts_day": "2026-03-10", "ends_day": "2026-03-10"})
    assert again.status_code == 422
    assert "Enheten har redan en stängning tisdag 10 mars 2026" in again.content.decode()


@pytest.mark.req("HRS-15", "HRS-16")
def test_only_the_region_closes_acutely_and_only_for_somebody_who_may_order_it(
    manager: Client, region: Client, unit: Unit, other: Unit
) -> None:
    add = f"{CLOSURES}add/?unit={unit.pk}&acute=1"
    boss = User.objects.get(pk=make_admin(unit, "configuration_admin").user_id)
    stranger = User.objects.get(pk=make_admin(unit, "user_admin").user_id)
    facts = {
        "ends_day": "2026-03-02", "ends_time": "13:00", "reason": "Tre sjuka", "target": other.pk, "told": "",
        "manager": "Vera Chef", "caller": boss.pk, "verified": "Ringde tillbaka via växeln",
    }  # fmt: skip
    assert manager.get(add).status_code == 403
    assert manager.post(add, facts).status_code == 403
    refused = region.post(add, facts)
    assert refused.status_code == 422 and "Regionen tillåter inte akut stängning" in refused.content.decode()
    set_policy(unit, "allow_acute_closure", True)
    assert region.post(add, {**facts, "caller": stranger.pk}).status_code == 200
    assert region.post(add, {**facts, "verified": ""}).status_code == 200
    assert not Closure.objects.exists()
    assert region.post(add, facts).status_code == 302
    assert redirect_target(unit) == other
    closure = Closure.objects.get()
    html = page(manager, f"{CLOSURES}{closure.pk}/change/")
    assert f"{boss.full_name} ({boss.hsa_id})" in html and "Ringde tillbaka via växeln" in html
    change = f"{CLOSURES}{closure.pk}/change/"
    third = make_unit(name="Björkens hälsocentral", provider=unit.provider)
    retarget = {"act": "retarget", "target": third.pk, "reason": "Tallåsen är full"}
    assert "Låt en annan enhet ta emot" not in page(manager, change)
    assert manager.post(change, retarget).status_code == 200
    assert region.post(change, retarget)["Location"] == change
    assert redirect_target(unit) == third
    assert manager.post(change, {"act": "reopen", "reason": "Bättre läge"})["Location"] == change
    assert Closure.objects.get().status == "cancelled"  # within the same moment nothing was ever closed


def test_nobody_else_sees_or_touches_a_units_closures(manager: Client, unit: Unit) -> None:
    manager.post(f"{CLOSURES}add/?unit={unit.pk}", PLANNED)
    closure = Closure.objects.get()
    stranger = client_of(make_unit(), "configuration_admin")
    elsewhere = client_of(make_unit(), "region_admin")
    users = client_of(unit, "user_admin")
    for client in (stranger, elsewhere):
        assert "Granbackens" not in page(client, CLOSURES)
        assert client.get(f"{CLOSURES}{closure.pk}/change/").status_code in (302, 404)
        client.post(f"{CLOSURES}{closure.pk}/change/", {"act": "reject", "reason": "x"})
        client.post(f"{CLOSURES}add/?unit={unit.pk}", PLANNED)
    for address in (CLOSURES, BRANCHES, NAMES, CHANGES):
        assert users.get(address).status_code == 403
    assert Closure.objects.get().status == "requested"


@pytest.mark.req("ORG-21")
def test_a_branch_is_decided_on_with_decider_and_date(manager: Client, region: Client, unit: Unit) -> None:
    branch = make_unit(name="Filialen", provider=unit.provider, type=Unit.Type.BRANCH, parent=unit)
    assert redirect_target(branch) == unit
    html = page(region, BRANCHES)
    assert "går till Granbackens hälsocentral" in html and "regionens regel" in html
    assert f"unit={branch.pk}" not in page(manager, BRANCHES)  # permission at the centre is none at the branch
    add = f"{BRANCHES}add/?unit={branch.pk}"
    facts = {
        "own": "yes", "decided_by": "Vera Chef", "decided_on": "2026-02-27", "valid_from": "2026-03-02",
        "condition": "",
    }  # fmt: skip
    missing = region.post(add, facts)
    assert missing.status_code == 422 and "Skriv hur arbetssättet följs" in missing.content.decode()
    assert (
        region.post(add, {**facts, "condition": "Sjuksköterska varje dag", "valid_from": "2026-03-01"}).status_code
        == 422
    )
    assert region.post(add, {**facts, "condition": "Sjuksköterska varje dag"})["Location"] == BRANCHES
    row = BranchDecision.objects.get()
    assert (row.own_cases, row.decided_by, row.decided_on) == (True, "Vera Chef", date(2026, 2, 27))
    assert redirect_target(branch) == branch
    html = page(region, BRANCHES)
    assert "hanteras av filialen" in html and "Vera Chef, 2026-02-27" in html
    assert ChangeLog.objects.get(event="branch_decided").data["new"]["decided_by"] == "Vera Chef"


@pytest.mark.req("UCH-03")
def test_a_new_name_keeps_the_old_one(manager: Client, unit: Unit, other: Unit) -> None:
    add = f"{NAMES}add/?unit={unit.pk}"
    old = unit.hsa_id
    assert manager.post(add, {"name": unit.name, "hsa_id": old, "reason": "x"}).status_code == 422
    taken = manager.post(add, {"name": "Nya", "hsa_id": other.hsa_id.lower(), "reason": "x"})
    assert taken.status_code == 422 and "En annan enhet har detta HSA-id" in taken.content.decode()
    assert manager.post(add, {"name": "Nya Granbacken", "hsa_id": old, "reason": "byte"}).status_code == 302
    unit.refresh_from_db()
    assert unit.name == "Nya Granbacken"
    assert [(r.name, r.valid_from, r.valid_to) for r in UnitName.objects.order_by("pk")] == [
        ("Granbackens hälsocentral", None, NOW), ("Nya Granbacken", NOW, None),
    ]  # fmt: skip
    html = page(manager, f"{NAMES}?unit={unit.pk}")
    assert "Granbackens hälsocentral" in html and "gäller nu" in html
    assert client_of(other, "configuration_admin").post(add, {"name": "Stulen", "hsa_id": old}).status_code == 302
    unit.refresh_from_db()
    assert unit.name == "Nya Granbacken"


@pytest.mark.req("UCH-01", "UCH-02")
def test_a_takeover_is_planned_told_blocked_by_work_and_carried_out(
    manager: Client, region: Client, unit: Unit, clock: time_machine.Traveller
) -> None:
    provider = CareProvider.objects.create(
        region=unit.provider.region, name="Nya Vård AB", organisation_number="5599999999", kind="private"
    )
    successor = make_unit(name="Nya Vårdens hälsocentral", provider=provider)
    add = f"{CHANGES}add/?unit={unit.pk}"
    facts = {"kind": "takeover", "takes_effect": "2026-03-16", "successor": successor.pk, "reason": "Upphandling"}
    assert manager.post(add, {**facts, "successor": ""}).status_code == 422
    planned = manager.post(add, facts, follow=True).content.decode()
    assert "tre veckor innan" in planned  # two weeks ahead
    change = UnitChange.objects.get()
    address = f"{CHANGES}{change.pk}/change/"
    assert "Bekräfta övertagandet: Granbackens hälsocentral, 2026-03-16" in page(region, "/admin/")
    assert "Genomför" not in page(manager, address)
    case = make_case(unit)
    assert "Patienter i kö" in page(region, address)
    clock.move_to(datetime(2026, 3, 16, 8, 0, tzinfo=STOCKHOLM))
    region = client_of(successor, "region_admin")
    untold = region.post(address, {"act": "carry_out", "reason": ""})
    assert untold.status_code == 409 and "har inte fått veta" in untold.content.decode()
    assert region.post(address, {"act": "tell", "reason": ""})["Location"] == CHANGES
    blocked = region.post(address, {"act": "carry_out", "reason": ""})
    assert blocked.status_code == 409 and "patienter i kö: 1" in blocked.content.decode()
    type(case).objects.filter(pk=case.pk).update(state="cancelled")
    assert region.post(address, {"act": "carry_out", "reason": ""})["Location"] == CHANGES
    unit.refresh_from_db()
    assert (unit.active, unit.successor, redirect_target(unit)) == (False, successor, successor)


@pytest.mark.req("HRS-02")
def test_the_region_sees_which_units_differ_from_its_hours(region: Client, manager: Client, unit: Unit) -> None:
    StaffedHours.objects.filter(unit=unit).delete()
    StaffedHours.objects.create(unit=unit, weekday=0, start=time(7), end=time(18))
    CalendarException.objects.create(unit=unit, date=NOW.date() + timedelta(days=3), reason="Städdag")
    html = page(region, "/admin/units/staffedhours/")
    listed = html.partition("Enheter i regionen som avviker från dess tider")[2]
    assert "Granbackens hälsocentral" in listed and "07.00-18.00" in listed and "Städdag" in listed
    assert "Enheter i regionen som avviker" not in page(manager, "/admin/units/staffedhours/")


@pytest.mark.req("HRS-07")
def test_the_hours_page_says_that_staff_are_scheduled_elsewhere(manager: Client, unit: Unit) -> None:
    set_policy(unit, "booking_system", "blocking_type_only")
    html = page(manager, "/admin/units/staffedhours/")
    assert (
        "Personalen schemaläggs i andra system. Bokningar: endast en blockerande bokningstyp i journalsystemet." in html
    )


@pytest.mark.parametrize("kind", ["configuration_admin", "region_admin"])
@pytest.mark.parametrize("address", [CLOSURES, BRANCHES, NAMES, CHANGES])
def test_bad_addresses_and_forms_are_no_errors(unit: Unit, kind: str, address: str) -> None:
    client = client_of(unit, kind)
    for query in ("", "?unit=x", "?unit=999999999", f"?unit={unit.pk}", f"?unit={unit.pk}&acute=1"):
        assert client.get(f"{address}add/{query}").status_code in (200, 302, 403), query
        for data in ({}, {"target": "x", "starts_day": "\0", "act": "y", "kind": "z", "takes_effect": "2026-02-30"}):
            assert client.post(f"{address}add/{query}", data).status_code in (200, 302, 403, 422), (query, data)
    assert not any(model.objects.exists() for model in (Closure, BranchDecision, UnitName, UnitChange))
