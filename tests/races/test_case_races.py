"""Two commands on one case at the same instant, many rounds: one order or the other, never something between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cases import commands, tasks
from cases.errors import AlreadyStarted, CaseClosed, CaseTaken, NotStarted, ShiftEnded, TransitionRefused
from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.commands import change_unit
from direkt1177.accounts.errors import OngoingCases
from direkt1177.accounts.models import Membership, Shift
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.outbox.models import Effect
from direkt1177.units.clock import moved
from direkt1177.units.models import Unit
from handover.shifts.commands import end_shift
from handover.shifts.errors import CasesRemain
from tests import factories
from tests.factories import key
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 30


def unit() -> Unit:
    """A health centre that is always staffed."""
    return factories.make_unit()


@pytest.mark.req("CAS-02")
def test_take_against_put_back() -> None:
    place = unit()
    first, second = factories.make_staff(place), factories.make_staff(place)
    for _ in range(ROUNDS):
        case = factories.make_received_case(first)
        back, take = together(
            [
                partial(commands.put_back_case, actor=first, case_id=case.public_id, key=key()),
                partial(commands.receive_case, actor=second, case_id=case.public_id, key=key()),
            ]
        )
        assert isinstance(back, commands.Done), back
        case.refresh_from_db()
        if isinstance(take, commands.Done):
            assert (case.state, case.holder_id) == (CaseState.RECEIVED, second.user_id)
        else:
            assert isinstance(take, CaseTaken), take
            assert (case.state, case.holder_id) == (CaseState.WAITING, None)
        ops = list(BoardStay.objects.filter(object_id=str(case.public_id)).order_by("pk").values_list("op", flat=True))
        assert ops == (["enter", "leave"] * 3)[: len(ops)]


def test_start_against_put_back() -> None:
    nurse = factories.make_staff(unit())
    for _ in range(ROUNDS):
        case = factories.make_received_case(nurse)
        start, back = together(
            [
                partial(commands.start_visit, actor=nurse, case_id=case.public_id, key=key()),
                partial(commands.put_back_case, actor=nurse, case_id=case.public_id, key=key()),
            ]
        )
        case.refresh_from_db()
        if isinstance(start, commands.Done):
            assert isinstance(back, AlreadyStarted)
            assert (case.state, case.last_seq) == (CaseState.STARTED, 1)
        else:
            assert isinstance(back, commands.Done)
            assert (case.state, case.last_seq) == (CaseState.WAITING, 0)


@pytest.mark.req("CAS-25")
def test_send_against_close_stores_the_message_or_refuses_it() -> None:
    nurse = factories.make_staff(unit())
    outcomes: Counter[str] = Counter()
    for n in range(ROUNDS):
        case = factories.make_started_case(nurse)
        patient = factories.resident(case.patient)
        jobs: list[Callable[[], Any]] = [
            partial(
                commands.close_visit,
                actor=nurse,
                case_id=case.public_id,
                follow_up_days=0,
                key=key(),
            ),
            partial(
                commands.send_message,
                actor=patient,
                case_id=case.public_id,
                client_id="last-words",
                text="Tack",
            ),
        ]
        closed, sent = together(jobs) if n % 2 else reversed(together(jobs[::-1]))
        assert isinstance(closed, commands.Done), closed
        message = Message.objects.filter(case=case, client_id="last-words").first()
        if message is None:
            assert isinstance(sent, CaseClosed), sent
        else:
            assert sent == commands.Sent(message.seq, message.sent_at)
        outcomes["stored" if message else "refused"] += 1
    assert sum(outcomes.values()) == ROUNDS


def test_send_against_the_end_of_follow_up() -> None:
    nurse = factories.make_staff(unit())
    for _ in range(10):
        case = factories.make_closed_case(nurse, follow_up_days=1)
        patient, end = factories.resident(case.patient), case.follow_up_until
        assert end is not None

        def tick(end: Any = end) -> int:
            with moved(end):
                return tasks.end_follow_ups()

        ticked, sent = together(
            [
                tick,
                partial(
                    commands.send_message,
                    actor=patient,
                    case_id=case.public_id,
                    client_id="last-words",
                    text="Tack",
                ),
            ]
        )
        assert ticked in (0, 1), ticked
        case.refresh_from_db()
        assert isinstance(sent, commands.Sent) == (case.last_seq == 2)
        if ticked == 0:  # the message was first: the follow-up waits for its answer (ASY-08)
            assert tick() == 0
            assert case.state == "asynchronous"


def test_one_message_sent_eight_times_at_once_is_one_message() -> None:
    nurse = factories.make_staff(unit())
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    results = together(
        [partial(commands.send_message, actor=patient, case_id=case.public_id, client_id="only-one", text="Hej")] * 8
    )
    message = Message.objects.get(case=case, client_id="only-one")
    assert results == [commands.Sent(message.seq, message.sent_at)] * 8
    assert ChangeLog.objects.filter(event="message_sent").count() == 1


def test_many_writers_get_numbers_without_holes_in_their_own_order() -> None:
    nurse = factories.make_staff(unit())
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)

    def write(actor: Any, name: str) -> list[int]:
        return [
            commands.send_message(actor=actor, case_id=case.public_id, client_id=f"{name}-{n:04d}", text=f"{n}").seq
            for n in range(20)
        ]

    results = together([partial(write, a, f"t{n}") for n, a in enumerate([nurse, patient] * 4)])
    numbers: list[int] = []
    for result in results:
        assert isinstance(result, list), result
        assert result == sorted(result)
        numbers += result
    assert sorted(numbers) == list(range(2, 162))
    assert list(Message.objects.filter(case=case).order_by("seq").values_list("seq", flat=True)) == list(range(1, 162))
    assert Case.objects.get(pk=case.pk).last_seq == 161
    # However many staff messages, one unread stretch asks for one SMS.
    assert Effect.objects.filter(kind="case_unread_sms").count() == 1


def test_double_close_closes_once() -> None:
    nurse = factories.make_staff(unit())
    for _ in range(10):
        case = factories.make_started_case(nurse)
        results = together(
            [
                partial(
                    commands.close_visit,
                    actor=nurse,
                    case_id=case.public_id,
                    follow_up_days=days,
                    key=key(),
                )
                for days in (0, 3)
            ]
        )
        assert sum(isinstance(r, commands.Done) for r in results) == 1
        (refused,) = [r for r in results if not isinstance(r, commands.Done)]
        assert isinstance(refused, CaseClosed | TransitionRefused), refused
        assert ChangeLog.objects.filter(event="visit_closed", object_id=str(case.public_id)).count() == 1


@pytest.mark.req("SHF-05")
def test_ending_the_shift_against_taking_a_case() -> None:
    place = unit()
    for _ in range(ROUNDS):
        case = factories.make_case(place)
        nurse = factories.make_staff(place)
        ended, taken = together(
            [
                partial(end_shift, actor=nurse, satisfied=True, key=key()),
                partial(commands.receive_case, actor=nurse, case_id=case.public_id, key=key()),
            ]
        )
        active = Shift.objects.filter(user_id=nurse.user_id, ended_at__isnull=True).exists()
        case.refresh_from_db()
        if isinstance(taken, commands.Done):
            assert isinstance(ended, CasesRemain), ended
            assert active
            assert case.holder_id == nurse.user_id
        else:
            assert isinstance(taken, ShiftEnded), taken
            assert not active, ended
            assert case.state == CaseState.WAITING


@pytest.mark.req("SHF-07")
def test_changing_unit_against_taking_a_case() -> None:
    place, elsewhere = unit(), unit()
    for _ in range(ROUNDS):
        case = factories.make_case(place)
        nurse = factories.make_staff(place)
        there = Membership.objects.create(user_id=nurse.user_id, unit=elsewhere, role_id=nurse.role_id)
        left, taken = together(
            [
                partial(change_unit, actor=nurse, membership_id=there.pk),
                partial(commands.receive_case, actor=nurse, case_id=case.public_id, key=key()),
            ]
        )
        case.refresh_from_db()
        if isinstance(taken, commands.Done):
            assert isinstance(left, OngoingCases), left
            assert case.holder_id == nurse.user_id
        else:
            assert isinstance(taken, ShiftEnded), taken
            assert case.state == CaseState.WAITING


def test_writing_before_start_against_start() -> None:
    nurse = factories.make_staff(unit())
    for _ in range(10):
        case = factories.make_received_case(nurse)
        patient = factories.resident(case.patient)
        start, sent = together(
            [
                partial(commands.start_visit, actor=nurse, case_id=case.public_id, key=key()),
                partial(
                    commands.send_message,
                    actor=patient,
                    case_id=case.public_id,
                    client_id="too-early",
                    text="Hej",
                ),
            ]
        )
        assert isinstance(start, commands.Done), start
        if isinstance(sent, commands.Sent):
            assert sent.seq == 2, "the welcome message is always first"
        else:
            assert isinstance(sent, NotStarted), sent
