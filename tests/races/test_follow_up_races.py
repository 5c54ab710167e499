"""Follow-ups under pressure: a mark, an extension or the end of the phase against a message of the patient."""

from __future__ import annotations

from functools import partial

import pytest

from cases import commands, follow_ups, rules
from cases.asynchronous import commands as asynchronous
from cases.asynchronous.errors import NewMessageCame, RatedAlready
from cases.asynchronous.models import Rating
from cases.errors import CaseClosed
from cases.models import Case
from cases.states import CaseState
from direkt1177.units.clock import moved
from tests import factories
from tests.factories import key
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


def waits(case: Case) -> bool:
    """Whether the patient waits for an answer."""
    case.refresh_from_db()
    return rules.is_unanswered(
        last_patient_seq=case.last_patient_seq,
        last_staff_seq=case.last_staff_seq,
        staff_seen_seq=case.staff_seen_seq,
        handled_seq=follow_ups.handled_seq([case.pk]).get(case.pk, 0),
    )


@pytest.mark.req("ASY-03")
def test_mark_done_against_a_new_message() -> None:
    """Whichever comes first, a message that the holder has not seen is never put away."""
    nurse = factories.make_staff()
    for _ in range(ROUNDS):
        case = factories.make_closed_case(nurse, follow_up_days=2)
        write = partial(commands.send_message, actor=factories.resident(case.patient), case_id=case.public_id)
        seen = write(client_id=key(), text="Hej").seq
        sent, marked = together(
            [
                partial(write, client_id=key(), text="En sak till"),
                partial(asynchronous.mark_done, actor=nurse, case_id=case.public_id, seen=seen, key=key()),
            ]
        )
        assert isinstance(sent, commands.Sent), sent
        assert isinstance(marked, commands.Done | NewMessageCame), marked
        assert waits(case)


@pytest.mark.req("ASY-08")
def test_the_end_against_a_message() -> None:
    """Either the message is refused and the case over, or it is there and the case waits for an answer."""
    nurse = factories.make_staff()
    for _ in range(ROUNDS):
        case = factories.make_closed_case(nurse, follow_up_days=1)
        end = case.follow_up_until
        assert end is not None

        def tick(pk: int = case.pk) -> bool:
            with moved(end):  # noqa: B023 - called in this round
                return commands.end_follow_up(case_pk=pk)

        patient = factories.resident(case.patient)
        sent, ended = together(
            [
                partial(commands.send_message, actor=patient, case_id=case.public_id, client_id=key(), text="Hej"),
                tick,
            ]
        )
        case.refresh_from_db()
        if isinstance(sent, commands.Sent):
            assert ended is False and case.state == CaseState.ASYNCHRONOUS and waits(case)
        else:
            assert isinstance(sent, CaseClosed), sent
            assert ended is True and case.state == CaseState.CLOSED


def test_two_answers_at_once_are_one() -> None:
    nurse = factories.make_staff()
    for _ in range(5):
        case = factories.make_closed_case(nurse)
        before = Rating.objects.count()
        rate = partial(asynchronous.rate_visit, actor=factories.resident(case.patient), case_id=case.public_id)
        done = together([partial(rate, score=score, key=key()) for score in (1, 5)])
        assert sum(isinstance(one, RatedAlready) for one in done) == 1
        assert Rating.objects.count() == before + 1
