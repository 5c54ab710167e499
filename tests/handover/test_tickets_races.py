"""Tickets and posts under real threads: every pair gives one of the serial outcomes, and a ticket one case at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Case
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.units.clock import moved
from direkt1177.units.models import Unit
from handover.acknowledgements import commands as acknowledgements
from handover.models import Acknowledgement, Ticket
from handover.tickets import commands
from handover.timers import fire
from journal import commands as journal
from tests.factories import key, make_staff
from tests.handover.tickets import Scene, answer_all, make_scene, note_texts
from tests.races.threads import together
from triage import commands as triage

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 3
ENDS = ("ticket_activated", "ticket_has_expired", "ticket_was_withdrawn")


@dataclass
class World:
    """A ticket in a state with everything prepared that somebody may do to it."""

    scene: Scene
    ticket: Ticket
    interview: Any = None

    def activate(self) -> Any:
        """*Skicka* with the ticket, a second before its end."""
        with moved(self.ticket.valid_to - timedelta(seconds=1)):
            return triage.send_interview(actor=self.scene.person, interview_id=self.interview, key=key())

    def expire(self) -> Any:
        """The timer, a second after its end."""
        with moved(self.ticket.valid_to + timedelta(seconds=1)):
            return [fire.fire(due) for due in fire.find_due()]

    def withdraw(self) -> Any:
        """The issuer takes it back."""
        return commands.withdraw_ticket(
            actor=self.scene.giver, ticket_id=self.ticket.public_id, reason="Fel enhet", key=key()
        )

    def close(self) -> Any:
        """*Avsluta besök* of the issuing case."""
        return self.scene.close()

    def sign(self) -> Any:
        """The giver's note is signed."""
        return journal.sign_note(
            actor=self.scene.giver, case_id=self.scene.case.public_id,
            texts=note_texts(self.scene.case, "Allergisk mot penicillin."), version=0, same_patient=True, key=key(),
        )  # fmt: skip


def usable() -> World:
    scene = make_scene()
    ticket = scene.usable()
    interview = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
    with moved(ticket.valid_to - timedelta(minutes=1)):
        again = commands.begin_ticket(actor=scene.person, ticket_id=ticket.public_id, key=key())
        answer_all(scene.person, again, post={"allergies": "Allergisk mot penicillin"})
    assert again == interview
    return World(scene, ticket, interview)


def sent() -> World:
    scene = make_scene()
    return World(scene, scene.send())


def outcome(world: World, results: list[Any]) -> tuple[str, int, int, list[str]]:
    """State, new cases, posts and ends in the log; what was raised must be a named refusal."""
    for result in results:
        assert not isinstance(result, Exception) or isinstance(result, Refusal), result
    world.ticket.refresh_from_db()
    ends = ChangeLog.objects.filter(object_id=str(world.ticket.public_id), event__in=ENDS)
    return (
        world.ticket.state,
        Case.objects.filter(interview__ticket=world.ticket.public_id).count(),
        Acknowledgement.objects.filter(ticket=world.ticket).count(),
        list(ends.values_list("event", flat=True)),
    )  # fmt: skip


ACTIVATED = ("activated", 1, 0, ["ticket_activated"])
EXPIRED = ("expired", 0, 1, ["ticket_has_expired"])
WITHDRAWN = ("withdrawn", 0, 0, ["ticket_was_withdrawn"])


@pytest.mark.req("TIK-01", "TIK-15")
@pytest.mark.parametrize(
    ("make", "first", "second", "allowed"),
    [
        (usable, World.activate, World.activate, [ACTIVATED]),
        (usable, World.expire, World.activate, [ACTIVATED, EXPIRED]),
        (usable, World.withdraw, World.activate, [ACTIVATED, WITHDRAWN]),
        (usable, World.withdraw, World.expire, [WITHDRAWN, EXPIRED]),
        (usable, World.expire, World.expire, [EXPIRED]),
        (usable, World.withdraw, World.withdraw, [WITHDRAWN]),
        (sent, World.close, World.withdraw, [WITHDRAWN]),
        (sent, World.close, World.expire, [EXPIRED]),
        (sent, World.withdraw, World.expire, [WITHDRAWN, EXPIRED]),
    ],
)
def test_pairs(
    make: Callable[[], World],
    first: Callable[[World], Any],
    second: Callable[[World], Any],
    allowed: list[tuple[str, int, int, list[str]]],
) -> None:
    for turn in range(ROUNDS):
        world = make()
        jobs = [lambda: first(world), lambda: second(world)]  # noqa: B023 - both end within the turn
        found = outcome(world, together(jobs[::-1] if turn % 2 else jobs))
        # A timer whose row is locked leaves it to the next sweep.
        if World.expire in (first, second) and found[0] in ("usable", "sent"):
            world.expire()
            found = outcome(world, [])
        assert found in allowed, found


def test_the_flag_is_there_whichever_of_signing_and_using_comes_first() -> None:
    for turn in range(ROUNDS):
        world = usable()
        jobs = [world.activate, world.sign]
        assert outcome(world, together(jobs[::-1] if turn % 2 else jobs))[0] == "activated"
        assert world.ticket.answers_documented == ["allergies"]


@pytest.mark.req("TIK-06")
def test_sending_and_closing_at_once_leaves_no_ticket_behind_that_waits_for_ever() -> None:
    """Sent first, it becomes usable; closed first, it is refused: never a sent ticket of a closed visit."""
    for _ in range(ROUNDS):
        scene = make_scene()
        results = together([scene.send, scene.close])
        assert not isinstance(results[1], Exception)
        assert isinstance(results[0], Ticket | Refusal)
        assert not Ticket.objects.filter(issuing_case=scene.case, state="sent").exists()


def test_sending_twice_with_one_key_makes_one_ticket() -> None:
    scene, same = make_scene(), key()
    send = lambda: commands.send_ticket(  # noqa: E731
        actor=scene.giver, case_id=scene.case.public_id, fields=scene.fields(), key=same
    )
    first, second = together([send, send])
    assert first == second
    assert Ticket.objects.filter(issuing_case=scene.case).count() == 1


@pytest.mark.req("ACK-03")
def test_two_press_vidimera_at_once_one_wins_and_the_other_is_told() -> None:
    for _ in range(ROUNDS):
        scene = make_scene()
        own = Unit.objects.get(pk=scene.giver.unit_id)
        doctors = [make_staff(own, "doctor") for _ in range(2)]
        post = acknowledgements.ask_acknowledgement(
            actor=scene.giver, case_id=scene.case.public_id, kind="follow_up", to=f"role:{doctors[0].role_id}",
            text="Ring", key=key(),
        )  # fmt: skip
        results = together(
            [
                lambda d=doctor: acknowledgements.acknowledge(actor=d, post_id=post, key=key())  # type: ignore[misc]  # noqa: B023
                for doctor in doctors
            ]
        )
        told = [result for result in results if result is not None]
        assert [getattr(item, "code", item) for item in told] == ["already_acknowledged"]
        assert ChangeLog.objects.filter(object_id=str(post), event="acknowledged").count() == 1


def test_closing_twice_makes_the_ticket_usable_once() -> None:
    scene = make_scene()
    ticket = scene.send()
    together([scene.close, scene.close])
    ticket.refresh_from_db()
    log = ChangeLog.objects.filter(object_id=str(ticket.public_id), event="ticket_became_usable")
    assert (ticket.state, log.count()) == ("usable", 1)
