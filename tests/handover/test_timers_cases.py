"""What timers do with real cases: prompts, targets, load; and what the holder does about a silent patient."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands as case_commands
from cases.errors import HeldByColleague
from cases.models import Case, Message
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.record import command
from direkt1177.outbox import effects_run
from direkt1177.outbox.models import SimulatedSms
from direkt1177.residents.models import Person
from direkt1177.units import clock
from direkt1177.units.models import StaffedHours, Unit
from handover.models import ContactAttempt, Notice, Timer
from handover.timers import commands, queries, sweep
from handover.timers.errors import (
    AskedJustNow,
    ConditionsMissing,
    NoSmsPossible,
    PatientNotSilent,
    WarningNotUsed,
)
from handover.timers.inactivity import Missing
from tests import factories
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)  # a Wednesday, 10.00 in Sweden
MINUTE = timedelta(minutes=1)
UPPSALA = {
    "inactivity_threshold": {"hours": 2, "counted_in": "calendar_time"},
    "inactivity_warning": "chat_message",
    "min_contact_attempts": 2,
    "phone_fallback": {"urgencies": [1, 2], "when": "always"},
}


@pytest.fixture
def unit() -> Unit:
    """With the rules of a region that closes after two hours and two attempts."""
    made = factories.make_unit()
    for key, value in UPPSALA.items():
        factories.set_policy(made, key, value)
    return made


def _started(unit: Unit, **facts: Any) -> tuple[StaffActor, Case]:
    with clock.moved(AT):
        nurse = factories.make_staff(unit)
        return nurse, factories.make_started_case(nurse, **facts)


def _reply(case: Case, at: datetime) -> None:
    with clock.moved(at):
        patient = factories.resident(case.patient)
        case_commands.send_message(actor=patient, case_id=case.public_id, client_id=factories.key(), text="Hej")


def _write(nurse: StaffActor, case: Case, at: datetime) -> None:
    with clock.moved(at):
        case_commands.send_message(actor=nurse, case_id=case.public_id, client_id=factories.key(), text="Hur mår du?")


def _sweep(at: datetime) -> None:
    with clock.moved(at):
        sweep.sweep()


def _notices(actor: StaffActor, kind: str) -> int:
    return Notice.objects.filter(user_id=actor.user_id, kind=kind).count()


@pytest.mark.req("INA-01", "INA-02")
def test_the_holder_is_asked_when_the_time_has_run_out_and_nothing_closes(unit: Unit) -> None:
    nurse, case = _started(unit)
    _sweep(AT + 119 * MINUTE)
    assert _notices(nurse, "inactivity") == 0
    for minutes in (120, 121, 24 * 60):
        _sweep(AT + minutes * MINUTE)
    assert _notices(nurse, "inactivity") == 1
    assert ChangeLog.objects.filter(event="inactivity_due", object_id=str(case.public_id)).count() == 1
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("started", nurse.user_id)


@pytest.mark.req("INA-02")
@pytest.mark.parametrize("action", ["holder_decides", "may_be_closed", "close_with_note"])
def test_no_setting_lets_the_timer_close(unit: Unit, action: str) -> None:
    factories.set_policy(unit, "inactivity_action", action)
    _nurse, case = _started(unit)
    _sweep(AT + timedelta(days=20))
    case.refresh_from_db()
    assert case.state == "started"


@pytest.mark.req("INA-07")
def test_a_reply_stops_the_clock_and_the_next_message_starts_it_again(unit: Unit) -> None:
    nurse, case = _started(unit)
    _sweep(AT)
    _reply(case, AT + 100 * MINUTE)
    _sweep(AT + 130 * MINUTE)
    assert _notices(nurse, "inactivity") == 0
    _write(nurse, case, AT + 140 * MINUTE)
    _sweep(AT + 259 * MINUTE)
    assert _notices(nurse, "inactivity") == 0
    _sweep(AT + 260 * MINUTE)
    assert _notices(nurse, "inactivity") == 1
    _reply(case, AT + 270 * MINUTE)
    _sweep(AT + 271 * MINUTE)
    assert not Notice.objects.filter(user_id=nurse.user_id, kind="inactivity", seen_at__isnull=True).exists()


@pytest.mark.req("INA-01", "INA-07")
def test_working_hours_pause_at_night_and_the_panel_says_so(unit: Unit) -> None:
    factories.set_policy(unit, "inactivity_threshold", {"hours": 2, "counted_in": "staffed_time"})
    StaffedHours.objects.filter(unit=unit).delete()
    factories.set_policy(unit, "staffed_hours", {day: ["08.00-17.00"] for day in ("mon", "tue", "wed", "thu", "fri")})
    Unit.objects.filter(pk=unit.pk).update(open_on_red_days=False)
    late = AT.replace(hour=15, minute=30)  # 16.30 in Sweden
    with clock.moved(late):
        nurse = factories.make_staff(unit)
        case = factories.make_started_case(nurse)
    due = (late + timedelta(days=1)).replace(hour=8, minute=30)  # Thursday 09.30
    _sweep(late.replace(hour=18))
    _sweep(due - MINUTE)
    assert _notices(nurse, "inactivity") == 0
    with clock.moved(late.replace(hour=18)):
        silence = queries.clock_of(Case.objects.get(pk=case.pk)).silence
        text = _panel(staff_client(nurse), case)
    assert silence.due == due
    assert silence.goes_on == due.replace(hour=7, minute=0)
    assert "står still utanför bemannad tid och går igen torsdag 5 mars kl. 08.00" in text
    assert "2 timmar bemannad tid" in text
    _sweep(due)
    assert _notices(nurse, "inactivity") == 1


@pytest.mark.req("INA-08")
def test_the_clock_runs_on_through_a_handover_and_the_new_holder_is_asked(unit: Unit) -> None:
    nurse, case = _started(unit)
    _sweep(AT + MINUTE)
    with clock.moved(AT + 60 * MINUTE):
        colleague = factories.make_staff(unit)
        _release(case)
        _sweep(AT + 60 * MINUTE)
        case_commands.receive_case(actor=colleague, case_id=case.public_id, key=factories.key())
    _sweep(AT + 119 * MINUTE)
    assert _notices(colleague, "inactivity") == 0
    _sweep(AT + 120 * MINUTE)
    assert (_notices(nurse, "inactivity"), _notices(colleague, "inactivity")) == (0, 1)


@pytest.mark.req("INA-08")
def test_whoever_takes_it_over_after_the_time_has_run_out_is_asked_too(unit: Unit) -> None:
    nurse, case = _started(unit)
    _sweep(AT + 120 * MINUTE)
    with clock.moved(AT + 130 * MINUTE):
        colleague = factories.make_staff(unit)
        _release(case)
        case_commands.receive_case(actor=colleague, case_id=case.public_id, key=factories.key())
    _sweep(AT + 131 * MINUTE)
    assert (_notices(nurse, "inactivity"), _notices(colleague, "inactivity")) == (1, 1)


@command
def _release(case: Case) -> None:
    from cases import steps
    from cases.locking import lock_case

    locked = lock_case(case.public_id)
    steps.release_case(locked, unit_id=case.unit_id, role_id=case.role_id, at=clock.now(), ownerless=True)


@pytest.mark.req("INA-04")
def test_the_warning_stands_in_the_chat_and_the_clock_runs_anew(unit: Unit) -> None:
    nurse, case = _started(unit)
    key = factories.key()
    with clock.moved(AT + 90 * MINUTE):
        for _ in range(2):
            commands.send_warning(actor=nurse, case_id=case.public_id, key=key)
        with pytest.raises(AskedJustNow):
            commands.send_warning(actor=nurse, case_id=case.public_id, key=factories.key())
    last = Message.objects.filter(case=case).order_by("seq").last()
    assert last is not None
    assert "inom två timmar" in last.text
    assert "ny kontakt" in last.text
    assert Message.objects.filter(case=case).count() == 2
    _sweep(AT + 150 * MINUTE)
    assert _notices(nurse, "inactivity") == 0
    _sweep(AT + 210 * MINUTE)
    assert _notices(nurse, "inactivity") == 1


@pytest.mark.req("INA-04", "NOT-01", "NOT-04")
def test_the_sms_reminder_is_sent_by_hand_and_says_nothing_of_the_case(unit: Unit) -> None:
    factories.set_policy(unit, "inactivity_warning", "sms_by_hand")
    nurse, case = _started(unit)
    _sweep(AT + timedelta(days=3))
    effects_run.run_due()
    reminder = "Påminnelse: det finns ett meddelande som väntar på ditt svar. Logga in med BankID."
    assert not SimulatedSms.objects.filter(text=reminder).exists(), "never by a timer"
    with pytest.raises(WarningNotUsed):
        commands.send_warning(actor=nurse, case_id=case.public_id, key=factories.key())
    key = factories.key()
    for _ in range(2):
        commands.send_sms_reminder(actor=nurse, case_id=case.public_id, key=key)
    effects_run.run_due()
    assert SimulatedSms.objects.filter(text=reminder, to=case.patient.mobile).count() == 1
    assert ContactAttempt.objects.filter(case=case, way="sms").count() == 1


@pytest.mark.req("NOT-06", "NOT-07")
@pytest.mark.parametrize(("fields", "words"), [
    ({"mobile": ""}, "kan inte nås med SMS: det finns inget mobilnummer"),
    ({"protected": Person.Protected.YES}, "skyddad identitet och får inga SMS"),
])  # fmt: skip
def test_staff_see_that_no_sms_gets_through(unit: Unit, fields: dict[str, Any], words: str) -> None:
    nurse, case = _started(unit, patient=factories.make_person(**fields))
    with pytest.raises(NoSmsPossible):
        commands.send_sms_reminder(actor=nurse, case_id=case.public_id, key=factories.key())
    text = _panel(staff_client(nurse), case)
    assert words in text
    assert "Skicka SMS-påminnelse" not in text
    assert not ContactAttempt.objects.exists()


def test_no_reminder_when_it_is_staffs_turn(unit: Unit) -> None:
    nurse, case = _started(unit)
    _reply(case, AT + MINUTE)
    for do in (commands.send_warning, commands.send_sms_reminder):
        with pytest.raises(PatientNotSilent):
            do(actor=nurse, case_id=case.public_id, key=factories.key())
    assert "Ingen klocka går" in _panel(staff_client(nurse), case)


@pytest.mark.req("INA-02", "INA-03", "INA-05")
def test_closing_without_reply_is_blocked_until_everything_is_there(unit: Unit) -> None:
    nurse, case = _started(unit, urgency=2)

    def missing(at: datetime) -> list[Missing]:
        with clock.moved(at), pytest.raises(ConditionsMissing) as refused:
            commands.close_without_reply(actor=nurse, case_id=case.public_id, key=factories.key())
        return refused.value.missing

    assert missing(AT + MINUTE) == [Missing.TIME, Missing.ATTEMPTS, Missing.PHONE]
    _write(nurse, case, AT + 20 * MINUTE)
    assert missing(AT + 140 * MINUTE - MINUTE) == [Missing.TIME, Missing.PHONE]
    assert missing(AT + 140 * MINUTE) == [Missing.PHONE]
    with clock.moved(AT + 141 * MINUTE):
        commands.record_phone_attempt(
            actor=nurse, case_id=case.public_id, reached=False, note="Ingen svarar", key=factories.key()
        )
        key = factories.key()
        for _ in range(2):
            commands.close_without_reply(actor=nurse, case_id=case.public_id, key=key)
    case.refresh_from_db()
    assert (case.state, case.close_kind, case.holder_id, case.closed_by_id) == (
        "closed",
        "no_reply",
        None,
        nurse.user_id,
    )
    last = Message.objects.filter(case=case).order_by("seq").last()
    assert last is not None
    assert last.text.startswith("Vi har inte fått något svar")
    assert ChangeLog.objects.filter(event="visit_closed", object_id=str(case.public_id)).count() == 1
    assert (
        not Timer.objects.filter(subject="case", subject_id=case.pk, kind="inactivity")
        .exclude(fired_at__isnull=True)
        .exists()
    )


@pytest.mark.req("INA-03")
def test_what_the_patient_wrote_in_between_makes_earlier_attempts_count_no_more(unit: Unit) -> None:
    nurse, case = _started(unit)
    with clock.moved(AT + 20 * MINUTE):
        commands.record_phone_attempt(actor=nurse, case_id=case.public_id, reached=True, note="", key=factories.key())
    assert len(queries.attempts_of(Case.objects.get(pk=case.pk))) == 2
    _reply(case, AT + 30 * MINUTE)
    assert queries.attempts_of(Case.objects.get(pk=case.pk)) == []


def test_a_patient_who_writes_while_it_is_being_closed_keeps_it_open(unit: Unit) -> None:
    nurse, case = _started(unit)
    _write(nurse, case, AT + 20 * MINUTE)
    _reply(case, AT + 180 * MINUTE)
    with clock.moved(AT + 181 * MINUTE), pytest.raises(ConditionsMissing) as refused:
        commands.close_without_reply(actor=nurse, case_id=case.public_id, key=factories.key())
    assert refused.value.missing == [Missing.PATIENT_WROTE]


def test_only_the_holder_does_any_of_it(unit: Unit) -> None:
    _nurse, case = _started(unit)
    colleague = factories.make_staff(unit)
    doings: list[tuple[Any, dict[str, Any]]] = [
        (commands.send_warning, {}),
        (commands.send_sms_reminder, {}),
        (commands.close_without_reply, {}),
        (commands.record_phone_attempt, {"reached": True, "note": ""}),
    ]
    for do, more in doings:
        with pytest.raises(HeldByColleague):
            do(actor=colleague, case_id=case.public_id, key=factories.key(), **more)


def _panel(client: Client, case: Case) -> str:
    answer = client.get(reverse("handover:clock_panel", args=[case.public_id]), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("INA-06", "INA-03")
def test_the_page_says_what_is_missing_and_the_note_is_ready_afterwards(unit: Unit) -> None:
    start = clock.now() - timedelta(hours=3)
    with clock.moved(start):
        nurse = factories.make_staff(unit)
        case = factories.make_started_case(nurse)
    client = staff_client(nurse)
    url = reverse("handover:close_without_reply", args=[case.public_id])
    text = client.get(url).content.decode()
    assert "Kontaktförsök: 1 av minst 2" in text
    assert 'aria-disabled="true"' in text
    refused = client.post(url, {"key": factories.key()})
    assert refused.status_code == 409
    assert "för få kontaktförsök" in refused.content.decode()
    wrong = client.post(
        reverse("handover:phone_attempt", args=[case.public_id]), {"key": factories.key(), "note": "Ja"}
    )
    assert wrong.status_code == 422
    assert "Välj nådd eller inte nådd" in wrong.content.decode()
    assert "Ja</textarea>" in wrong.content.decode()
    right = {"key": factories.key(), "reached": "no", "note": ""}
    assert client.post(reverse("handover:phone_attempt", args=[case.public_id]), right).status_code == 302
    assert client.post(url, {"key": factories.key()}).status_code == 302
    case.refresh_from_db()
    assert case.close_kind == "no_reply"
    note = client.get(reverse("journal:note_panel", args=[case.public_id])).content.decode()
    assert "Patienten har inte svarat trots kontaktförsök" in note
