"""The people of ``test_machine``, the independent model of a case, and the ways on from a visit that has begun."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.audit.refusals import Refusal
from direkt1177.residents.models import Guardianship
from direkt1177.units.clock import moved
from tests import factories

Actor = StaffActor | ResidentActor
# "holder" is whoever holds the case in question, so that long ways through its life are walked often.
STAFF = st.sampled_from(["holder"] * 6 + ["nurse", "colleague", "doctor", "stranger"])
# "invited" is somebody in whose queue the case lies, or to whom it is offered.
TAKERS = st.sampled_from(["invited"] * 4 + ["nurse", "colleague", "doctor", "stranger"])
STAFF_NAMES = ("nurse", "colleague", "doctor", "stranger")
WRITERS = st.sampled_from(["holder"] * 3 + ["mother"] * 3 + ["nurse", "doctor", "stranger", "father", "nobody"])
WHICH = st.sampled_from([0, 0, 0, 1, 2])
INVITED = {"here:nurse": "colleague", "here:doctor": "doctor", "there:nurse": "stranger"}
# Where to: unit and role, or a colleague by name.
GOALS = st.sampled_from(["here:doctor", "here:nurse", "there:nurse", "colleague", "doctor"])


@dataclass
class Model:
    """What the case must be.

    Attributes:
        silent: how many of its versions tests made with bare steps, which write no log.
        offer: goal of a pending offer, else empty.
        begun, closed_once: whether the visit was started, was ever closed.
    """

    role: str
    unit: str = "here"
    state: str = "waiting"
    holder: str = ""
    closer: str = ""
    offer: str = ""
    begun: bool = False
    closed_once: bool = False
    messages: int = 0
    staff_said: int = 0  # number of staff's newest message
    handled: int = 0  # up to which number the holder had read at closing
    seen: int = 0  # up to which number the holder has read
    patient_said: int = 0  # number of the patient's newest message
    receipts: int = 0
    version: int = 0
    silent: int = 0
    until: datetime | None = None
    resume_at: datetime | None = None

    @property
    def queue(self) -> str:
        """In which queue it lies; empty when in none."""
        if self.state == "waiting":
            return f"{self.unit}:{self.role}"
        return self.offer if ":" in self.offer else ""

    def follows(self, at: datetime) -> bool:
        """Whether the follow-up runs."""
        return self.until is not None and at < self.until

    def chat_is_open(self, at: datetime) -> bool:
        """Whether patient and holder may write."""
        if self.state == "asynchronous":
            return self.follows(at)
        if self.state == "waiting":
            return self.begun and (not self.closed_once or self.follows(at))
        return self.state in ("started", "paused")

    def taken(self, who: str, role: str, at: datetime) -> None:
        """Somebody takes it."""
        if ":" in self.offer:
            self.unit, self.role = self.offer.split(":")
        elif self.offer:  # a colleague, at whichever unit they work
            self.unit, self.role = "there" if self.offer == "stranger" else "here", role
        if self.state == "waiting" and not self.begun:
            self.state = "received"
            self.receipts += 1
        elif self.state == "waiting":
            self.state = "asynchronous" if self.closed_once and self.follows(at) else "started"
        elif self.state == "paused":
            self.state = "started"
        self.holder, self.offer, self.resume_at = who, "", None
        self.version += 1


class Walk(RuleBasedStateMachine):
    """Two nurses, a doctor, a stranger (nurse at another unit), two guardians, up to three cases."""

    def begin(self) -> None:
        """A new unit for every example; nothing is shared."""
        self.at = datetime(2030, 6, 3, 8, tzinfo=UTC)
        self.unit = factories.make_unit()
        self.there = factories.make_unit(provider=self.unit.provider)
        mother, father = factories.make_person(), factories.make_person()
        self.child = factories.make_child(mother)
        self.mother = mother
        Guardianship.objects.create(guardian=father, child=self.child)
        self.actors: dict[str, Actor] = {
            "nurse": factories.make_staff(self.unit),
            "colleague": factories.make_staff(self.unit),
            "doctor": factories.make_staff(self.unit, "doctor"),
            "stranger": factories.make_staff(self.there),
            "mother": factories.resident(mother),
            "father": factories.resident(father),
            "nobody": factories.resident(factories.make_person()),
        }
        self.cases: list[Case] = []
        self.models: list[Model] = []
        self.send("nurse", 3)
        self.send("nurse", None)

    def do(self, allowed: bool, call: Callable[[], Any]) -> bool:
        """The command succeeds exactly when the model says so."""
        self.at += timedelta(seconds=1)
        with moved(self.at):
            try:
                call()
            except Refusal as refusal:
                assert not allowed, f"refused: {refusal.code}"
                return False
        assert allowed, "should have been refused"
        return True

    def pick(self, which: int, who: str) -> tuple[Case, Model, str] | None:
        """A case, if there are that many, and who is meant."""
        if which >= len(self.cases):
            return None
        model = self.models[which]
        if who == "holder":
            who = model.holder or "nurse"
        elif who == "invited":
            fit = [n for n in STAFF_NAMES if n in (model.offer, INVITED.get(model.queue)) and n != model.holder]
            who = fit[0] if fit else "colleague"
        return self.cases[which], model, who

    def unit_of(self, name: str) -> str:
        """At which of the two units somebody works."""
        return "there" if name == "stranger" else "here"

    def staff(self, name: str) -> StaffActor:
        """An actor of the staff."""
        actor = self.actors[name]
        assert isinstance(actor, StaffActor)
        return actor

    def send(self, role: str, urgency: int | None) -> None:
        """A new case and its model."""
        with moved(self.at):
            case = factories.make_case(self.unit, role, patient=self.child, started_by=self.mother, urgency=urgency)
        self.cases.append(case)
        self.models.append(Model(role))

    @rule(which=WHICH, who=STAFF, days=st.integers(0, 16), told=st.booleans())
    def pause(self, which: int, who: str, days: int, told: bool) -> None:
        """*Pausa besök*; the default region wants the patient told."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        allowed = model.holder == who and model.state in ("started", "paused") and 1 <= days <= 14 and told
        until, words = self.at + timedelta(days=days), "Vi fortsätter {resume}." if told else ""
        if self.do(
            allowed,
            lambda: commands.pause_visit(
                actor=self.staff(who), case_id=case.public_id, resume_at=until, message=words, key=factories.key()
            ),
        ):
            model.state, model.resume_at = "paused", until
            model.messages += 1
            model.staff_said = model.messages
            model.version += 1

    @rule(which=WHICH, who=STAFF)
    def resume(self, which: int, who: str) -> None:
        """*Fortsätt besöket*, early or late."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        if self.do(
            model.holder == who and model.state == "paused",
            lambda: commands.resume_visit(actor=self.staff(who), case_id=case.public_id, key=factories.key()),
        ):
            model.state, model.resume_at = "started", None
            model.version += 1

    @rule(which=WHICH, who=STAFF)
    def book(self, which: int, who: str) -> None:
        """*Avsluta och boka tid*."""
        if not (found := self.pick(which, who)):
            return
        case, model, who = found
        allowed = model.holder == who and model.state in ("started", "paused") and not model.offer
        if self.do(
            allowed,
            lambda: commands.close_and_book(
                actor=self.staff(who), case_id=case.public_id, booked_for=self.at + timedelta(days=1),
                booked_where="rum 4", message="Välkommen {time}", key=factories.key(),
            ),
        ):  # fmt: skip
            model.state, model.holder, model.closer = "closed", "", who
            model.closed_once, model.resume_at = True, None
            model.messages += 1
            model.version += 1

    @rule(which=WHICH, goal=GOALS)
    def offer(self, which: int, goal: str) -> None:
        """The holder offers it; handover's own rules are tested there."""
        if not (found := self.pick(which, "holder")) or not found[1].holder or goal == found[1].holder:
            return
        case, model, _ = found
        unit, _sep, role = goal.partition(":")
        place = self.there if unit == "there" else self.unit
        user = None if role else self.staff(goal)
        allowed = model.state in ("started", "paused", "asynchronous") and not model.offer
        if self.do(allowed, lambda: factories.offer(case, place, role=role or None, user=user)):
            model.offer = goal
            model.version += 1
            model.silent += 1

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        """The offer is taken back."""
        if not (found := self.pick(which, "holder")) or not found[1].offer:
            return
        case, model, _ = found
        self.do(True, lambda: factories.withdraw(case))
        model.offer = ""
        model.version += 1
        model.silent += 1

    @rule(which=WHICH, ownerless=st.booleans())
    def release(self, which: int, ownerless: bool) -> None:
        """Its holder is gone: it lies in the queue of its role again."""
        if not (found := self.pick(which, "holder")):
            return
        case, model, _ = found
        allowed = bool(model.holder) and model.state != "closed"
        if self.do(allowed, lambda: factories.release(case, ownerless=ownerless)):
            model.state, model.holder, model.offer, model.resume_at = "waiting", "", "", None
            model.version += 1
            model.silent += 1
