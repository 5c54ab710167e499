"""Everything that may compete for a case, and worlds in which to let it: the two sides of ``test_matrix``."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from PIL import Image

from cases import commands
from cases.models import Case, Message
from direkt1177.accounts import commands as accounts
from direkt1177.accounts import manage_commands as manage
from direkt1177.accounts import shift_commands as shifts
from direkt1177.accounts.actors import ManageActor, ResidentActor, StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.outbox.models import Effect
from direkt1177.residents import commands as residents
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from handover.models import Handover
from handover.offers import commands as offers
from handover.offers.picker import Choice
from handover.shifts.commands import end_shift
from handover.shifts.release_commands import release_all_of, release_held_case
from handover.shifts.rules import Choice as Ending
from handover.shifts.settle import Wish
from handover.timers import commands as silent
from journal import commands as journal
from journal.models import Export, Note
from tests import factories
from tests.factories import key

_days = itertools.count()


@dataclass
class World:
    """One case in a state, its nurse (holder where there is one), a colleague, an administrator, the patient."""

    case: Case
    nurse: StaffActor
    colleague: StaffActor
    admin: ManageActor
    elsewhere: Membership
    texts: list[str]
    after_log: int = 0
    offer_id: str = ""

    @property
    def ident(self) -> UUID:
        """Public id of the case."""
        return UUID(str(self.case.public_id))

    @property
    def patient(self) -> ResidentActor:
        """Who sent the case."""
        return factories.resident(self.case.patient)


@dataclass(frozen=True)
class People:
    """A unit with two nurses on shift and an administrator; the first nurse has a role at another unit too."""

    unit: Unit
    nurse: StaffActor
    colleague: StaffActor
    admin: ManageActor
    elsewhere: Membership


def make_people() -> People:
    """Fresh ones."""
    unit, other = factories.make_unit(), factories.make_unit()
    nurse, colleague = factories.make_staff(unit), factories.make_staff(unit)
    boss = User.objects.create_user(f"SE2321000000-B{unit.pk:05d}", first_name="Ada", last_name="Admin")
    for kind in (AdminPermission.Kind.USER_ADMIN, AdminPermission.Kind.STATISTICS):
        AdminPermission.objects.create(user=boss, unit=unit, kind=kind)
    elsewhere = Membership.objects.create(user_id=nurse.user_id, unit=other, role_id=nurse.role_id)
    return People(unit, nurse, colleague, ManageActor(user_id=boss.pk, name="Ada"), elsewhere)


def make_world(state: str, people: People) -> World:
    """A fresh case in one of ``ALL``; ``released`` has begun and lies in the queue again."""
    unit, nurse, colleague = people.unit, people.nurse, people.colleague
    # A personal number holds a thousand people for each day; long runs need more.
    patient = factories.make_person(birth_date=date(1950, 1, 1) + timedelta(days=next(_days) % 9000))
    makers: dict[str, Callable[[], Case]] = {
        "waiting": lambda: factories.make_case(unit, patient=patient),
        "received": lambda: factories.make_received_case(nurse, patient=patient),
        "started": lambda: factories.make_started_case(nurse, patient=patient),
        "offered": lambda: factories.make_started_case(nurse, patient=patient),
        "paused": lambda: factories.make_started_case(nurse, patient=patient),
        "released": lambda: factories.release(factories.make_started_case(nurse, patient=patient)),
        "follow_up": lambda: factories.make_closed_case(nurse, follow_up_days=1, patient=patient),
        "closed": lambda: factories.make_closed_case(nurse, patient=patient),
    }
    case = makers[state]()
    texts = ["Halsont", *[""] * (len(policy(unit).note_keywords) - 1)]
    world = World(case, nurse, colleague, people.admin, people.elsewhere, texts)
    if state == "offered":
        world.offer_id = _offer(world, 0).public_id
        case.refresh_from_db()
    if state == "paused":
        _pause(world, 5)
        case.refresh_from_db()
    if state == "closed":
        journal.sign_note(
            actor=nurse, case_id=world.ident, texts=world.texts, version=0, same_patient=True, key=key()
        )  # fmt: skip
    world.after_log = ChangeLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return world


@dataclass(frozen=True)
class Move:
    """One thing that somebody does.

    Attributes:
        command: module and name of the command behind it.
        states: in which it is tried.
        do: world and slot (0 or 1: who of two does it, where it matters).
        skips: it never waits for a locked row but passes it by, and says so with this outcome.
        slow: starts a process; tried once only.
        people: changes unit, shifts or persons, so that the next pair needs new ones.
    """

    command: str
    states: tuple[str, ...]
    do: Callable[[World, int], Any]
    skips: str = ""
    slow: bool = False
    people: bool = False


def _either(w: World, slot: int) -> StaffActor:
    return w.colleague if slot else w.nurse


def _picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    file.seek(0)
    return file


def _tick(w: World, _slot: int) -> bool:
    end = w.case.follow_up_until
    assert end is not None
    with moved(end):
        return commands.end_follow_up(case_pk=w.case.pk)


def _urgency(w: World, slot: int) -> Any:
    return commands.change_urgency(
        actor=w.nurse, case_id=w.ident, urgency=1 + slot, reason="", key=key(), version=w.case.version
    )


def _save(w: World, slot: int) -> Any:
    return journal.save_note(actor=w.nurse, case_id=w.ident, texts=[f"{slot}", *w.texts[1:]], version=0)


def _sign(w: World, slot: int) -> Any:
    texts = [f"signed {slot}", *w.texts[1:]]
    return journal.sign_note(actor=w.nurse, case_id=w.ident, texts=texts, version=0, same_patient=True, key=key())


def _say(actor: Callable[[World], Any]) -> Callable[[World, int], Any]:
    def do(w: World, slot: int) -> Any:
        return commands.send_message(actor=actor(w), case_id=w.ident, client_id=f"message-{slot}", text="Hej")

    return do


def _offer(w: World, slot: int) -> offers.Offered:
    to = Choice(w.nurse.unit_id, w.nurse.role_id, None)
    form = offers.Offering(to=to, message=f"{slot}", patient_message="Jag lämnar över.")
    return offers.offer_case(actor=w.nurse, case_id=w.ident, offering=form, key=key())


def _pause(w: World, slot: int) -> Any:
    return commands.pause_visit(
        actor=w.nurse, case_id=w.ident, resume_at=now() + timedelta(days=1 + slot), message="Vi fortsätter.", key=key()
    )


def _book(w: World, slot: int) -> Any:
    return commands.close_and_book(
        actor=w.nurse, case_id=w.ident, booked_for=now() + timedelta(days=1 + slot), booked_where="app", message="",
        key=key(),
    )  # fmt: skip


def _end_with(ending: Ending) -> Callable[[World, int], Any]:
    def do(w: World, _slot: int) -> Any:
        wish = Wish(str(w.ident), ending, role_id=w.nurse.role_id, text="Hej")
        result = end_shift(actor=w.nurse, satisfied=True, key=key(), wishes=[wish])
        return result.ended

    return do


def _release(w: World, _slot: int) -> Any:
    return release_held_case(actor=w.admin, case_id=w.ident, reason="Sjuk", key=key())


def _shift(w: World) -> int:
    assert w.nurse.shift_id is not None
    return w.nurse.shift_id


QUEUED, HELD, OPEN = ("waiting",), ("waiting", "received"), ("received", "started", "follow_up")
MAIN = ("waiting", "received", "started", "follow_up", "closed", "offered")
ALL = (*MAIN, "paused", "released")
BEGUN = ("started", "offered", "paused")
MOVES: dict[str, Move] = {
    "take": Move("cases.commands.claim.receive_case", (*HELD, "offered", "released"),
                 lambda w, s: commands.receive_case(actor=_either(w, s), case_id=w.ident, key=key())),
    "take anyway": Move("cases.commands.claim.receive_case_anyway", (*HELD, "offered", "released"),
                        lambda w, s: commands.receive_case_anyway(actor=_either(w, s), case_id=w.ident, key=key())),
    "take next": Move("cases.commands.claim.receive_next_case", (*HELD, "offered", "released"),
                      lambda w, s: commands.receive_next_case(actor=_either(w, s), key=key()), skips="QueueEmpty"),
    "put back": Move("cases.commands.claim.put_back_case", ("received", "started"),
                     lambda w, s: commands.put_back_case(actor=w.nurse, case_id=w.ident, key=key())),
    "start": Move("cases.commands.visit.start_visit", ("received", "started"),
                  lambda w, s: commands.start_visit(actor=w.nurse, case_id=w.ident, key=key())),
    "close": Move("cases.commands.visit.close_visit", ("received", *BEGUN),
                  lambda w, s: commands.close_visit(actor=w.nurse, case_id=w.ident, follow_up_days=s, key=key())),
    "close and book": Move("cases.commands.visit.close_and_book", BEGUN, _book),
    "pause": Move("cases.commands.pause.pause_visit", BEGUN, _pause),
    "resume": Move("cases.commands.pause.resume_visit", ("started", "paused"),
                   lambda w, s: commands.resume_visit(actor=w.nurse, case_id=w.ident, key=key())),
    "end follow-up": Move("cases.commands.visit.end_follow_up", ("follow_up",), _tick, skips="False"),
    "leave queue": Move("cases.commands.leave.leave_queue", (*HELD, "released"),
                        lambda w, s: commands.leave_queue(actor=w.patient, case_id=w.ident, key=key())),
    "urgency": Move("cases.commands.urgency.change_urgency", ("waiting", "received", "started", "offered"), _urgency),
    "patient writes": Move("cases.commands.chat._send", (*OPEN, "offered", "paused", "released"),
                           _say(lambda w: w.patient)),
    "nurse writes": Move("cases.commands.chat._send", (*OPEN, "offered", "paused"), _say(lambda w: w.nurse)),
    "patient sends image": Move(
        "cases.commands.chat._send", ("started",),
        lambda w, s: commands.send_image(actor=w.patient, case_id=w.ident, client_id=f"image-{s}", file=_picture()),
        slow=True,
    ),
    "patient reads": Move("cases.commands.chat.mark_seen", ("started", "follow_up"),
                          lambda w, s: commands.mark_seen(actor=w.patient, case_id=w.ident, seq=1)),
    "offer": Move("handover.offers.commands.offer_case", ("started", "offered"), _offer),
    "withdraw": Move("handover.offers.commands.withdraw_offer", ("offered",),
                     lambda w, s: offers.withdraw_offer(actor=w.nurse, offer_id=w.offer_id, key=key())),
    "decline": Move("handover.offers.commands.decline_offer", ("offered",),
                    lambda w, s: offers.decline_offer(actor=w.colleague, offer_id=w.offer_id, reason="Nej",
                                                      key=key())),
    "readdress": Move("handover.offers.commands.readdress_offer", ("offered",),
                      lambda w, s: offers.readdress_offer(actor=w.nurse, offer_id=w.offer_id, key=key(),
                                                          to=Choice(w.nurse.unit_id, w.nurse.role_id, None))),
    # It has not fallen back: refused whatever the other does; tests/races/test_offer_races has those that did.
    "take fallen": Move("handover.offers.commands.accept_fallen_offer", ("offered",),
                        lambda w, s: offers.accept_fallen_offer(actor=w.colleague, offer_id=w.offer_id, key=key())),
    "warn": Move("handover.timers.commands.send_warning", ("started", "offered"),
                 lambda w, s: silent.send_warning(actor=w.nurse, case_id=w.ident, key=key())),
    "remind": Move("handover.timers.commands.send_sms_reminder", ("started", "offered"),
                   lambda w, s: silent.send_sms_reminder(actor=w.nurse, case_id=w.ident, key=key())),
    "phone": Move("handover.timers.commands.record_phone_attempt", ("started", "paused"),
                  lambda w, s: silent.record_phone_attempt(actor=w.nurse, case_id=w.ident, reached=False, note="",
                                                           key=key())),
    # Too early here: refused whatever the other does; tests/handover/test_timers_races has those whose time is up.
    "close without reply": Move("handover.timers.commands.close_without_reply", ("started", "offered"),
                                lambda w, s: silent.close_without_reply(actor=w.nurse, case_id=w.ident, key=key())),
    "save note": Move("journal.commands.save_note", ("started", "follow_up", "closed"), _save),
    "sign note": Move("journal.commands.sign_note", ("started", "follow_up", "closed"), _sign),
    "copy note": Move("journal.commands.note_copied", ("closed",),
                      lambda w, s: journal.note_copied(actor=w.nurse, case_id=w.ident)),
    "end shift": Move("handover.shifts.commands.end_shift", MAIN,
                      lambda w, s: end_shift(actor=w.nurse, satisfied=True, key=key()), people=True),
    "end shift, close": Move("handover.shifts.commands.end_shift", ("started", "offered"), _end_with(Ending.CLOSE),
                             people=True),
    "end shift, leave": Move("handover.shifts.commands.end_shift", ("started", "offered"), _end_with(Ending.HAND_OVER),
                             people=True),
    "end own shift": Move("direkt1177.accounts.shift_commands.end_own_shift", ("waiting", "started", "offered"),
                          lambda w, s: shifts.end_own_shift(
                              actor=ManageActor(user_id=w.nurse.user_id, name="Anna"), shift_id=_shift(w)),
                          people=True),
    "end shift for": Move("direkt1177.accounts.shift_commands.end_shift_for", ("waiting", "started", "offered"),
                          lambda w, s: shifts.end_shift_for(actor=w.admin, shift_id=_shift(w), reason="Glömt"),
                          people=True),
    "release": Move("handover.shifts.release_commands.release_held_case", (*MAIN, "paused"), _release),
    "release all": Move("handover.shifts.release_commands.release_all_of", ("started", "offered"),
                        lambda w, s: release_all_of(actor=w.admin, unit_id=w.nurse.unit_id,
                                                    holder_id=w.nurse.user_id, reason="Sjuk", key=key()),
                        people=True),
    "start shift": Move("direkt1177.accounts.commands.start_shift", QUEUED,
                        lambda w, s: accounts.start_shift(actor=w.nurse, shift_type=User.ShiftType.PRIMARY_ON_CALL),
                        people=True),
    "change unit": Move("direkt1177.accounts.commands.change_unit", MAIN,
                        lambda w, s: accounts.change_unit(actor=w.nurse, membership_id=w.elsewhere.pk), people=True),
    "profile": Move("direkt1177.accounts.commands.update_profile", ("waiting", "received"),
                    lambda w, s: accounts.update_profile(actor=w.nurse, first_name="Eva", last_name=f"{s}",
                                                         title="Läkare", mobile="", load_balancer=False), people=True),
    "remove role": Move("direkt1177.accounts.manage_commands.end_membership", MAIN,
                        lambda w, s: manage.end_membership(actor=w.admin, membership_id=w.nurse.membership_id,
                                                           reason=""), people=True),
    "other role": Move("direkt1177.accounts.manage_commands.grant_role", ("waiting", "received"),
                       lambda w, s: manage.grant_role(actor=w.admin, user_id=w.nurse.user_id, unit_id=w.nurse.unit_id,
                                                      role_id=factories.make_role("doctor").pk, reason=""),
                       people=True),
    "shut out": Move("direkt1177.accounts.manage_commands.set_user_active", MAIN,
                     lambda w, s: manage.set_user_active(actor=w.admin, user_id=w.nurse.user_id, active=False,
                                                         reason=""), people=True),
    "protect": Move("direkt1177.residents.commands.set_protected", ("waiting", "started"),
                    lambda w, s: residents.set_protected(actor=w.nurse, person_id=w.case.patient_id, value=True)),
    "contact details": Move("direkt1177.residents.commands.update_contact_details", QUEUED,
                            lambda w, s: residents.update_contact_details(
                                actor=w.patient, person_id=w.case.patient_id, mobile="", email=f"{s}@example.com")),
}  # fmt: skip


@dataclass
class Seen:
    """What can be observed afterwards; equal for equal orders."""

    outcomes: tuple[str, str]
    facts: dict[str, Any] = field(default_factory=dict)


def said(outcome: Any) -> str:
    """An outcome without ids and times: name of a refusal, state of a case, number of a message."""
    if isinstance(outcome, Exception):
        return type(outcome).__name__
    if isinstance(outcome, commands.Done):
        return f"{outcome.state} v{outcome.version}"
    if isinstance(outcome, commands.Sent):
        return f"sent {outcome.seq}"
    return str(outcome) if isinstance(outcome, bool | int) and outcome < 1000 else "ok"


def look(world: World, names: tuple[str, str], outcomes: tuple[Any, Any]) -> Seen:
    """Everything about the case and its people that a command may have changed."""
    case = Case.objects.get(pk=world.case.pk)
    people = {world.nurse.user_id: "nurse", world.colleague.user_id: "colleague", None: None}
    ident = str(case.public_id)
    log = ChangeLog.objects.filter(pk__gt=world.after_log)
    # An id is no outcome: which shift ended is told by the facts.
    told = [
        said(o) if n != "end shift" or isinstance(o, Exception) else "ok" for n, o in zip(names, outcomes, strict=True)
    ]
    return Seen(
        (told[0], told[1]),
        {
            "case": (case.state, people[case.holder_id], case.version, case.last_seq, case.urgency, case.sort_rank),
            "marks": (case.patient_seen_seq, case.staff_seen_seq, case.follow_up_until is not None),
            "onward": (case.resume_at is None, case.offered_at is None, case.close_kind, case.role_id),
            "messages": list(
                Message.objects.filter(case=case).order_by("seq").values_list("seq", "author", "kind", "client_id")
            ),
            "log": sorted(log.values_list("event", "from_state", "to_state")),
            "board": list(BoardStay.objects.filter(object_id=ident).order_by("pk").values_list("op", flat=True)),
            "effects": sorted(Effect.objects.filter(aggregate=f"case:{ident}").values_list("kind", "state")),
            "shifts": sorted(
                (people[u], unit == case.unit_id, role == world.nurse.role_id, end is None)
                for u, unit, role, end in Shift.objects.filter(
                    user_id__in=[world.nurse.user_id, world.colleague.user_id]
                ).values_list("user_id", "unit_id", "role_id", "ended_at")
            ),
            "offered": case.offered_at is not None,
            "offers": list(Handover.objects.filter(case=case).order_by("pk").values_list("state", flat=True)),
            "note": list(Note.objects.filter(case=case).values_list("state", "version", "sections")),
            "exports": Export.objects.filter(note__case=case).count(),
            "person": (case.patient.is_masked, case.patient.mobile == "", case.patient.email.partition("@")[0][:1]),
            "user": list(
                User.objects.filter(pk=world.nurse.user_id).values_list("is_active", "last_name", "authz_epoch")
            ),
        },
    )
