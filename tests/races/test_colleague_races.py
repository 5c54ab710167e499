"""Everything that may compete around the guests of a case, each pair at the same instant: a serial outcome."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest

from cases import commands as cases
from cases.colleagues import commands
from cases.colleagues.models import Guest, InternalMark, InternalMessage
from cases.models import Case, Message
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.realtime.models import FeedChange, FeedHead
from tests import factories
from tests.colleagues.inviting import Visit, invite, visit
from tests.factories import key, make_started_case
from tests.races.threads import together

World = tuple[Visit, Guest | None]
pytestmark = pytest.mark.django_db(transaction=True)
STATES = ("no guest", "guest")


def _invite(w: World) -> Any:
    v = w[0]
    return commands.invite_guest(
        actor=v.nurse, case_id=v.case.public_id, user_id=v.doctor.user_id, unit_id=v.doctor.unit_id,
        mode="participate", key=key(),
    )  # fmt: skip


def _guest(w: World) -> dict[str, Any]:
    return {"case_id": w[0].case.public_id, "guest_id": w[1].public_id if w[1] else w[0].case.public_id}


def _case(w: World) -> dict[str, Any]:
    return {"case_id": w[0].case.public_id}


MOVES: dict[str, Callable[[World], Any]] = {
    "invite": _invite,
    "only consult": lambda w: commands.change_guest_mode(actor=w[0].nurse, **_guest(w), mode="consult"),
    "remove": lambda w: commands.end_guest(actor=w[0].nurse, **_guest(w)),
    "leave": lambda w: commands.end_guest(actor=w[0].doctor, **_guest(w)),
    "guest writes": lambda w: cases.send_message(actor=w[0].doctor, **_case(w), client_id="from-guest", text="Hej"),
    "guest writes internally": lambda w: commands.send_internal(
        actor=w[0].doctor, **_case(w), client_id="internal-1", text="Internt"
    ),
    "nurse writes internally": lambda w: commands.send_internal(
        actor=w[0].nurse, **_case(w), client_id="internal-2", text="Svar"
    ),
    "guest has seen": lambda w: commands.mark_internal_seen(actor=w[0].doctor, **_case(w), seq=9),
    "close visit": lambda w: cases.close_visit(actor=w[0].nurse, **_case(w), follow_up_days=0, key=key()),
}


def make_world(v: Visit, state: str) -> World:
    """A case with or without a guest who takes part."""
    fresh = Visit(v.nurse, v.doctor, v.elsewhere, make_started_case(v.nurse), v.patient)
    return fresh, invite(fresh, mode="participate") if state == "guest" else None


def look(world: World, outcomes: list[Any]) -> Any:
    """What the two were told, and what they left behind."""
    case = Case.objects.get(pk=world[0].case.pk)
    guests = list(Guest.objects.filter(case=case).order_by("pk"))
    logged = ChangeLog.objects.filter(object_id__in=[str(guest.public_id) for guest in guests])
    told = [type(o).__name__ if isinstance(o, Refusal) else getattr(o, "seq", "ok") for o in outcomes]
    return (
        told,
        (case.state, case.last_seq),
        [(guest.mode, guest.ending, guest.ended_at is not None) for guest in guests],
        list(Message.objects.filter(case=case).order_by("seq").values_list("text", flat=True))[1:],
        list(InternalMessage.objects.filter(case=case).order_by("seq").values_list("seq", "text")),
        sorted(InternalMark.objects.filter(case=case).values_list("user_id", "seq")),
        sorted(logged.values_list("event", flat=True)),
    )


def attempt(job: Callable[[], Any]) -> Any:
    """The outcome or the refusal."""
    try:
        return job()
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize("state", STATES)
def test_every_pair_gives_one_of_the_two_serial_outcomes(state: str) -> None:
    people, wrong = visit(), []
    for first, second in combinations_with_replacement(MOVES, 2):
        allowed = []
        for order in ((0, 1), (1, 0)):
            world, outcomes = make_world(people, state), [None, None]
            for index in order:
                outcomes[index] = attempt(partial(MOVES[(first, second)[index]], world))
            allowed.append(look(world, outcomes))
        world = make_world(people, state)
        at_once = together([partial(MOVES[name], world) for name in (first, second)])
        broken = [o for o in at_once if isinstance(o, Exception) and not isinstance(o, Refusal)]
        seen = look(world, at_once)
        if broken or seen not in allowed:
            wrong.append(f"{first} against {second}: {broken or seen}\n  allowed: {allowed}")
    assert not wrong, "\n".join(wrong)
    counted: dict[str, int] = {}
    for feed in FeedChange.objects.values_list("feed", flat=True):
        counted[feed] = counted.get(feed, 0) + 1
    assert dict(FeedHead.objects.values_list("feed", "version")) == counted, "a feed has a hole"


def test_accepting_a_handover_and_being_invited_end_in_one_part() -> None:
    v = visit()
    factories.offer(v.case, user=v.doctor)
    together(
        [
            partial(attempt, lambda: cases.receive_case(actor=v.doctor, case_id=v.case.public_id, key=key())),
            partial(attempt, lambda: _invite((v, None))),
        ]
    )
    assert Case.objects.get(pk=v.case.pk).holder_id == v.doctor.user_id
    assert not Guest.objects.filter(case=v.case, ended_at__isnull=True).exists()
