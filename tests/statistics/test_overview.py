"""The statistics interface: its own entry, its own permission, right figures, nothing about persons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import commands
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.statistics.charts import hours_chart, step_of
from direkt1177.statistics.queries import Hour, figures
from direkt1177.units.clock import moved
from direkt1177.units.models import Unit
from direkt1177.units.staffed_time import STOCKHOLM
from tests.factories import (
    key,
    make_case,
    make_closed_case,
    make_received_case,
    make_staff,
    make_started_case,
    make_unit,
)
from tests.signing_in import admin_client, staff_client

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=STOCKHOLM)


def make_manager(*units: Unit) -> User:
    """Somebody with the statistics permission and no care role."""
    user = User.objects.create_user(f"SE2321000000-M{User.objects.count():05d}", first_name="Ingrid", last_name="Chef")
    for unit in units:
        AdminPermission.objects.create(user=user, unit=unit, kind=AdminPermission.Kind.STATISTICS)
    return user


@pytest.mark.req("AUTH-03", "AUTH-06", "STA-01")
def test_its_own_entry_leads_through_sign_in_and_back(db: None) -> None:
    unit = make_unit()
    user = make_manager(unit)
    client = Client()
    response = client.get("/statistik/")
    assert response.status_code == 302
    assert response["Location"] == "/personal/logga-in/?next=%2Fstatistik%2F"
    response = client.post("/personal/logga-in/", {"person": user.hsa_id, "next": "/statistik/"})
    assert response["Location"] == "/statistik/"
    assert unit.name in client.get("/statistik/").content.decode()


@pytest.mark.req("AUTH-03")
def test_access_to_one_interface_gives_no_access_to_another(db: None) -> None:
    nurse = make_staff()
    case = make_case(Unit.objects.get(pk=nurse.unit_id))
    assert staff_client(nurse).get("/statistik/").status_code == 403
    manager = admin_client(make_manager(Unit.objects.get(pk=nurse.unit_id)))
    assert manager.get("/statistik/").status_code == 200
    for page in ("/personal/", "/personal/drop-in/", f"/personal/arende/{case.public_id}/"):
        response = manager.get(page)
        assert response.status_code == 302
        assert response["Location"].startswith("/personal/enhet/")
    assert manager.get("/admin/").status_code in (302, 403)


def test_an_ended_permission_ends_the_access(db: None) -> None:
    unit = make_unit()
    user = make_manager(unit)
    client = admin_client(user)
    AdminPermission.objects.filter(user=user).update(ended_at=NOON)
    assert client.get("/statistik/").status_code == 403


def test_only_units_where_the_permission_is_held_can_be_chosen(db: None) -> None:
    first, second, other = make_unit(name="Alfa"), make_unit(name="Beta"), make_unit(name="Gamma")
    client = admin_client(make_manager(first, second))
    page = client.get("/statistik/", {"enhet": str(second.public_id)}).content.decode()
    assert "<h1>Beta</h1>" in page
    assert "Gamma" not in page
    for wanted in (str(other.public_id), "x", "\x00", "1 OR 1=1"):
        assert client.get("/statistik/", {"enhet": wanted}).status_code == 404
    assert client.post("/statistik/").status_code in (403, 405)


def build_a_day(unit: Unit, nurse: StaffActor) -> None:
    """Yesterday one left over; today two received after 10 and 30 minutes, one of them closed, three waiting."""
    with moved(NOON - timedelta(days=1)):
        make_case(unit, urgency=4)
    for arrived, waits, close in ((9, 10, True), (10, 30, False)):
        with moved(NOON.replace(hour=arrived)):
            case = make_case(unit, urgency=2)
        with moved(NOON.replace(hour=arrived, minute=waits)):
            commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
            commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
            if close:
                commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    with moved(NOON.replace(hour=11, minute=15)):
        make_case(unit, urgency=1)
        make_case(unit, urgency=None, computed_urgency=None)
        make_case(unit, "medical_admin", kind="admin_question", urgency=None, computed_urgency=None)


@pytest.mark.req("STA-02", "STA-08")
def test_the_figures_of_a_day(db: None) -> None:
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    build_a_day(unit, nurse)
    make_case()  # at another unit
    with moved(NOON):
        found = figures(unit)
    assert (found.waiting, found.held, found.left_from_before) == (4, 1, 1)
    assert (found.arrived, found.received, found.closed) == (5, 2, 1)
    assert found.median_wait == timedelta(minutes=20)
    assert found.oldest == NOON - timedelta(days=1)
    assert dict(found.by_urgency) == {1: 1, 2: 0, None: 2, 3: 0, 4: 1, 5: 0}
    assert {role.role: (role.total, role.held) for role in found.roles} == {
        "Sjuksköterska": (3, 1), "Medicinsk admin": (1, 0),
    }  # fmt: skip
    by_hour = {hour.hour: (hour.arrived, hour.received) for hour in found.hours}
    assert by_hour == {7: (0, 0), 8: (0, 0), 9: (1, 1), 10: (1, 1), 11: (3, 0), 12: (0, 0)}


def test_a_unit_without_any_case(db: None) -> None:
    unit = make_unit()
    with moved(NOON.replace(hour=2)):
        found = figures(unit)
    assert (found.waiting, found.oldest, found.median_wait) == (0, None, None)
    assert [hour.hour for hour in found.hours] == [2]
    page = admin_client(make_manager(unit)).get("/statistik/").content.decode()
    assert "Inga öppna ärenden." in page


def test_the_page_shows_the_figures_in_a_table_beside_the_chart(db: None) -> None:
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    build_a_day(unit, nurse)
    client = admin_client(make_manager(unit))
    with moved(NOON):
        page = client.get("/statistik/").content.decode()
    assert "Läst kl. 12.00" in page
    table = page[page.index("<caption") : page.index("</table>", page.index("<caption"))]
    assert re.findall(r"<td[^>]*>(\d+)</td>", table) == [*"001130", *"001100"]
    assert page.count('<rect class="s1"') == 1 + 3  # the legend and three hours with arrivals
    assert 'style="' not in page
    assert "<script>" not in page


@pytest.mark.req("STA-01")
def test_nothing_about_a_person_is_shown(db: None) -> None:
    nurse = make_staff()
    case = make_started_case(nurse, free_text="Kanariefågel")
    page = admin_client(make_manager(case.unit)).get("/statistik/").content.decode()
    for secret in (
        case.patient.last_name,
        case.patient.personal_number,
        "Kanariefågel",
        str(case.public_id),
        nurse.name,
    ):
        assert secret not in page


def test_the_number_of_queries_does_not_grow(db: None) -> None:
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    client = admin_client(make_manager(unit))
    make_case(unit)
    with CaptureQueriesContext(connection) as few:
        client.get("/statistik/")
    for make in (make_received_case, make_started_case, make_closed_case):
        make(nurse)
    for urgency in range(1, 6):
        for _ in range(4):
            make_case(unit, urgency=urgency)
    with CaptureQueriesContext(connection) as many:
        client.get("/statistik/")
    assert len(many) == len(few)
    assert len(few) <= 8


def test_bars_fit_their_frame_whatever_the_figures() -> None:
    for highest in (0, 1, 4, 7, 26, 99, 12345):
        chart = hours_chart([Hour(7, highest, 1), Hour(8, 0, highest)])
        assert 2 <= len(chart.lines) <= 6
        for column in chart.columns:
            for bar in (column.arrived, column.received):
                assert bar.y >= 0
                assert bar.y + bar.height == pytest.approx(168, abs=0.2)
                assert bar.x >= 0
                assert bar.x + bar.width <= chart.width
    assert [step_of(n) for n in (1, 5, 6, 10, 11, 25, 26, 100)] == [1, 1, 2, 2, 5, 5, 10, 20]
