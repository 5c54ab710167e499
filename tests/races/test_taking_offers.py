"""Many take what is offered, while giver and patient write: one holder, no message lost, nobody left without."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cases import commands
from cases.errors import CaseTaken, QueueEmpty
from cases.models import Case, Message
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.units.models import Unit
from handover.models import Handover
from tests import factories
from tests.factories import key
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.req("HOV-02", "HOV-08", "CAS-02")
def test_eight_take_one_offer_at_another_unit() -> None:
    nurse = factories.make_staff()
    there = factories.make_unit(provider=Unit.objects.get(pk=nurse.unit_id).provider)
    doctors = [factories.make_staff(there, "doctor") for _ in range(8)]
    for _ in range(6):
        case = factories.offer(factories.make_started_case(nurse), there)
        results = together(
            [
                partial(
                    commands.receive_case, actor=who, case_id=case.public_id, key=key(), giver_id=nurse.user_id
                )
                for who in doctors
            ]
        )  # fmt: skip
        winners = [n for n, result in enumerate(results) if isinstance(result, commands.Done)]
        assert len(winners) == 1, results
        winner = doctors[winners[0]]
        assert all(
            isinstance(r, CaseTaken) and r.by == winner.name for r in results if not isinstance(r, commands.Done)
        )
        case.refresh_from_db()
        assert (case.holder_id, case.unit_id, case.offered_at) == (winner.user_id, there.pk, None)
        assert Handover.objects.get(case=case).state == "accepted"
        assert ChangeLog.objects.filter(event="offer_taken", object_id=str(case.public_id)).count() == 1
        ops = list(BoardStay.objects.filter(object_id=str(case.public_id)).order_by("pk").values_list("op", flat=True))
        assert ops == (["enter", "leave"] * 3)[: len(ops)]


@pytest.mark.req("HOV-07", "HOV-08", "CAS-02")
def test_the_next_of_a_mixed_queue_is_taken_once_each() -> None:
    nurse = factories.make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    doctors = [factories.make_staff(unit, "doctor") for _ in range(6)]
    cases: list[Case] = []
    for _ in range(4):
        cases.append(factories.make_case(unit, "doctor"))
        cases.append(factories.offer(factories.make_started_case(nurse)))
        cases.append(factories.release(factories.make_started_case(doctors[0]), ownerless=True))

    def drain(actor: Any) -> list[str]:
        taken: list[str] = []
        while True:
            try:
                taken.append(commands.receive_next_case(actor=actor, key=key()).public_id)
            except QueueEmpty:
                return taken

    results = together([partial(drain, who) for who in doctors])
    broken = [r for r in results if isinstance(r, Exception)]
    assert not broken, broken
    taken = [ident for result in results for ident in result]
    # Whoever finds all rows locked goes home; what is left is still in the queue, never lost.
    taken += drain(doctors[0])
    assert sorted(taken) == sorted(str(case.public_id) for case in cases)
    assert not Case.objects.filter(pk__in=[c.pk for c in cases]).exclude(offered_at__isnull=True).exists()


@pytest.mark.req("HOV-01", "HOV-02")
def test_taking_while_giver_and_patient_write_loses_no_message() -> None:
    nurse = factories.make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    doctor = factories.make_staff(unit, "doctor")
    for n in range(20):
        case = factories.offer(factories.make_started_case(nurse))
        patient = factories.resident(case.patient)
        jobs: list[Callable[[], Any]] = [
            partial(commands.receive_case, actor=doctor, case_id=case.public_id, key=key()),
            partial(commands.send_message, actor=nurse, case_id=case.public_id, client_id="of-giver", text="Kvar"),
            partial(commands.send_message, actor=patient, case_id=case.public_id, client_id="of-patient", text="Hej"),
        ]
        results = together(jobs if n % 2 else jobs[::-1])
        taken, giver, resident = results if n % 2 else results[::-1]
        assert isinstance(taken, commands.Done), taken
        assert isinstance(resident, commands.Sent), resident
        stored = set(Message.objects.filter(case=case).values_list("client_id", flat=True))
        assert "of-patient" in stored
        assert isinstance(giver, commands.Sent | Refusal), giver
        assert ("of-giver" in stored) is isinstance(giver, commands.Sent)
        case.refresh_from_db()
        assert case.holder_id == doctor.user_id
        assert case.last_seq == Message.objects.filter(case=case).count()
