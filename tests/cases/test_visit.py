"""*Starta besök*, *Avsluta besök*, the end of follow-up, change of urgency."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.db import connection

from cases import commands, queries, rules, tasks
from cases.errors import (
    CaseClosed,
    FollowUpTooLong,
    HeldByColleague,
    NotHolder,
    ProfileIncomplete,
    TransitionRefused,
    UrgencyInvalid,
)
from cases.models import Case, Message, UrgencyChange
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import NotFound, StaleVersion
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import key

pytestmark = pytest.mark.django_db


@pytest.mark.req("CAS-04", "CAS-05", "NOT-01")
def test_start_posts_the_units_welcome_message(unit: Unit, nurse: StaffActor) -> None:
    unit.welcome_message = "Hej! Jag heter {name} och är {title} på {unit}. {odd}"
    unit.save()
    case = factories.make_received_case(nurse)
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    case.refresh_from_db()
    message = Message.objects.get(case=case)
    assert case.state == CaseState.STARTED
    assert case.started_at == message.sent_at
    assert (message.seq, message.kind, message.author) == (1, "welcome", "staff")
    assert message.text == f"Hej! Jag heter {nurse.name} och är {nurse.title} på {unit.name}. {{odd}}"
    assert (message.author_name, message.author_title) == (nurse.name, nurse.title)
    assert case.first_reply_at is None, "an automatic message is no reply (QUE-15)"


@pytest.mark.req("AUTH-11")
@pytest.mark.parametrize("missing", ["first_name", "last_name", "title"])
def test_start_needs_a_complete_profile(nurse: StaffActor, missing: str) -> None:
    case = factories.make_received_case(nurse)
    User.objects.filter(pk=nurse.user_id).update(**{missing: ""})
    with pytest.raises(ProfileIncomplete):
        commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    assert not Message.objects.filter(case=case).exists()


def test_start_only_once_and_only_by_the_holder(case: Case, nurse: StaffActor, colleague: StaffActor) -> None:
    with pytest.raises(NotHolder):
        commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    with pytest.raises(HeldByColleague):
        commands.start_visit(actor=colleague, case_id=case.public_id, key=key())
    token = key()
    first = commands.start_visit(actor=nurse, case_id=case.public_id, key=token)
    assert commands.start_visit(actor=nurse, case_id=case.public_id, key=token) == first
    with pytest.raises(TransitionRefused):
        commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    assert Message.objects.filter(case=case).count() == 1


@pytest.mark.req("CAS-08", "CAS-25")
def test_close_without_follow_up(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    done = commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    case.refresh_from_db()
    assert done.state == case.state == CaseState.CLOSED
    assert (case.closed_by_id, case.holder, case.follow_up_until) == (nurse.user_id, None, None)
    assert case.closed_at == case.ended_at
    with pytest.raises(CaseClosed):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())


@pytest.mark.req("CAS-08")
def test_close_with_follow_up_stays_with_the_holder_to_the_end_of_the_day(nurse: StaffActor) -> None:
    case = factories.make_started_case(nurse)
    at = datetime(2030, 6, 3, 13, 30, tzinfo=UTC)
    with time_machine.travel(at, tick=False):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=3, key=key())
    case.refresh_from_db()
    assert (case.state, case.holder_id, case.closed_by_id) == (CaseState.ASYNCHRONOUS, nurse.user_id, nurse.user_id)
    assert case.follow_up_until == datetime(2030, 6, 6, 22, tzinfo=UTC)
    assert (case.closed_at, case.ended_at) == (at, None)


@pytest.mark.req("CAS-08")
@pytest.mark.parametrize("days", [-1, 4, 10_000])
def test_follow_up_is_limited_by_policy(unit: Unit, nurse: StaffActor, days: int) -> None:
    factories.set_policy(unit, "follow_up_max_days", 3)
    case = factories.make_started_case(nurse)
    with pytest.raises(FollowUpTooLong):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=days, key=key())
    commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=3, key=key())


def test_a_received_case_is_not_closed_but_put_back(nurse: StaffActor) -> None:
    case = factories.make_received_case(nurse)
    with pytest.raises(TransitionRefused):
        commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())


@pytest.mark.req("CAS-08", "CAS-25")
def test_the_tick_ends_follow_ups_in_time_once_and_never_anything_else(nurse: StaffActor, unit: Unit) -> None:
    asynchronous = factories.make_closed_case(nurse, follow_up_days=1)
    started, waiting = factories.make_started_case(nurse), factories.make_case(unit)
    end = asynchronous.follow_up_until
    assert end is not None
    with time_machine.travel(end - timedelta(seconds=1), tick=False):
        assert tasks.end_follow_ups() == 0
    with time_machine.travel(end + timedelta(days=40), tick=False):
        assert tasks.end_follow_ups() == 1
        assert tasks.end_follow_ups() == 0
        assert not commands.end_follow_up(case_pk=started.pk)
        assert not commands.end_follow_up(case_pk=0)
    for case in (asynchronous, started, waiting):
        case.refresh_from_db()
    assert (asynchronous.state, asynchronous.ended_at, asynchronous.holder) == (CaseState.CLOSED, end, None)
    assert (started.state, waiting.state) == (CaseState.STARTED, CaseState.WAITING)
    log = ChangeLog.objects.get(event="follow_up_ended")
    assert (log.actor_kind, log.from_state, log.to_state) == ("system", "asynchronous", "closed")


@pytest.mark.req("TRI-11", "TRI-04")
def test_urgency_change_keeps_old_new_who_when_why_and_the_computed_one(nurse: StaffActor) -> None:
    case = factories.make_received_case(nurse)
    token = key()
    arguments: dict[str, Any] = {
        "case_id": case.public_id,
        "urgency": 1,
        "reason": "Andfådd",
        "key": token,
        "version": case.version,
    }
    first = commands.change_urgency(actor=nurse, **arguments)
    assert commands.change_urgency(actor=nurse, **arguments) == first
    case.refresh_from_db()
    row = UrgencyChange.objects.get(case=case)
    assert (row.old, row.new, row.by_id, row.reason) == (3, 1, nurse.user_id, "Andfådd")
    assert row.at is not None
    assert (case.urgency, case.computed_urgency, case.sort_rank) == (1, 3, rules.sort_rank(case.kind, 1))
    assert case.assessment_due_at is None or case.assessment_due_at >= case.arrived_at
    assert "Andfådd" not in str(ChangeLog.objects.get(event="urgency_changed").data)


@pytest.mark.req("TRI-11")
def test_the_role_in_whose_queue_it_waits_may_change_it_and_the_row_moves(
    unit: Unit, nurse: StaffActor, doctor: StaffActor
) -> None:
    first, second = factories.make_case(unit), factories.make_case(unit)
    with pytest.raises(NotHolder):
        commands.change_urgency(
            actor=doctor, case_id=second.public_id, urgency=2, reason="", key=key(), version=second.version
        )
    commands.change_urgency(
        actor=nurse, case_id=second.public_id, urgency=2, reason="", key=key(), version=second.version
    )
    rows = queries.queue_rows(unit.pk, first.role_id).rows
    assert [r.public_id for r in rows] == [second.public_id, first.public_id]


def test_urgency_change_refuses_stale_pages_strangers_and_nonsense(nurse: StaffActor, colleague: StaffActor) -> None:
    case = factories.make_received_case(nurse)

    def change(actor: StaffActor, urgency: int = 2, version: int = case.version) -> None:
        commands.change_urgency(
            actor=actor, case_id=case.public_id, urgency=urgency, reason="", key=key(), version=version
        )

    for urgency in (0, 6):
        with pytest.raises(UrgencyInvalid):
            change(nurse, urgency)
    with pytest.raises(StaleVersion):
        change(nurse, version=case.version - 1)
    with pytest.raises(HeldByColleague):
        change(colleague)
    with pytest.raises(NotFound):
        change(factories.make_staff())
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    with pytest.raises(CaseClosed):
        change(nurse)
    assert not UrgencyChange.objects.exists()


@pytest.mark.req("QUE-14", "QUE-15")
@pytest.mark.parametrize("stop", ["received", "reply"])
def test_the_response_clock_stops_as_policy_says(unit: Unit, nurse: StaffActor, stop: str) -> None:
    factories.set_policy(unit, "response_target_minutes", 15)
    factories.set_policy(unit, "response_clock_stop", stop)
    case = factories.make_case(unit)
    assert case.response_due_at is not None
    assert case.response_due_at >= case.arrived_at + timedelta(minutes=15)
    commands.receive_case(actor=nurse, case_id=case.public_id, key=key())
    (row,) = queries.received_rows(nurse).rows
    assert (row.response_stopped_at is not None) == (stop == "received")
    commands.start_visit(actor=nurse, case_id=case.public_id, key=key())
    commands.send_message(actor=nurse, case_id=case.public_id, client_id="12345678", text="Hej")
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        (row,) = queries.received_rows(nurse).rows
    assert row.response_stopped_at is not None
    assert not row.response_late, "stopped in time stays in time"


def test_the_database_refuses_a_case_without_one_responsible(case: Case, owner_connection: psycopg.Connection) -> None:
    for change in (
        "holder_id = (SELECT id FROM accounts_user LIMIT 1)",
        "state = 'started'",
        "state = 'asynchronous', holder_id = (SELECT id FROM accounts_user LIMIT 1)",
        "state = 'closed'",
        "urgency = 6",
    ):
        factories.make_staff()
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT here")
            with pytest.raises(Exception, match="case_"):
                cursor.execute(f"UPDATE cases_case SET {change} WHERE id = %s", [case.pk])
            cursor.execute("ROLLBACK TO SAVEPOINT here")


@pytest.mark.parametrize("table", ["cases_message", "cases_consent", "cases_urgencychange"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_sent_cannot_be_changed_by_the_web_role(case: Case, table: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute(statement.format(table))
        cursor.execute("ROLLBACK TO SAVEPOINT here")
