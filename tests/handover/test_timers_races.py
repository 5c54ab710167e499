"""A silent case and what happens to it at the same instant: one of the two orders, never a mixture."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cases import commands as case_commands
from cases.errors import CaseClosed
from cases.models import Case, Message
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.units import clock
from handover.models import ContactAttempt, Notice, Timer
from handover.timers import commands, planning, sweep
from handover.timers.errors import ConditionsMissing
from tests import factories
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def _ready() -> tuple[StaffActor, Case]:
    """A case whose patient has been silent for days, with attempts enough."""
    with clock.moved(clock.now() - timedelta(days=3)):
        nurse = factories.make_staff()
        case = factories.make_started_case(nurse)
        for _ in range(2):
            commands.record_phone_attempt(
                actor=nurse, case_id=case.public_id, reached=False, note="", key=factories.key()
            )
    return nurse, case


def _patient_writes(case: Case) -> Any:
    patient = factories.resident(case.patient)
    return case_commands.send_message(actor=patient, case_id=case.public_id, client_id="late", text="Här är jag")


def _close(nurse: StaffActor, case: Case, key: str | None = None) -> Any:
    return commands.close_without_reply(actor=nurse, case_id=case.public_id, key=key or factories.key())


@pytest.mark.req("INA-02")
def test_closing_without_reply_while_the_patient_writes() -> None:
    for _ in range(ROUNDS):
        nurse, case = _ready()
        closed, wrote = together([lambda n=nurse, c=case: _close(n, c), lambda c=case: _patient_writes(c)])  # type: ignore[misc]
        case.refresh_from_db()
        if closed is None:
            assert isinstance(wrote, CaseClosed), wrote
            assert (case.state, case.close_kind) == ("closed", "no_reply")
            assert not Message.objects.filter(case=case, author="patient").exists()
        else:
            assert isinstance(closed, ConditionsMissing), closed
            assert (case.state, case.holder_id, case.close_kind) == ("started", nurse.user_id, "")
            assert not Message.objects.filter(case=case, text__startswith="Vi har inte fått").exists()


def test_closing_in_two_tabs_closes_once() -> None:
    nurse, case = _ready()
    outcomes = together([lambda: _close(nurse, case), lambda: _close(nurse, case)])
    assert sorted(type(one).__name__ for one in outcomes) == ["CaseClosed", "NoneType"]
    assert ChangeLog.objects.filter(event="visit_closed", object_id=str(case.public_id)).count() == 1


def test_the_same_form_twice_reminds_once() -> None:
    nurse, case = _ready()
    key = factories.key()
    together(
        [lambda: commands.send_sms_reminder(actor=nurse, case_id=case.public_id, key=key) for _ in range(2)]
    )  # fmt: skip
    assert ContactAttempt.objects.filter(case=case, way="sms").count() == 1


@pytest.mark.req("INA-07")
def test_the_prompt_and_the_reply_at_the_same_instant() -> None:
    """Planned before, due now: the sweep asks the holder, or the patient was first and nobody is asked."""
    for _ in range(ROUNDS):
        _nurse, case = _ready()
        planning.plan_stale()
        assert Timer.objects.filter(subject_id=case.pk, subject="case", kind="inactivity", fired_at=None).exists()
        together([sweep.sweep, lambda c=case: _patient_writes(c)])  # type: ignore[misc]
        sweep.sweep()
        asked = ChangeLog.objects.filter(event="inactivity_due", object_id=str(case.public_id)).values_list("at")
        notices = Notice.objects.filter(kind="inactivity", case=case)
        assert len(asked) == notices.count() <= 1
        assert not notices.filter(seen_at__isnull=True).exists(), "answered: nothing is left unread"
        assert not Timer.objects.filter(subject_id=case.pk, subject="case", kind="inactivity").exists()
