"""Random weeks of a clinic with two units and a second care provider: nothing is ever nobody's.

Commands are called by whoever, in any order, refused or not, some struck down just before COMMIT; time moves from
minutes to days and the tick runs now and then. After each step the invariants of the house are asked of the database,
by SQL of their own: I-01 to I-08, I-10, I-11, I-14 and I-28.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases import commands, tasks
from cases.models import Case, Message
from direkt1177.accounts import manage_commands as manage
from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.commands import start_shift
from direkt1177.accounts.models import AdminPermission, Membership
from direkt1177.accounts.queries import staff_actor
from direkt1177.audit import record as recording
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.units.clock import moved
from handover.models import Handover, Ticket, Timer
from handover.offers import commands as offers
from handover.offers.picker import Choice
from handover.shifts import commands as shifts
from handover.shifts import release_commands as releasing
from handover.shifts.invariants import orphans
from handover.shifts.rules import Choice as Left
from handover.shifts.settle import Wish
from handover.tickets.commands.saving import send_ticket
from handover.tickets.commands.withdrawing import withdraw_ticket
from handover.tickets.rules import Fields
from handover.timers.sweep import sweep
from tests import factories

STAFF = ("anna", "bo", "doctor", "next_door", "elsewhere")
# Nearly always whoever holds the case, so that long ways through its life are walked often.
WHO = st.sampled_from(["holder"] * 6 + list(STAFF))
TAKERS = st.sampled_from(["anna", "bo", "anna", "bo", *STAFF])
RARELY = st.sampled_from([True, False, False, False, False, False])
WHICH = st.sampled_from([0, 0, 0, 1, 1, 2])
SPANS = [timedelta(minutes=m) for m in (1, 5, 20, 20, 45, 120, 120, 540, 4320)]


class _Struck(Exception):  # noqa: N818 - named for what happened
    """The power went out before COMMIT."""


class Life(RuleBasedStateMachine):
    """Up to three cases, five staff at three units, one patient each."""

    @initialize()
    def open(self) -> None:
        """New units for every example; nothing is shared."""
        self.at = datetime(2030, 6, 3, 7, tzinfo=UTC)  # a Monday, 09.00
        self.unit = factories.make_unit()
        region, provider = self.unit.provider.region, self.unit.provider
        self.near = factories.make_unit(region=region, provider=provider)
        self.far = factories.make_unit(region=region)
        factories.set_policy(self.unit, "handover_target", ["role", "signed_in_colleague"])
        factories.set_policy(self.unit, "interunit_handover_role", "any")
        factories.set_policy(
            self.unit, "end_of_day_options", ["hand_over_to_role", "make_asynchronous", "pause", "close_and_book"]
        )
        with moved(self.at):
            self.staff: dict[str, StaffActor] = {
                "anna": factories.make_staff(self.unit),
                "bo": factories.make_staff(self.unit),
                "doctor": factories.make_staff(self.unit, "doctor"),
                "next_door": factories.make_staff(self.near),
                "elsewhere": factories.make_staff(self.far),
            }
        for kind in ("coordinator", "user_admin"):
            AdminPermission.objects.create(user_id=self.staff["bo"].user_id, unit=self.unit, kind=kind)
        self.cases: list[Case] = []
        self.ended: dict[int, str] = {}
        self.first_log = ChangeLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        for urgency in (2, None):
            self.new_case(urgency)
            self.take(len(self.cases) - 1, "anna", strike=False)
            self.start(len(self.cases) - 1, "anna")

    def actor(self, name: str) -> StaffActor:
        """As the next request would see them: shift and permissions of now."""
        old = self.staff[name]
        return staff_actor(user_id=old.user_id, membership_id=old.membership_id) or old

    def do(self, call: Callable[[], Any], *, strike: bool = False) -> bool:
        """A command that is done, refused, or struck down at its last statement; refused and struck change nothing."""
        self.at += timedelta(seconds=1)
        before = self.snapshot()
        with moved(self.at):
            try:
                if strike:
                    with patch.object(recording, "flush", side_effect=_Struck):
                        call()
                else:
                    call()
            except (Refusal, _Struck):
                assert self.snapshot() == before, "half done"
                return False
        return True

    def snapshot(self) -> list[Any]:
        """What must not change when nothing was done: cases, chats, offers, tickets."""
        ids = [case.pk for case in self.cases]
        return [
            list(Case.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "version", "state", "last_seq")),
            Message.objects.filter(case_id__in=ids).count(),
            list(Handover.objects.filter(case_id__in=ids).order_by("pk").values_list("pk", "state")),
            list(Ticket.objects.filter(issuing_case_id__in=ids).order_by("pk").values_list("pk", "state")),
        ]

    def pick(self, which: int, who: str) -> tuple[Case, StaffActor]:
        """A case as it is now, and who is meant."""
        case = Case.objects.get(pk=self.cases[which % len(self.cases)].pk)
        if who == "holder":
            who = next((n for n, actor in self.staff.items() if actor.user_id == case.holder_id), "anna")
        return case, self.actor(who)

    def new_case(self, urgency: int | None) -> None:
        """A patient sends a case."""
        with moved(self.at):
            self.cases.append(factories.make_case(self.unit, patient=factories.make_person(), urgency=urgency))

    @rule(urgency=st.sampled_from([None, 1, 3]), who=TAKERS)
    def send_another(self, urgency: int | None, who: str) -> None:
        """Another patient, taken at once by somebody; instead of the one whose visit is over."""
        over = [case for case in self.cases if Case.objects.filter(pk=case.pk, state="closed").exists()]
        if len(self.cases) < 3 or over:
            for case in over[:1]:
                self.cases.remove(case)
            self.new_case(urgency)
            self.take(len(self.cases) - 1, who, strike=False)
            self.start(len(self.cases) - 1, who)

    @rule(which=WHICH, who=TAKERS, strike=RARELY)
    def take(self, which: int, who: str, strike: bool) -> None:
        """*Ta emot*, which accepts an offer too; whoever has no shift comes to work first."""
        case, actor = self.pick(which, who)
        if actor.shift_id is None:
            self.come_to_work(who)
            actor = self.actor(who)
        self.do(lambda: commands.receive_case(actor=actor, case_id=case.public_id, key=factories.key()), strike=strike)

    @rule(who=TAKERS)
    def take_next(self, who: str) -> None:
        """*Ta emot nästa*."""
        actor = self.actor(who)
        self.do(lambda: commands.receive_next_case(actor=actor, key=factories.key()))

    @rule(which=WHICH, who=WHO)
    def start(self, which: int, who: str) -> None:
        """*Starta besök*."""
        case, actor = self.pick(which, who)
        self.do(lambda: commands.start_visit(actor=actor, case_id=case.public_id, key=factories.key()))

    @rule(which=WHICH, who=WHO)
    def write(self, which: int, who: str) -> None:
        """Staff write; only the holder can (I-06)."""
        case, actor = self.pick(which, who)
        send = commands.send_message
        if self.do(lambda: send(actor=actor, case_id=case.public_id, client_id=factories.key(), text="Hej")):
            assert case.holder_id == actor.user_id
            assert case.unit_id == actor.unit_id

    @rule(which=WHICH)
    def answer(self, which: int) -> None:
        """The patient writes; never into what is over (I-10)."""
        case, _actor = self.pick(which, "anna")
        patient = factories.resident(case.patient)
        send = commands.send_message
        if self.do(lambda: send(actor=patient, case_id=case.public_id, client_id=factories.key(), text="Hej")):
            assert case.started_at is not None
            assert case.closed_at is None or (case.follow_up_until is not None and self.at < case.follow_up_until)

    @rule(
        which=WHICH, who=WHO, to=st.sampled_from(["nurse", "doctor", "bo", "doctor_person", "near"]), hit=st.booleans()
    )
    def offer(self, which: int, who: str, to: str, hit: bool) -> None:
        """*Lämna över besök*, to a role, a colleague or the unit next door."""
        case, actor = self.pick(which, who)
        role = factories.make_role("doctor" if to == "doctor" else "nurse").pk
        person = {"bo": "bo", "doctor_person": "doctor"}.get(to)
        choice = Choice(
            unit_id=self.near.pk if to == "near" else self.unit.pk,
            role_id=None if person else role,
            user_id=self.staff[person].user_id if person else None,
        )
        offering = offers.Offering(to=choice, patient_message="Jag lämnar över.", documented_first=True)
        self.do(
            lambda: offers.offer_case(actor=actor, case_id=case.public_id, offering=offering, key=factories.key()),
            strike=hit,
        )

    @rule(which=WHICH, to=st.sampled_from(["nurse", "doctor", "bo", "near"]))
    def pass_on(self, which: int, to: str) -> None:
        """An offer that is taken at once by somebody it is for."""
        self.offer(which, "holder", to, False)
        self.take(which, {"nurse": "bo", "near": "next_door"}.get(to, to), strike=False)

    @rule(which=WHICH, who=WHO, how=st.sampled_from(["withdraw", "decline", "accept"]))
    def decide(self, which: int, who: str, how: str) -> None:
        """An offer, old or new, is withdrawn, declined, or accepted after its giver went home."""
        case, actor = self.pick(which, who)
        offer = Handover.objects.filter(case=case).order_by("-pk").first()
        if offer is None:
            return
        ident, key = offer.public_id, factories.key()
        calls: dict[str, Callable[[], Any]] = {
            "withdraw": lambda: offers.withdraw_offer(actor=actor, offer_id=ident, key=key),
            "decline": lambda: offers.decline_offer(actor=actor, offer_id=ident, reason="Fullt", key=key),
            "accept": lambda: offers.accept_fallen_offer(actor=actor, offer_id=ident, key=key),
        }
        self.do(calls[how])

    @rule(which=WHICH, who=WHO, days=st.sampled_from([0, 0, 2]))
    def close(self, which: int, who: str, days: int) -> None:
        """*Avsluta besök*, with or without follow-up."""
        case, actor = self.pick(which, who)
        self.do(
            lambda: commands.close_visit(actor=actor, case_id=case.public_id, follow_up_days=days, key=factories.key())
        )

    @rule(which=WHICH, who=WHO, hours=st.sampled_from([3, 24]))
    def pause(self, which: int, who: str, hours: int) -> None:
        """*Pausa besök*."""
        case, actor = self.pick(which, who)
        until = self.at + timedelta(hours=hours)
        self.do(
            lambda: commands.pause_visit(
                actor=actor, case_id=case.public_id, resume_at=until, message="Vi fortsätter.", key=factories.key()
            )
        )

    @rule(which=WHICH, who=WHO)
    def ticket(self, which: int, who: str) -> None:
        """A ticket to the other care provider."""
        case, actor = self.pick(which, who)
        role = factories.make_role("nurse").pk
        today = self.at.date()
        fields = Fields(
            verified=True, urgency=3, reason="Halsont", to=f"role:{self.far.pk}:{role}",
            valid_from=today, valid_to=today + timedelta(days=3),
        )  # fmt: skip
        self.do(lambda: send_ticket(actor=actor, case_id=case.public_id, fields=fields, key=factories.key()))

    @rule(which=WHICH, who=WHO)
    def take_ticket_back(self, which: int, who: str) -> None:
        """The latest ticket is withdrawn."""
        case, actor = self.pick(which, who)
        ticket = Ticket.objects.filter(issuing_case=case).order_by("-pk").first()
        if ticket is not None:
            self.do(lambda: withdraw_ticket(actor=actor, ticket_id=ticket.public_id, reason="Fel", key=factories.key()))

    @rule(who=TAKERS, choice=st.sampled_from(["none", *[c.value for c in Left]]), strike=RARELY, late=RARELY)
    def go_home(self, who: str, choice: str, strike: bool, late: bool) -> None:
        """*Avsluta skift*, with one choice for all that is left."""
        if not late:
            return
        actor = self.actor(who)
        held = Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id)
        role = factories.make_role("nurse").pk
        wishes = [
            Wish(
                case=str(case.public_id), choice=Left(choice), role_id=role, text="Vi hörs.", days=2,
                day=(self.at + timedelta(days=1)).date(), booked_for=self.at + timedelta(days=2), booked_where="App",
            )
            for case in held.order_by("pk")
        ] if choice != "none" else []  # fmt: skip
        if self.do(
            lambda: shifts.end_shift(actor=actor, satisfied=True, key=factories.key(), wishes=wishes), strike=strike
        ):
            gone = self.actor(who)
            if gone.shift_id is None:
                left = Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id)
                assert set(left.values_list("state", flat=True)) <= {"paused", "asynchronous"}

    @rule(who=TAKERS)
    def come_to_work(self, who: str) -> None:
        """A shift begins."""
        actor = self.actor(who)
        self.do(lambda: start_shift(actor=actor, shift_type="primary_on_call"))

    @rule(which=WHICH, who=st.sampled_from(["bo", "bo", "bo", "anna", "elsewhere"]))
    def release(self, which: int, who: str) -> None:
        """*Frigör ärendet*; only the coordinator can."""
        case, actor = self.pick(which, who)
        if self.do(
            lambda: releasing.release_held_case(actor=actor, case_id=case.public_id, reason="Sjuk", key=factories.key())
        ):
            assert who == "bo"

    @rule(really=RARELY)
    def anna_quits(self, really: bool) -> None:
        """Manage ends a membership: what she held does not stay hers (I-11)."""
        if not really:
            return
        row = Membership.objects.filter(user_id=self.staff["anna"].user_id, unit=self.unit, ended_at=None).first()
        if row is not None:
            admin = ManageActor(user_id=self.staff["bo"].user_id, name="Bo")
            self.do(lambda: manage.end_membership(actor=admin, membership_id=row.pk, reason="Slutar"))
            held = Case.objects.filter(holder_id=row.user_id, unit=self.unit)
            assert not held.exists()

    @rule(span=st.sampled_from(SPANS), down=st.booleans())
    def time_goes(self, span: timedelta, down: bool) -> None:
        """Time passes; the tick runs, or is down."""
        self.at += span
        if not down:
            self.tick()

    @rule()
    def tick(self) -> None:
        """Two sweeps and the end of follow-ups: what is due has fired, once (I-28), and closes nobody (I-08)."""
        closed = self._closings()
        with moved(self.at):
            sweep()
            tasks.end_follow_ups()
            sweep()
            ids = [case.pk for case in self.cases]
            late = Timer.objects.filter(subject="case", subject_id__in=ids, fired_at=None, due_at__lte=self.at)
            assert not late.exists(), list(late.values_list("kind", "due_at", "data"))
        assert self._closings() == closed

    def _closings(self) -> int:
        return ChangeLog.objects.filter(pk__gt=self.first_log, event="visit_closed").count()

    @invariant()
    def nothing_is_nobodys(self) -> None:
        """I-01, I-02, I-03, I-05, I-08, I-11, I-14, asked of the rows."""
        if not getattr(self, "cases", None):
            return
        ids = [case.pk for case in self.cases]
        with moved(self.at):
            mine = {str(case.public_id) for case in self.cases}
            assert not [one for one in orphans() if str(one.public_id) in mine]
        for case in Case.objects.filter(pk__in=ids):
            waits = case.state == "waiting"
            assert waits == (case.holder_id is None) or case.state in ("closed", "cancelled")
            if waits:
                assert (case.queue_unit, case.queue_role) == (case.unit_id, case.role_id)
            assert case.provider_id == self.unit.provider_id, "only tickets go to another care provider"
            pending = Handover.objects.filter(case=case, state="pending")
            assert pending.count() <= 1
            assert (case.offered_at is not None) <= pending.exists()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM cases_case c WHERE id = ANY(%s) AND last_seq <> "
                "(SELECT count(DISTINCT seq) FROM cases_message m"
                " WHERE m.case_id = c.id AND seq BETWEEN 1 AND c.last_seq)",
                [ids],
            )
            assert cursor.fetchone() == (0,)
        for pk, state in Handover.objects.filter(case_id__in=ids).values_list("pk", "state"):
            if state != "pending":
                assert self.ended.setdefault(pk, state) == state, "an offer ended twice"
        assert not Ticket.objects.filter(issuing_case_id__in=ids, state="usable", issuing_case__closed_at=None).exists()

    @invariant()
    def the_log_is_a_chain(self) -> None:
        """I-02: every change of state in the log begins where the one before it ended."""
        for case in getattr(self, "cases", ()):
            rows = ChangeLog.objects.filter(
                pk__gt=self.first_log, object_type="case", object_id=str(case.public_id)
            ).exclude(to_state="")
            state = ""
            for before, after in rows.order_by("pk").values_list("from_state", "to_state"):
                assert before == state or (before == after and state in ("", before)), (before, state)
                state = after

    def teardown(self) -> None:
        """Nobody but people closed anything (I-08)."""
        if getattr(self, "cases", None):
            log = ChangeLog.objects.filter(pk__gt=self.first_log, event="visit_closed")
            assert not log.exclude(actor_kind="staff").exists()


@pytest.mark.django_db
@pytest.mark.req("HOV-01", "HOV-02", "HOV-08", "HOV-11", "HOV-16", "SHF-05", "INA-02", "TIK-06")
def test_random_weeks_leave_no_case_without_a_responsible() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
