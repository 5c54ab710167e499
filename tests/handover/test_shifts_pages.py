"""The coordinator's one place, own lists, roles without staff, the pages of ending a shift (ORG-22, ORG-24, HRS-06)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Shift, User
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit.models import ReadLog
from direkt1177.units.clock import moved, now
from direkt1177.units.models import StaffedHours, Unit
from direkt1177.units.staffed_time import STOCKHOLM
from handover.models import Notice
from handover.shifts import board
from handover.shifts.release_commands import release_held_case
from tests import factories
from tests.factories import key, set_policy
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
END = "/personal/avsluta-skift/"


@pytest.fixture
def nurse() -> StaffActor:
    """A nurse on shift."""
    return factories.make_staff()


def unit_of(actor: StaffActor) -> Unit:
    """The actor's unit."""
    return Unit.objects.select_related("provider__region").get(pk=actor.unit_id)


def as_coordinator(actor: StaffActor) -> StaffActor:
    """The same person with the permission."""
    AdminPermission.objects.create(user_id=actor.user_id, unit_id=actor.unit_id, kind="coordinator")
    found = staff_actor(user_id=actor.user_id, membership_id=actor.membership_id)
    assert found is not None
    return found


def fragment(client: Client, url: str) -> str:
    """What htmx would get."""
    return client.get(url, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.req("ORG-22", "HRS-06")
def test_the_coordinator_sees_all_in_one_place(nurse: StaffActor) -> None:
    boss = as_coordinator(factories.make_staff(unit_of(nurse)))
    factories.make_staff(unit_of(nurse), "doctor", on_shift=False)
    for urgency in (1, 3, 3):
        factories.make_case(unit_of(nurse), urgency=urgency)
    gone = factories.make_staff(unit_of(nurse))
    factories.make_started_case(gone)
    Shift.objects.filter(user_id=gone.user_id).update(ended_at=now())
    released = factories.make_started_case(nurse)
    release_held_case(actor=boss, case_id=released.public_id, reason="Sjuk", key=key())
    counts = board.counts(unit_of(nurse))
    assert [(level, n) for level, _word, n in counts.waiting] == [(1, 1), (3, 3)]
    assert (counts.total, counts.ownerless, counts.without_shift) == (4, 1, 1)
    browser = staff_client(boss)
    html = fragment(browser, "/personal/koordinator/")
    for words in ("Nya ärenden", "Överlämningar ej mottagna", "Utan ägare", "Hålls utan skift", "Vidimeringar kvar"):
        assert words in html
    assert "Roller utan personal just nu:" in html and "Läkare" in html
    assert "handover-coordinator" in browser.get("/personal/").content.decode()


def test_others_have_no_coordinators_section(nurse: StaffActor) -> None:
    browser = staff_client(nurse)
    assert fragment(browser, "/personal/koordinator/") == ""
    assert browser.get("/personal/koordinator/").status_code == 403
    assert "handover-coordinator" not in browser.get("/personal/").content.decode()


@pytest.mark.req("HRS-06")
def test_roles_without_staff_only_in_staffed_time() -> None:
    unit = factories.make_unit(always_open=False)
    StaffedHours.objects.create(unit=unit, weekday=0, start=time(8), end=time(16))
    nurse = factories.make_staff(unit)
    doctor = factories.make_staff(unit, "doctor", on_shift=False)
    monday = datetime(2026, 9, 7, 10, tzinfo=STOCKHOLM)
    assert [role.pk for role in board.unstaffed_roles(unit, monday)] == [doctor.role_id]
    assert board.unstaffed_roles(unit, monday + timedelta(hours=8)) == []
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=now())
    assert {role.pk for role in board.unstaffed_roles(unit, monday)} == {doctor.role_id, nurse.role_id}


@pytest.mark.req("ORG-24")
def test_own_lists_and_the_cases_of_a_day(nurse: StaffActor) -> None:
    today = factories.make_started_case(nurse)
    closed = factories.make_closed_case(nurse)
    other = factories.make_started_case(factories.make_staff(unit_of(nurse)))
    with moved(now() - timedelta(days=3)):
        old = factories.make_closed_case(nurse, follow_up_days=10)
    browser = staff_client(nurse)
    html = fragment(browser, "/personal/mina-listor/")
    for words in ("Mina asynkrona", "Att vidimera", "Mina överlämningar ej mottagna", "Alla mina ärenden i dag"):
        assert words in html
    html = browser.get("/personal/mina-dagar/").content.decode()
    listed = html.split('id="day-title"')[1]
    assert str(today.public_id) in listed and str(closed.public_id) in listed
    assert str(old.public_id) not in listed and str(other.public_id) not in html
    day = (now() - timedelta(days=3)).astimezone(STOCKHOLM).date()
    listed = browser.get(f"/personal/mina-dagar/?datum={day}").content.decode().split('id="day-title"')[1]
    assert str(old.public_id) in listed and str(today.public_id) not in listed
    assert browser.get("/personal/mina-dagar/?datum=hej").status_code == 422
    assert ReadLog.objects.filter(object_id="own_day", actor_key=nurse.key).exists()


@pytest.mark.req("SHF-05", "CAS-10")
def test_what_waits_in_drop_in_is_shown(nurse: StaffActor) -> None:
    waiting = factories.make_case(unit_of(nurse))
    html = staff_client(nurse).get(END).content.decode().split('id="waits-title"')[1]
    assert str(waiting.public_id) in html and "1 kom in i dag" in html


@pytest.mark.req("CAS-11", "SHF-05")
def test_the_page_carries_out_the_choices_and_tells_what_failed(nurse: StaffActor) -> None:
    unit = unit_of(nurse)
    set_policy(unit, "end_of_day_options", ["hand_over_to_role", "pause", "close_and_book"])
    good, bad, third = (factories.make_started_case(nurse) for _ in range(3))
    browser = staff_client(nurse)
    html = browser.get(END).content.decode()
    assert "Jag lämnar över ditt ärende till en kollega (sjuksköterska)" in html
    answer = browser.post(
        END,
        {
            "satisfied": "yes",
            "form_key": key(),
            f"{good.public_id}-do": "hand_over",
            f"{good.public_id}-role": str(nurse.role_id),
            f"{good.public_id}-left_text": "En kollega tar över.",
            f"{bad.public_id}-do": "pause",
            f"{bad.public_id}-day": "i morgon",
            f"{bad.public_id}-pause_text": "Det här skrev jag",
        },
    )
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Lämna över till roll" in html.split("Gjort")[1][:400]
    assert "Det här skrev jag" in html
    assert "2 ärenden är fortfarande dina" in html
    for one in (good, bad, third):
        one.refresh_from_db()
    assert (good.state, bad.state, third.state) == ("waiting", "started", "started")
    new_key = html.split('name="form_key" value="')[1].split('"')[0]
    day = (now() + timedelta(days=1)).astimezone(STOCKHOLM).date()
    answer = browser.post(
        END,
        {
            "satisfied": "yes",
            "form_key": new_key,
            f"{bad.public_id}-do": "pause",
            f"{bad.public_id}-day": str(day),
            f"{bad.public_id}-pause_text": "Vi hörs",
            f"{third.public_id}-do": "book",
            f"{third.public_id}-booked_day": str(day),
            f"{third.public_id}-booked_time": "09:30",
            f"{third.public_id}-booked_where": "Cosmic",
        },
    )
    assert answer.status_code == 302
    third.refresh_from_db()
    assert third.booked_for == datetime.combine(day, time(9, 30), tzinfo=STOCKHOLM)
    html = browser.get("/personal/logga-in/").content.decode()
    assert "Ditt skift är avslutat" in html and "Pausa till en dag: 1, Avsluta och boka tid: 1" in html


@pytest.mark.req("SHF-03")
def test_the_second_tab_gets_a_clear_message(nurse: StaffActor) -> None:
    first, second = staff_client(nurse), staff_client(nurse)
    assert first.post(END, {"satisfied": "yes", "form_key": key()}).status_code == 302
    answer = second.post(END, {"satisfied": "yes", "form_key": key()})
    assert answer.status_code == 409
    assert "Skiftet har redan avslutats" in answer.content.decode() or "redan avslutat" in answer.content.decode()
    # The same browser: signed out meanwhile.
    answer = first.post(END, {"satisfied": "yes", "form_key": key()})
    assert answer.status_code == 302
    assert "inget gjordes nu" in first.get(answer["Location"]).content.decode()


def test_a_warning_shows_the_way_to_go_on(nurse: StaffActor) -> None:
    browser = staff_client(nurse)
    assert "handover-closing-panel" not in browser.get("/personal/").content.decode()
    Notice.objects.create(
        user_id=nurse.user_id, unit_id=nurse.unit_id, kind="returning", key="returning:x", created_at=now()
    )
    assert "handover-closing-panel" in browser.get("/personal/").content.decode()
    assert "Jag fortsätter" in fragment(browser, "/personal/har-stangt/")
    assert browser.post("/personal/jag-fortsatter/", {"key": key()}).status_code == 302
    assert "handover-closing-panel" not in browser.get("/personal/").content.decode()
    assert browser.post("/personal/jag-skriver/").status_code == 204


def test_unit_page_costs_the_same_at_few_and_many(nurse: StaffActor) -> None:
    boss = as_coordinator(factories.make_staff(unit_of(nurse)))
    browser = staff_client(boss)

    def fill() -> None:
        for holder in (nurse, boss):
            factories.make_started_case(holder)
        Case.objects.filter(pk=factories.make_case(unit_of(nurse)).pk).update(released_at=now())

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/personal/pagaende-pa-enheten/").status_code == 200
        return len(captured)

    fill()
    cost()
    few = cost()
    for _ in range(5):
        fill()
    assert cost() == few


def test_a_page_that_fetches_itself_logs_only_new_patients_and_keeps_no_session_alive(nurse: StaffActor) -> None:
    factories.make_started_case(nurse)
    browser = staff_client(as_coordinator(factories.make_staff(unit_of(nurse))))
    url = "/personal/pagaende-pa-enheten/"
    browser.get(url)
    rows = ReadLog.objects.filter(object_id="unit_held")
    assert rows.count() == 1
    fragment(browser, url)
    assert rows.count() == 1
    new = factories.make_started_case(nurse)
    fragment(browser, url)
    assert rows.count() == 2 and rows.latest("pk").patients == [new.patient_id]
    session = browser.session
    session["seen"] = seen = (timezone.now() - timedelta(minutes=30)).isoformat()
    session.save()
    fragment(browser, url)
    assert browser.session["seen"] == seen
    browser.get(url)
    assert browser.session["seen"] > seen


def test_names_of_protected_persons_are_masked(nurse: StaffActor) -> None:
    hidden = factories.make_person(protected="yes", first_name="Hemlig", last_name="Person")
    factories.make_started_case(nurse, patient=hidden)
    boss = as_coordinator(factories.make_staff(unit_of(nurse)))
    for html in (
        staff_client(nurse).get(END).content.decode(),
        staff_client(boss).get("/personal/pagaende-pa-enheten/").content.decode(),
    ):
        assert "Hemlig" not in html and "SKYDDAD IDENTITET" in html
    assert User.objects.filter(pk=boss.user_id).exists()
