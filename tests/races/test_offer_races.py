"""Offers under competition, with real threads: each pair gives one serial outcome, no case is ever ownerless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, Shift
from direkt1177.audit.refusals import Refusal
from handover.models import Handover
from handover.offers import commands as offers
from handover.offers.queries import pending
from handover.shifts.commands import end_shift
from tests.factories import key, make_started_case
from tests.handover.offering import Place, make_place, offer, offering, to_role
from tests.races.threads import together

ROUNDS = 3


@dataclass
class World:
    """An offered case and those who want something with it."""

    place: Place
    case: Case
    offer: Handover | None


def _world(kind: str) -> World:
    place = make_place()
    case = make_started_case(place.nurse)
    if kind == "started":
        return World(place, case, None)
    row = offer(place.nurse, case, to_role(place.other_nurse if kind in ("elsewhere", "fallen") else place.doctor))
    if kind == "fallen":
        end_shift(actor=place.nurse, satisfied=True, key=key())
        row.refresh_from_db()
    return World(place, case, row)


def _take(w: World, who: StaffActor) -> Any:
    return commands.receive_case(actor=who, case_id=w.case.public_id, key=key(), giver_id=w.place.nurse.user_id)


def _offered(w: World) -> Handover:
    assert w.offer is not None
    return w.offer


Act = Callable[[World], Any]
ACTS: dict[str, Act] = {
    "accept": lambda w: _take(w, w.place.doctor),
    "accept by another": lambda w: _take(w, _other_doctor(w)),
    "accept elsewhere": lambda w: _take(w, w.place.other_nurse),
    "accept fallen": lambda w: offers.accept_fallen_offer(
        actor=w.place.other_nurse, offer_id=_offered(w).public_id, key=key()
    ),
    "take at home": lambda w: _take(w, w.place.colleague),
    "withdraw": lambda w: offers.withdraw_offer(actor=w.place.nurse, offer_id=_offered(w).public_id, key=key()),
    "decline": lambda w: offers.decline_offer(
        actor=w.place.doctor, offer_id=_offered(w).public_id, reason="Nej", key=key()
    ),
    "decline elsewhere": lambda w: offers.decline_offer(
        actor=w.place.other_nurse, offer_id=_offered(w).public_id, reason="Nej", key=key()
    ),
    "close": lambda w: commands.close_visit(actor=w.place.nurse, case_id=w.case.public_id, follow_up_days=0, key=key()),
    "offer": lambda w: offers.offer_case(
        actor=w.place.nurse, case_id=w.case.public_id, offering=offering(to_role(w.place.doctor)), key=key()
    ),
    "offer elsewhere": lambda w: offers.offer_case(
        actor=w.place.nurse, case_id=w.case.public_id, offering=offering(to_role(w.place.other_nurse)), key=key()
    ),
    "end shift": lambda w: end_shift(actor=w.place.nurse, satisfied=True, key=key()),
}
PAIRS = [
    ("offered", "accept", "withdraw"),
    ("offered", "accept", "decline"),
    ("offered", "accept", "close"),
    ("offered", "accept", "accept by another"),
    ("offered", "accept", "end shift"),
    ("offered", "decline", "withdraw"),
    ("offered", "decline", "end shift"),
    ("offered", "withdraw", "end shift"),
    ("offered", "withdraw", "close"),
    ("elsewhere", "accept elsewhere", "end shift"),
    ("elsewhere", "decline elsewhere", "end shift"),
    ("fallen", "accept fallen", "take at home"),
    ("fallen", "accept fallen", "decline elsewhere"),
    ("fallen", "accept fallen", "accept fallen"),
    ("fallen", "take at home", "decline elsewhere"),
    ("started", "offer", "offer elsewhere"),
    ("started", "offer", "close"),
    ("started", "offer", "end shift"),
]


def _other_doctor(w: World) -> StaffActor:
    from tests.factories import make_staff

    return make_staff(w.place.unit, "doctor")


def _try(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Refusal as refusal:
        return refusal


def _said(outcome: Any) -> str:
    assert not isinstance(outcome, Exception) or isinstance(outcome, Refusal), repr(outcome)
    return type(outcome).__name__ if isinstance(outcome, Exception) else "ok"


def _left(w: World) -> tuple[Any, ...]:
    """Everything that the pair may have changed, and that always holds."""
    case = Case.objects.get(pk=w.case.pk)
    people = {
        w.place.nurse.user_id: "nurse", w.place.colleague.user_id: "colleague", w.place.doctor.user_id: "doctor",
        w.place.other_nurse.user_id: "other nurse", None: "",
    }  # fmt: skip
    if case.is_open:
        on_shift = Shift.objects.filter(
            user_id=case.holder_id or 0, unit_id=case.unit_id, ended_at__isnull=True
        ).exists()
        queue_is_held = Membership.objects.filter(
            unit_id=case.unit_id, role_id=case.role_id, ended_at__isnull=True
        ).exists()
        assert on_shift if case.holder_id else (case.state == "waiting" and queue_is_held), "nobody is responsible"
    stands = pending().filter(case=case).first()
    assert (stands is not None) == (case.offered_at is not None or bool(stands and stands.fell_back_at))
    if stands is not None and stands.fell_back_at is not None:
        assert case.state == "waiting"
    offers_ended = list(Handover.objects.filter(case=case).order_by("pk").values_list("state", flat=True))
    return (
        case.state, people.get(case.holder_id, "somebody"), case.unit_id == w.place.unit.pk, case.offered_at is None,
        offers_ended, case.last_seq,
        Shift.objects.filter(user_id=w.place.nurse.user_id, ended_at__isnull=True).exists(),
    )  # fmt: skip


def _serial(kind: str, first: str, second: str, *, swap: bool) -> tuple[Any, ...]:
    world = _world(kind)
    jobs = [partial(ACTS[name], world) for name in (first, second)]
    outcomes: list[Any] = [None, None]
    for index in (1, 0) if swap else (0, 1):
        outcomes[index] = _try(jobs[index])
    return (*map(_said, outcomes), *_left(world))


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("HOV-01", "HOV-02", "HOV-08")
@pytest.mark.parametrize(("kind", "first", "second"), PAIRS)
def test_each_pair_gives_one_serial_outcome(kind: str, first: str, second: str) -> None:
    allowed = [_serial(kind, first, second, swap=False), _serial(kind, first, second, swap=True)]
    for _round in range(ROUNDS):
        world = _world(kind)
        outcomes = together([partial(ACTS[first], world), partial(ACTS[second], world)])
        seen = (*map(_said, outcomes), *_left(world))
        assert seen in allowed, f"{first} against {second}: {seen}\n  allowed: {allowed}"
