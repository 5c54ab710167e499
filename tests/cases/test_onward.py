"""Pausing a visit, going on, closing with a booked time; menu, tabs and panels of the case page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import access, commands, queries, rules
from cases.errors import (
    BookingTimeRefused,
    CaseTaken,
    HeldByColleague,
    MessageTooLong,
    NotHolder,
    NotResumable,
    OfferPending,
    PatientNotTold,
    PauseTimeRefused,
    TransitionRefused,
)
from cases.models import Case, Message
from cases.slots import CaseMenu, Slots
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import KeyReused, NotFound
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key
from tests.signing_in import resident_client, staff_client

pytestmark = pytest.mark.django_db
TOLD = "Vi fortsätter {resume}. Ring 1177 om du blir sämre."


def pause(actor: StaffActor, case: Case, **changes: Any) -> commands.Done:
    """Pause until tomorrow, unless told otherwise."""
    wish: dict[str, Any] = {"resume_at": now() + timedelta(days=1), "message": TOLD, "key": key()} | changes
    return commands.pause_visit(actor=actor, case_id=case.public_id, **wish)


@pytest.mark.req("CAS-12", "CAS-14", "CAS-15", "CAS-01")
def test_a_pause_stays_with_the_holder_and_the_patient_is_told(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    until = (now() + timedelta(days=1)).replace(hour=7, minute=0, second=0, microsecond=0)
    pause(nurse, case, resume_at=until)
    case.refresh_from_db()
    assert (case.state, case.holder_id, case.resume_at) == (CaseState.PAUSED, nurse.user_id, until)
    told = Message.objects.get(case=case, seq=case.last_seq)
    assert (told.author, told.author_name) == ("staff", nurse.name)
    assert "{" not in told.text
    assert told.text.startswith("Vi fortsätter ")
    assert until.astimezone(rules.LOCAL).strftime("kl. %H.%M") in told.text
    assert "1177" in told.text
    log = ChangeLog.objects.get(event="visit_paused")
    assert (log.actor_key, log.from_state, log.to_state) == (nurse.key, "started", "paused")
    patient = factories.resident(case.patient)
    commands.send_message(actor=patient, case_id=case.public_id, client_id="meanwhile", text="Okej")
    commands.send_message(actor=nurse, case_id=case.public_id, client_id="answer-in-pause", text="Bra")


@pytest.mark.req("CAS-12")
def test_it_shows_as_due_when_the_time_comes_and_goes_on_by_one_click(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    pause(nurse, case)
    (row,) = queries.own_cases(nurse)
    assert (row.state, row.resume_due) == ("paused", False)
    with moved(now() + timedelta(days=1, minutes=1)):
        (row,) = queries.own_cases(nurse)
        assert (row.state, row.resume_due) == ("paused", True), "no timer changes the state"
    client = staff_client(nurse)
    assert "Fortsätt besöket" in client.get(reverse("cases:case", args=[case.public_id])).content.decode()
    client.post(reverse("cases:resume", args=[case.public_id]), {"key": key()})
    case.refresh_from_db()
    assert (case.state, case.resume_at) == (CaseState.STARTED, None)
    assert ChangeLog.objects.filter(event="visit_resumed", to_state="started").count() == 1
    with pytest.raises(NotResumable):
        commands.resume_visit(actor=nurse, case_id=case.public_id, key=key())


@pytest.mark.req("CAS-14")
def test_where_the_patient_must_be_told_no_message_is_a_refusal(unit: Unit, nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    for empty in ("", "   \n"):
        with pytest.raises(PatientNotTold):
            pause(nurse, case, message=empty)
    case.refresh_from_db()
    assert (case.state, case.last_seq) == (CaseState.STARTED, 1)
    factories.set_policy(unit, "inform_patient_on_handover", "should")
    pause(nurse, case, message="")
    case.refresh_from_db()
    assert (case.state, case.last_seq) == (CaseState.PAUSED, 1)


def test_a_pause_has_its_limits(nurse: StaffActor, colleague: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    for wrong in (timedelta(seconds=-1), timedelta(), timedelta(days=rules.PAUSE_DAYS, minutes=1)):
        with pytest.raises(PauseTimeRefused):
            pause(nurse, case, resume_at=now() + wrong)
    with pytest.raises(MessageTooLong):
        pause(nurse, case, message="x" * 4001)
    with pytest.raises(TransitionRefused):
        pause(nurse, factories.make_received_case(nurse))
    with pytest.raises(HeldByColleague):
        pause(colleague, case)
    with pytest.raises(NotFound):
        pause(factories.make_staff(), case)
    with pytest.raises(NotHolder):
        pause(colleague, factories.release(factories.make_started_case(nurse)))
    same = key()
    until = now() + timedelta(days=2)
    first = pause(nurse, case, resume_at=until, key=same)
    assert pause(nurse, case, resume_at=until, key=same) == first
    with pytest.raises(KeyReused):
        pause(nurse, case, resume_at=until + timedelta(hours=1), key=same)
    assert Message.objects.filter(case=case).count() == 2
    pause(nurse, case, resume_at=until + timedelta(days=1))
    case.refresh_from_db()
    assert case.resume_at == until + timedelta(days=1), "a paused visit gets another time"


@pytest.mark.req("CAS-13")
def test_close_and_book_records_the_time_and_tells_the_patient(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    at = now() + timedelta(days=3)
    commands.close_and_book(
        actor=nurse, case_id=case.public_id, booked_for=at, booked_where="fysiskt besök, rum 4",
        message="Din tid: {time}, {where}.", key=key(),
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.state, case.close_kind, case.booked_for) == (CaseState.CLOSED, "booked", at)
    assert (case.booked_where, case.holder, case.closed_by_id) == ("fysiskt besök, rum 4", None, nurse.user_id)
    text = Message.objects.get(case=case, seq=case.last_seq).text
    assert text.endswith("fysiskt besök, rum 4.")
    assert at.astimezone(rules.LOCAL).strftime("kl. %H.%M") in text
    assert ChangeLog.objects.get(event="visit_closed").data["kind"] == "booked"


@pytest.mark.req("CAS-13", "HOV-01")
def test_close_and_book_refuses_a_time_gone_and_a_pending_offer(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    wish: dict[str, Any] = {"booked_where": "app", "message": "", "case_id": case.public_id, "actor": nurse}
    with pytest.raises(BookingTimeRefused):
        commands.close_and_book(booked_for=now() - timedelta(minutes=1), key=key(), **wish)
    factories.offer(case)
    with pytest.raises(OfferPending):
        commands.close_and_book(booked_for=now() + timedelta(days=1), key=key(), **wish)
    case.refresh_from_db()
    assert (case.state, case.last_seq) == (CaseState.STARTED, 1)


def test_forms_say_what_to_change_and_keep_what_was_typed(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    client = staff_client(nurse)
    page = client.get(reverse("cases:pause", args=[case.public_id])).content.decode()
    assert "{resume}" in page, "prefilled from the policy"
    day = (now() + timedelta(days=1)).astimezone(rules.LOCAL).date().isoformat()
    wrong = {"key": key(), "form_key": key(), "date": "2020-01-01", "time": "08:00", "message": "Egna ord {resume}"}
    answer = client.post(reverse("cases:pause", args=[case.public_id]), wrong)
    assert answer.status_code == 422
    assert "Egna ord {resume}" in answer.content.decode()
    assert "Välj en tid från och med nu" in answer.content.decode()
    for field, value in (("date", "xx"), ("time", "25:99"), ("date", ""), ("message", "")):
        answer = client.post(
            reverse("cases:pause", args=[case.public_id]), wrong | {"date": day, "key": key()} | {field: value}
        )
        assert answer.status_code == 422, (field, value)
        assert "data-error-summary" in answer.content.decode()
    right = wrong | {"date": day, "key": key()}
    assert client.post(reverse("cases:pause", args=[case.public_id]), right).status_code == 302
    booking = {"key": key(), "form_key": key(), "date": day, "time": "09:30", "where": "physical", "place": "rum 4"}
    refused = client.post(reverse("cases:book", args=[case.public_id]), booking)
    assert refused.status_code == 422
    assert "Boka först tiden i journalsystemet" in refused.content.decode()
    assert "rum 4" in refused.content.decode()
    client.post(reverse("cases:book", args=[case.public_id]), booking | {"booked": "on", "key": key()})
    case.refresh_from_db()
    assert (case.state, case.booked_where) == (CaseState.CLOSED, "fysiskt besök, rum 4")


@pytest.mark.req("CAS-07", "CAS-24")
def test_the_menu_beside_close_leads_on_from_a_started_visit_only(nurse: StaffActor) -> None:
    received, started = factories.make_received_case(nurse), factories.make_started_case(nurse)
    client = staff_client(nurse)
    ways = [reverse(name, args=[started.public_id]) for name in ("handover:offer", "cases:pause", "cases:book")]
    page = client.get(reverse("cases:case", args=[started.public_id])).content.decode()
    assert 'class="split"' in page
    assert all(f'href="{way}"' in page for way in ways)
    assert page.index('data-dialog="close-visit"') < page.index(ways[0])
    before = client.get(reverse("cases:case", args=[received.public_id])).content.decode()
    ways = [
        reverse(name, args=[received.public_id])
        for name in ("handover:offer", "handover:new_ticket", "cases:pause", "cases:book")
    ]
    assert not any(f'href="{way}"' in before for way in ways)
    offered = factories.offer(factories.make_started_case(nurse))
    page = client.get(reverse("cases:case", args=[offered.public_id])).content.decode()
    assert 'id="offer-stands"' in page
    assert 'data-dialog="close-visit"' not in page
    assert reverse("cases:book", args=[offered.public_id]) not in page


@pytest.mark.req("CAS-16", "TIK-16")
def test_tabs_of_the_case_page(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    client = staff_client(nurse)
    page = client.get(reverse("cases:case", args=[case.public_id])).content.decode()
    tabs = page[page.index('aria-label="Besöket"') :]
    places = [tabs.index(f">{word}<") for word in ("Aktuellt besök", "Patientinfo", "Biljetter", "Alla besök")]
    assert places == sorted(places)
    tickets = client.get(reverse("cases:case", args=[case.public_id]) + "?flik=biljetter").content.decode()
    assert f'hx-get="{reverse("handover:case_tickets", args=[case.public_id])}"' in tickets


def test_registries_leave_out_what_is_not_there(nurse: StaffActor) -> None:
    opened = access.open_case(actor=nurse, public_id=factories.make_started_case(nurse).public_id)
    menu, slots = CaseMenu(), Slots()
    menu.register("Later", "cases:pause", order=90)
    menu.register("No such page", "nowhere:page")
    menu.register("Not now", "cases:book", lambda seen: seen.case.state == "closed")
    menu.register("First", "cases:case_head", order=10)
    menu.register("Twice", "cases:pause")
    assert [entry["label"] for entry in menu.of(opened)] == ["First", "Later"]
    slots.register("facts", "nowhere:panel")
    assert not slots.any("facts", opened)
    slots.register("facts", "cases:case_head", when=lambda seen: seen.works)
    assert slots.any("facts", opened)
    slots.register("start", "cases:own_cases", title="Mine", feed=lambda actor: f"me:{actor.key}")
    (panel,) = slots.of("start", nurse)
    assert (panel["feed"], panel["id"], panel["title"]) == (f"me:{nurse.key}", "slot-cases-own-cases", "Mine")


@pytest.mark.req("HOV-08")
def test_the_patient_sees_that_somebody_new_takes_over_and_writes_on(nurse: StaffActor, colleague: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    client = resident_client(case.patient)
    address = reverse("cases:mine_case", args=[case.public_id])
    factories.release(case, ownerless=True)
    page = client.get(address).content.decode()
    assert "Ditt ärende väntar på att en ny person tar över." in page
    assert "data-composer" in page
    assert nurse.name not in page[page.index("chat__head") : page.index("</header>", page.index("chat__head"))]
    commands.mark_seen(actor=factories.resident(case.patient), case_id=case.public_id, seq=1)
    assert "Någon ny tar över" in client.get(reverse("cases:mine")).content.decode()
    client.post(reverse("cases:leave", args=[case.public_id]), {"key": key()})
    assert Case.objects.get(pk=case.pk).state == CaseState.WAITING, "a begun visit is not taken back"
    commands.receive_case(actor=colleague, case_id=case.public_id, key=key())
    state = client.get(reverse("cases:chat_state", args=[case.public_id])).content.decode()
    assert "väntar på att en ny person" not in state
    assert colleague.name in state


@pytest.mark.req("CAS-06", "QUE-16")
def test_a_visit_not_closed_the_same_day_stays_with_its_holder(
    nurse: StaffActor, colleague: StaffActor, doctor: StaffActor
) -> None:
    case = factories.make_started_case(nurse)
    with moved(now() + timedelta(days=2)):
        for other in (colleague, doctor):
            for take in (commands.receive_case, commands.receive_case_anyway):
                with pytest.raises(CaseTaken) as refused:
                    take(actor=other, case_id=case.public_id, key=key())
                assert refused.value.by == nurse.name
            with pytest.raises(HeldByColleague):
                access.open_case(actor=other, public_id=case.public_id)
        commands.send_message(actor=nurse, case_id=case.public_id, client_id="two-days-on", text="Hej igen")
        factories.offer(case)
        commands.receive_case(actor=doctor, case_id=case.public_id, key=key())
        assert Case.objects.get(pk=case.pk).holder_id == doctor.user_id


@pytest.mark.req("QUE-24", "QUE-17", "QUE-18")
def test_flags_of_a_row(unit: Unit, nurse: StaffActor, doctor: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    commands.send_message(actor=patient, case_id=case.public_id, client_id="is-unread", text="Hej")
    released = factories.release(case, ownerless=True)
    Case.objects.filter(pk=released.pk).update(from_ticket=True)
    client = staff_client(nurse)
    page = _queue(client)
    for word in ("Utan ägare", "1 oläst", "Biljett"):
        assert word in page, word
    assert "Chatten öppen" not in page
    factories.release(factories.make_started_case(nurse))
    assert "Chatten öppen" in _queue(client)
    assert f"{nurse.name} hade det tidigare" in page
    factories.offer(factories.make_started_case(nurse))
    seen = _queue(staff_client(doctor))
    assert "Synk Överlämning" in seen
    assert f"från {nurse.name}" in seen


def _queue(client: Client) -> str:
    return client.get(reverse("cases:queue")).content.decode()
