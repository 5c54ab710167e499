"""A closed unit at the entrance: the server decides at the moment of sending (HRS-12, HRS-17..19)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from cases.models import Case
from direkt1177.accounts.actors import SYSTEM
from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.models import ChangeLog
from direkt1177.residents.models import Person
from direkt1177.units.closure_commands import decide_closure, request_closure
from direkt1177.units.closures import Act
from direkt1177.units.models import Closure, Unit
from direkt1177.units.staffed_time import STOCKHOLM
from tests.factories import key, make_case, make_received_case, make_staff, make_unit
from tests.signing_in import resident_client, staff_client
from tests.triage.material import throat
from tests.triage.walking import Walk
from triage.commands import send_interview
from triage.errors import ReceiverChanged

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=STOCKHOLM)
MORNING = {"starts_at": NOW + timedelta(minutes=1), "ends_at": NOW + timedelta(hours=6)}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Monday 2 March 2026, ten o'clock."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def other(unit: Unit) -> Unit:
    """The unit that takes new cases meanwhile."""
    return make_unit(name="Tallåsens hälsocentral", provider=unit.provider)


def close(unit: Unit, target: Unit | None = None, **more: Any) -> Closure:
    """A decided closure from one minute ahead until four o'clock."""
    facts: dict[str, Any] = {
        "grounds": "exceptional",
        "reason": "Utbildning",
        "manager": "Vera Chef",
        **MORNING,
        **more,
    }
    closure = request_closure(actor=SYSTEM, unit_id=unit.pk, target_id=target.pk if target else None, **facts)
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE)
    return decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)


def to_summary(walk: Walk, person: Person) -> None:
    """Answer everything up to *Skicka*."""
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    walk.to_summary()


@pytest.mark.req("HRS-18", "HRS-19")
def test_a_saved_link_to_a_closed_unit_says_what_to_do_instead(
    walk: Walk, person: Person, unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    close(unit, other, told="Personalen har utbildning.")
    assert "Vem behöver hjälp" in walk.get("/sok-vard/").content.decode()
    clock.move_to(NOW + timedelta(minutes=1))
    for page in ("/sok-vard/", f"/sok-vard/?enhet={unit.slug}", "/fraga/"):
        html = walk.get(page).content.decode()
        for words in (
            "Granbackens hälsocentral är stängd här just nu", "Personalen har utbildning.", "Tallåsens hälsocentral",
            "Tar emot dig i stället.", "Välj en annan mottagning", "Det du redan har skickat påverkas inte",
        ):  # fmt: skip
            assert words in html, (page, words)
    assert "stängd här till" in walk.get("/").content.decode()
    clock.move_to(NOW + timedelta(hours=6))
    assert "Vem behöver hjälp" in walk.get("/sok-vard/").content.decode()


@pytest.mark.req("HRS-12", "HRS-19")
def test_a_case_sent_during_the_closure_goes_to_the_target_which_sees_where_the_patient_is_listed(
    walk: Walk, person: Person, unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    close(unit, other)
    clock.move_to(NOW + timedelta(minutes=2))
    walk.start = "/sok-vard/?vidare=1"
    to_summary(walk, person)
    assert "Ditt ärende går till <b>Tallåsens hälsocentral</b>" in walk.html
    assert "Granbackens hälsocentral är stängd till 2 mars kl. 16.00." in walk.html
    walk.post(key=walk.key(), receiver=str(other.public_id))
    case = Case.objects.get()
    assert (case.unit, case.listed_elsewhere, case.provider_id) == (other, True, other.provider_id)


@pytest.mark.req("HRS-12")
def test_an_interview_begun_before_follows_the_moment_of_sending_and_says_so(
    walk: Walk, person: Person, unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    closure = close(unit, other)
    to_summary(walk, person)
    shown = re.search(r'name="receiver" value="([0-9a-f-]+)"', walk.html)
    assert shown is not None and shown.group(1) == str(unit.public_id)
    clock.move_to(closure.starts_at)
    refused = walk.client.post(walk.url, {"key": walk.key(), "receiver": shown.group(1)})
    assert refused.status_code == 409
    assert "Ditt ärende går nu till en annan mottagning" in refused.content.decode()
    assert not Case.objects.exists()
    clock.move_to(closure.ends_at)  # and back again, to the unit it was addressed to
    walk.post(key=walk.key(), receiver=shown.group(1))
    assert Case.objects.get().unit == unit


@pytest.mark.req("HRS-18")
def test_without_target_the_server_refuses_at_every_step(
    walk: Walk, person: Person, unit: Unit, clock: time_machine.Traveller
) -> None:
    closure = close(unit)
    to_summary(walk, person)
    send = walk.url
    clock.move_to(closure.starts_at)
    html = walk.get("/sok-vard/").content.decode()
    assert "är stängd här just nu" in html and "Tar emot dig i stället" not in html
    begin = walk.client.post("/sok-vard/", {"who": str(person.public_id), "key": key()})
    assert begin.status_code == 409
    late = walk.client.post(send, {"key": key()})
    assert late.status_code == 409
    for answer in (begin, late):
        assert "Granbackens hälsocentral är stängd just nu" in answer.content.decode()
        assert "Välj en annan mottagning" in answer.content.decode()
    question = walk.client.post("/fraga/", {"who": str(person.public_id), "key": key()})
    assert question.status_code == 409
    assert not Case.objects.exists()
    assert not ChangeLog.objects.filter(event="case_arrived").exists()
    clock.move_to(closure.ends_at)
    assert walk.client.post(send, {"key": key()}).status_code == 302
    assert Case.objects.get().unit == unit


@pytest.mark.req("HRS-19")
def test_whoever_meets_a_closed_unit_may_choose_any_open_one(
    walk: Walk, person: Person, unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    close(unit)
    third = make_unit(name="Björkens hälsocentral", provider=unit.provider)
    close(third)
    clock.move_to(NOW + timedelta(minutes=5))
    html = walk.get("/sok-vard/?annan=1").content.decode()
    assert "Tallåsens hälsocentral" in html
    assert html.count("Stängd just nu, går inte att välja.") == 2
    for closed in (unit, third):
        refused = walk.client.post("/sok-vard/?annan=1", {"who": str(person.public_id), "unit": str(closed.public_id)})
        assert refused.status_code == 422
    walk.post("/sok-vard/?annan=1", who=str(person.public_id), unit=str(other.public_id), key=key())
    assert walk.interview.unit == other


@pytest.mark.req("HRS-17")
def test_a_closure_leaves_ongoing_cases_and_staffs_work_as_they_were(
    unit: Unit, person: Person, other: Unit, clock: time_machine.Traveller
) -> None:
    nurse = make_staff(unit)
    held, waiting = make_received_case(nurse, patient=person), make_case(unit)
    before = list(Case.objects.order_by("pk").values())
    close(unit, other)
    clock.move_to(NOW + timedelta(minutes=30))
    assert list(Case.objects.order_by("pk").values()) == before
    browser = staff_client(nurse)
    assert browser.get(f"/personal/arende/{held.public_id}/").status_code == 200
    start = browser.post(f"/personal/arende/{held.public_id}/starta/", {"key": key()})
    assert start.status_code in (200, 302), start.content
    held.refresh_from_db()
    assert held.state == "started"
    queue = browser.get("/personal/drop-in/").content.decode()
    assert str(waiting.public_id) in queue
    assert resident_client(person).get(f"/mina-arenden/{held.public_id}/").status_code == 200


@pytest.mark.req("UCH-01")
def test_a_saved_link_to_a_unit_that_was_taken_over_leads_to_its_successor(
    walk: Walk, person: Person, unit: Unit, other: Unit
) -> None:
    Unit.objects.filter(pk=unit.pk).update(active=False, successor=other)
    assert "Tallåsens hälsocentral" in walk.get(f"/?enhet={unit.slug}").content.decode()
    walk.start = f"/sok-vard/?enhet={unit.slug}"
    to_summary(walk, person)
    walk.post(key=walk.key())
    assert Case.objects.get().unit == other


def test_an_interview_goes_on_to_the_successor_with_the_reason_said(
    walk: Walk, person: Person, unit: Unit, other: Unit
) -> None:
    to_summary(walk, person)
    Unit.objects.filter(pk=unit.pk).update(active=False, successor=other)
    assert "Tallåsens hälsocentral har tagit över efter Granbackens hälsocentral." in walk.get().content.decode()
    walk.post(key=walk.key())
    assert Case.objects.get().unit == other


def test_the_command_names_the_unit_that_takes_it(
    walk: Walk, person: Person, unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    from tests.factories import resident

    close(unit, other)
    to_summary(walk, person)
    interview = walk.interview
    clock.move_to(NOW + timedelta(minutes=1))
    facts: dict[str, Any] = {"actor": resident(person), "interview_id": interview.public_id}
    with pytest.raises(ReceiverChanged, match="receiver_changed"):
        send_interview(key=key(), shown_unit=str(unit.public_id), **facts)
    send_interview(key=key(), shown_unit=str(other.public_id), **facts)
    assert Case.objects.get().unit == other


@pytest.mark.req("HRS-17")
def test_the_coordinator_sees_that_the_unit_is_closed_for_new_cases(
    unit: Unit, other: Unit, clock: time_machine.Traveller
) -> None:
    nurse = make_staff(unit)
    AdminPermission.objects.create(user_id=nurse.user_id, unit=unit, kind=AdminPermission.Kind.COORDINATOR)
    close(unit, other)
    browser = staff_client(nurse)
    assert "Stängd för nya ärenden" not in browser.get("/personal/koordinator/").content.decode()
    clock.move_to(NOW + timedelta(minutes=5))
    html = browser.get("/personal/koordinator/").content.decode()
    assert "Stängd för nya ärenden" in html and "Tallåsens hälsocentral tar emot dem." in html
