"""Sixteen colleagues press *Ta emot* at the same time, a thousand times: one holder each, everyone told (CAS-02)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from cases import commands
from cases.errors import QueueEmpty
from cases.models import Case
from cases.states import CaseState
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange, FeedHead
from direkt1177.units.clock import now
from tests import factories
from tests.faults.profiles import PROFILE, report
from tests.races.claimers import PROCESSES, THREADS_EACH, press_all
from tests.races.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = PROCESSES * THREADS_EACH
CASES = PROFILE.claims


def waiting_cases(count: int) -> list[Case]:
    """Many cases in one queue, made at once."""
    first = factories.make_case()
    at = now()
    return [
        first,
        *Case.objects.bulk_create(
            Case(
                kind=first.kind, provider_id=first.provider_id, unit_id=first.unit_id, role_id=first.role_id,
                patient_id=first.patient_id, started_by_id=first.started_by_id, contact_reason="Halsont", urgency=3,
                sort_rank=first.sort_rank, arrived_at=at + timedelta(milliseconds=n), queued_at=at,
            )
            for n in range(count - 1)
        ),
    ]  # fmt: skip


@pytest.mark.req("CAS-02", "CAS-03")
def test_sixteen_take_one_case_a_thousand_times() -> None:
    cases = waiting_cases(CASES)
    actors = [factories.make_staff(cases[0].unit) for _ in range(THREADS)]
    names = {a.user_id: a.name for a in actors}

    wins, told, odd = press_all(actors, [c.public_id for c in cases])

    assert not odd
    holders = dict(Case.objects.filter(state=CaseState.RECEIVED).values_list("public_id", "holder_id"))
    assert len(wins) == CASES
    assert dict(wins) == holders
    assert Counter(ident for ident, _ in told) == {case.public_id: THREADS - 1 for case in cases}
    assert all(by == names[holders[ident]] for ident, by in told), "every loser is told who holds it"
    assert Effect.objects.filter(kind="resident_sms").count() == CASES
    assert ChangeLog.objects.filter(event="case_received").count() == CASES
    assert BoardStay.objects.filter(op="leave").count() == CASES
    # Feed versions have no hole: each head equals the number of its changes.
    counted = Counter(FeedChange.objects.values_list("feed", flat=True))
    assert dict(FeedHead.objects.values_list("feed", "version")) == counted
    report("claims", cases=CASES, people=THREADS, winners=len(wins), doubles=0, losers_told_who=len(told))


@pytest.mark.req("CAS-02")
def test_sixteen_take_the_next_until_the_queue_is_empty() -> None:
    cases = waiting_cases(100)
    actors = [factories.make_staff(cases[0].unit) for _ in range(THREADS)]

    def drain(index: int) -> list[str]:
        taken: list[str] = []
        while True:
            try:
                token = f"{index}-{len(taken)}"
                taken.append(commands.receive_next_case(actor=actors[index], key=token).public_id)
            except QueueEmpty:
                return taken

    results = together([partial(drain, i) for i in range(THREADS)])
    assert not [r for r in results if isinstance(r, Exception)]
    taken = [ident for r in results if isinstance(r, list) for ident in r]
    assert len(taken) == 100
    assert set(taken) == {str(c.public_id) for c in cases}
    assert Effect.objects.filter(kind="resident_sms").count() == 100


@pytest.mark.req("CAS-02")
def test_the_same_press_sent_eight_times_at_once_takes_once() -> None:
    (case,) = waiting_cases(1)
    actor = factories.make_staff(case.unit)
    results = together([lambda: commands.receive_case(actor=actor, case_id=case.public_id, key="pressed-once")] * 8)
    assert results == [commands.Done(str(case.public_id), "received", 1)] * 8
    assert Effect.objects.filter(kind="resident_sms").count() == 1
