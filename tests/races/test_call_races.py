"""Everything that may compete for one call, each pair at the same instant: one of the two serial outcomes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations_with_replacement
from typing import Any

import pytest

from cases import commands as cases
from cases.calls import commands
from cases.calls.models import Call
from cases.models import Case, Message
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.realtime.models import FeedChange, FeedHead
from tests.calls.calling import accept, ask, fee_version
from tests.factories import key, make_staff, make_started_case, resident
from tests.races.threads import together

World = tuple[StaffActor, ResidentActor, Case, Call, str]
STATES = ("requested", "accepted")


def _ids(w: World) -> dict[str, Any]:
    return {"case_id": w[2].public_id, "call_id": w[3].public_id}


MOVES: dict[str, Callable[[World], Any]] = {
    "request": lambda w: commands.request_call(actor=w[0], case_id=w[2].public_id, kind="voice", key=key()),
    "accept": lambda w: commands.accept_call(actor=w[1], **_ids(w), fee_version=w[4], key=key()),
    "decline": lambda w: commands.decline_call(actor=w[1], **_ids(w), key=key()),
    "nurse joins": lambda w: commands.join_call(actor=w[0], **_ids(w), session="nurse-page"),
    "patient joins": lambda w: commands.join_call(actor=w[1], **_ids(w), session="patient-page"),
    "patient leaves": lambda w: commands.leave_call(actor=w[1], **_ids(w), session="patient-page"),
    "nurse hangs up": lambda w: commands.end_call(actor=w[0], **_ids(w)),
    "patient hangs up": lambda w: commands.end_call(actor=w[1], **_ids(w)),
    "close visit": lambda w: cases.close_visit(actor=w[0], case_id=w[2].public_id, follow_up_days=0, key=key()),
    "nurse writes": lambda w: cases.send_message(actor=w[0], case_id=w[2].public_id, client_id="a-message", text="Hej"),
}


def make_world(nurse: StaffActor, state: str) -> World:
    """A case with a call in that state."""
    case = make_started_case(nurse)
    call = ask(nurse, case)
    if state == "accepted":
        accept(case, call)
    return nurse, resident(case.patient), case, call, fee_version(case)


def look(world: World, outcomes: list[Any]) -> Any:
    """What the two were told, and what they left behind."""
    case, call = Case.objects.get(pk=world[2].pk), Call.objects.get(pk=world[3].pk)
    told = [type(o).__name__ if isinstance(o, Refusal) else getattr(o, "state", "ok") for o in outcomes]
    sides = {world[0].key: "nurse", world[1].key: "patient", "": ""}
    return (
        told,
        (case.state, case.last_seq),
        (call.state, sides[call.ended_by], call.connected_at is not None, call.ended_at is not None),
        list(Call.objects.filter(case=case).order_by("pk").values_list("state", flat=True)),
        list(call.moves.order_by("session", "op").values_list("session", "op")),
        list(Message.objects.filter(case=case).order_by("seq").values_list("text", flat=True))[1:],
        sorted(ChangeLog.objects.filter(object_id=str(call.public_id)).values_list("event", flat=True)),
    )


def attempt(job: Callable[[], Any]) -> Any:
    """The outcome or the refusal."""
    try:
        return job()
    except Refusal as refusal:
        return refusal


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", STATES)
def test_every_pair_gives_one_of_the_two_serial_outcomes(state: str) -> None:
    nurse, wrong = make_staff(), []
    for first, second in combinations_with_replacement(MOVES, 2):
        allowed = []
        for order in ((0, 1), (1, 0)):
            world, outcomes = make_world(nurse, state), [None, None]
            for index in order:
                outcomes[index] = attempt(partial(MOVES[(first, second)[index]], world))
            allowed.append(look(world, outcomes))
        world = make_world(nurse, state)
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


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_make_one_call() -> None:
    nurse = make_staff()
    world = make_world(nurse, "requested")
    commands.end_call(actor=nurse, **_ids(world))
    outcomes = together([partial(MOVES["request"], world)] * 2)
    assert sorted(type(o).__name__ for o in outcomes) == ["CallDone", "CallGoesOn"]
    assert Call.objects.filter(case=world[2], state="requested").count() == 1
