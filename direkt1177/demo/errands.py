"""Staff's part of the demo's errands: taken, chatted, closed and signed through the real commands, at moved times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.demo.files import RegionData, read
from direkt1177.demo.interviews import StoryError, leave_draft, send_case, send_question
from direkt1177.demo.people import People
from direkt1177.demo.places import Places
from direkt1177.demo.plan import Slot, plan
from direkt1177.demo.staff import Team
from direkt1177.residents.models import Person
from direkt1177.units.clock import moved, now
from direkt1177.units.policies import policy
from direkt1177.units.queries import redirect_target
from direkt1177.units.staffed_time import STOCKHOLM
from journal.commands import sign_note
from journal.prefill import prefill_for
from journal.rules import first_sections

Story = Mapping[str, Any]
MINUTE = timedelta(minutes=1)


class Errands:
    """Builds errands one after the other; the same seed on the same day builds the same ones."""

    def __init__(self, random: Random, places: Places, team: Team, people: People, data: RegionData) -> None:
        self.random, self.places, self.team, self.people = random, places, team, people
        self.data = data.errands
        self.home: str = self.data["home"]
        self.now = now()
        self.keys = (f"demo-{data.code}-{number}" for number in count())
        care: list[Story] = list(read("stories_care"))
        # The queue always shows the rare ends of the scale: advised to call 112, and self-care but went on to staff.
        self.first_stories = [s for s in care if s.get("advice_112") or s.get("go_on")]
        rest = [s for s in care if s not in self.first_stories]
        self.random.shuffle(rest)
        self.waiting_stories = _cycle(rest)
        self.chat_stories = _cycle([s for s in care if "chat" in s])
        admin: list[Story] = list(read("stories_admin"))
        self.admin_waiting = _cycle([s for s in admin if "chat" not in s])
        self.admin_chats = _cycle([s for s in admin if "chat" in s])
        # Residents whom a newcomer meets first, by what they shall have.
        self.pinned: dict[tuple[str, str, str], list[str]] = {
            (pin["unit"], pin["end"], pin["who"]): list(pin["residents"]) for pin in self.data.get("pinned", [])
        }
        self.held_back = {people.by_key[name].pk for names in self.pinned.values() for name in names}
        self.turns: dict[tuple[str, str], Iterator[Person]] = {}

    def build(self, cases: int) -> None:
        """Build the errands of the plan, and a draft that waits to be gone on with."""
        for slot in plan(self.data["plan"], round(cases * self.data["share"])):
            self._build_one(slot)
        if draft := self.data.get("draft"):
            resident = self._resident(self.people.by_key[draft["resident"]])
            story = next(s for s in read("stories_care") if s["reason"] == "sore_throat" and s.get("go_on"))
            unit = self.places.units[draft["unit"]]
            leave_draft(actor=resident, unit_id=unit.pk, story=story, at=self.now - 25 * MINUTE)

    def _build_one(self, slot: Slot) -> None:
        admin = slot.kind == "admin_question"
        story = self._story(slot)
        patient = self._patient(slot, story)
        writer = self._resident(
            self.people.guardian_of.get(patient.pk, patient) if self._is_child(patient) else patient
        )
        unit, at = self.places.units[slot.unit], self._arrival(slot, story)
        if admin:
            case = send_question(actor=writer, unit_id=unit.pk, story=story, at=at, random=self.random)
        else:
            case = send_case(
                actor=writer, patient_id=patient.pk, unit_id=unit.pk, story=story, at=at, random=self.random
            )
        if "staff_urgency" in story:
            self._change_urgency(slot, case, story, at)
        if slot.by:
            self._work(slot, case, story, writer, at)

    def _story(self, slot: Slot) -> Story:
        waits = slot.end in ("waiting", "received")
        if slot.kind == "admin_question":
            return next(self.admin_waiting if waits else self.admin_chats)
        at_home = slot.unit == self.home
        if slot.end == "waiting" and at_home and self.first_stories:
            return self.first_stories.pop(0)
        stories = self.waiting_stories if waits else self.chat_stories
        # A story of a certain child is told where that child is listed.
        return next(story for story in stories if "patient" not in story or (at_home and self._knows(story)))

    def _knows(self, story: Story) -> bool:
        return story["patient"] in self.people.by_key

    # --- who and when

    def _is_child(self, person: Person) -> bool:
        return self.people.age(person) < 13

    def _resident(self, person: Person) -> ResidentActor:
        return ResidentActor(
            person_id=person.pk,
            name=f"{person.first_name} {person.last_name}",
            region_id=self.places.region.pk,
            region_name=self.places.region.name,
        )

    def _patient(self, slot: Slot, story: Story) -> Person:
        if "patient" in story:
            return self.people.by_key[story["patient"]]
        who = story.get("who", "adult")
        names = self.pinned.get((slot.unit, slot.end, who), []) if slot.kind == "seek_care" else []
        # Self-care is never advised to a protected person: whoever went on after it is not one.
        if names and "sex" not in story and not story.get("go_on"):
            return self.people.by_key[names.pop(0)]
        return next(person for person in self._turn(who, slot.unit, story) if self._suits(person, story))

    def _suits(self, person: Person, story: Story) -> bool:
        return story.get("sex", person.sex) == person.sex and not (story.get("go_on") and person.is_masked)

    def _turn(self, who: str, unit: str, story: Story) -> Iterator[Person]:
        """Residents of an age group who are sent to this unit: listed there, or listed nowhere (ENT-08, ENT-09).

        Where nobody of them has such a story to tell, those who are listed elsewhere come.
        """
        everyone = [person for person in self.people.who_may_write(who) if person.pk not in self.held_back]
        listed_at = (self.places.units[unit].pk, None)
        nearest = [person for person in everyone if person.listed_unit_id in listed_at]
        if not any(self._suits(person, story) for person in nearest):
            unit, nearest = "", everyone
        if not any(self._suits(person, story) for person in nearest):
            raise StoryError(f"nobody is {who} and can tell of {story.get('reason')}")
        if (who, unit) not in self.turns:
            self.random.shuffle(nearest)
            self.turns[who, unit] = _cycle(nearest)
        return self.turns[who, unit]

    def _arrival(self, slot: Slot, story: Story) -> datetime:
        if slot.days_ago:
            day = self.now.astimezone(STOCKHOLM).date()
            for _ in range(slot.days_ago):
                day -= timedelta(days=1)
                while day.weekday() > 4:
                    day -= timedelta(days=1)
            return datetime.combine(day, time(8, 20), tzinfo=STOCKHOLM) + self.random.randint(0, 300) * MINUTE
        if slot.end == "waiting":
            if story.get("advice_112"):
                return self.now - 3 * MINUTE
            return self.now - (3 + 165 * self.random.random() ** 2) * MINUTE
        before = {"received": (15, 30), "started": (45, 80), "closed": (100, 260)}[slot.end]
        return self.now - self.random.uniform(*before) * MINUTE

    # --- what staff do

    def _change_urgency(self, slot: Slot, case: UUID, story: Story, at: datetime) -> None:
        unit = redirect_target(self.places.units[slot.unit])
        actor = self.team.actor(self.data["on_duty"][slot.unit], unit.slug)
        urgency, reason = story["staff_urgency"]
        with moved(min(at + 2 * MINUTE, self.now)):
            commands.change_urgency(
                actor=actor, case_id=case, urgency=urgency, reason=reason, key=next(self.keys), version=_version(case)
            )

    def _work(self, slot: Slot, case: UUID, story: Story, writer: ResidentActor, at: datetime) -> None:
        actor = self.team.actor(slot.by, slot.unit)
        clock = _Clock(at, self.now, self.random)
        receive = commands.receive_case_anyway if slot.by == "daniel" else commands.receive_case
        with moved(clock.later(3, 14)):
            receive(actor=actor, case_id=case, key=next(self.keys))
        if slot.end == "received":
            return
        with moved(clock.later(1, 2)):
            commands.start_visit(actor=actor, case_id=case, key=next(self.keys))
        lines: list[tuple[str, str]] = [pair for line in story["chat"] for pair in line.items()]
        if slot.end == "started":
            # One in three waits for the patient, the others for staff.
            lines = lines[: 1 + slot.number % 3 * 2] if slot.number % 3 == 2 else lines[:2]
        self._chat(lines, case, actor, writer, clock, read=slot.end != "started")
        if slot.end == "started":
            return
        days = 7 if slot.end == "followed" else 0
        with moved(clock.later(2, 4)):
            commands.close_visit(actor=actor, case_id=case, follow_up_days=days, key=next(self.keys))
        if story.get("note") and not (slot.days_ago == 0 and slot.number == 0):
            self._sign(case, actor, story["note"], clock)
        if slot.end == "followed" and slot.number == 0:
            with moved(self.now - 12 * MINUTE):
                commands.send_message(
                    actor=writer, case_id=case, client_id=f"demo-{case}-again",
                    text="Hej igen! Nu har det gått en dag och det känns lite bättre. Ska jag göra något mer?",
                )  # fmt: skip

    def _chat(
        self,
        lines: Sequence[tuple[str, str]],
        case: UUID,
        staff: StaffActor,
        writer: ResidentActor,
        clock: _Clock,
        *,
        read: bool,
    ) -> None:
        seen: dict[str, int] = {}
        for number, (who, text) in enumerate(lines):
            with moved(clock.later(1, 4)):
                sent = commands.send_message(
                    actor=staff if who == "s" else writer, case_id=case, client_id=f"demo-{case}-{number}", text=text
                )
            # Whoever writes has seen what came before; both have read everything when the visit is over.
            seen |= {"s": sent.seq, "p": sent.seq} if read else {who: sent.seq - 1}
        with moved(clock.at):
            for who, seq in seen.items():
                commands.mark_seen(actor=staff if who == "s" else writer, case_id=case, seq=seq)

    def _sign(self, case: UUID, actor: StaffActor, text: str, clock: _Clock) -> None:
        row = Case.objects.select_related("unit").get(public_id=case)
        settings = policy(row.unit)
        sections = first_sections(settings.note_keywords, prefill_for(row, settings))
        texts = [text if section.keyword == "Bedömning" else section.text for section in sections]
        with moved(clock.later(2, 6)):
            sign_note(actor=actor, case_id=case, texts=texts, version=0, same_patient=True, key=next(self.keys))


class _Clock:
    """Moments that follow each other and never reach the present."""

    def __init__(self, start: datetime, end: datetime, random: Random) -> None:
        self.at, self.end, self.random = start, end, random

    def later(self, least: float, most: float) -> datetime:
        """Some minutes later, at most half of what is left."""
        step = self.random.uniform(least, most) * MINUTE
        self.at += min(step, (self.end - self.at) / 2)
        return self.at


def _cycle(items: Sequence[Any]) -> Iterator[Any]:
    while True:
        yield from items


def _version(case: UUID) -> int:
    return Case.objects.values_list("version", flat=True).get(public_id=case)
