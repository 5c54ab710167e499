"""Random lives of tickets: every command and timer against an independent model (TIK-15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from cases.models import Case
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Refusal
from direkt1177.units.clock import moved
from handover.models import Acknowledgement, Ticket, Timer
from handover.tickets import commands
from handover.timers import fire
from tests.factories import key
from tests.handover.tickets import make_scene, use

OVER = ("activated", "expired", "withdrawn")


@dataclass
class Model:
    """What a ticket must be."""

    state: str
    first: datetime
    end: datetime
    urgent: bool
    due: datetime | None
    posts: int = 0


class Desk(RuleBasedStateMachine):
    """One visit at a time, up to four tickets of it; time goes forward by hand."""

    @initialize()
    def open(self) -> None:
        """Two fresh units."""
        self.at = datetime(2030, 6, 3, 8, tzinfo=UTC)
        self.models: dict[int, Model] = {}
        with moved(self.at):
            self.scene = make_scene()
        self.closed = False

    @rule(urgency=st.integers(1, 5), start=st.integers(0, 3), days=st.integers(0, 5), send=st.booleans())
    def write(self, urgency: int, start: int, days: int, send: bool) -> None:
        """*Skicka* or a draft."""
        if len(self.models) >= 4:
            return
        with moved(self.at):
            today = self.at.astimezone().date()
            first, last = today + timedelta(days=start), today + timedelta(days=start + days)
            fields = self.scene.fields(
                urgency=urgency, valid_from=first, valid_to=last, no_phone_reason="Svarar inte" if urgency < 3 else ""
            )
            act = commands.send_ticket if send else commands.save_draft
            try:
                saved = act(actor=self.scene.giver, case_id=self.scene.case.public_id, fields=fields, key=key())
            except Refusal as refusal:
                assert self.closed, refusal
                return
        assert not self.closed
        row = Ticket.objects.get(public_id=saved.public_id)
        minutes = {1: 15, 2: 120}.get(urgency)
        due = max(self.at, row.valid_from) + timedelta(minutes=minutes) if minutes else None
        due = due if send and due is not None and due < row.valid_to else None
        self.models[row.pk] = Model("sent" if send else "draft", row.valid_from, row.valid_to, urgency < 3, due)

    @rule()
    def close(self) -> None:
        """*Avsluta besök*."""
        with moved(self.at):
            try:
                self.scene.close()
            except Refusal:
                assert self.closed
                return
        assert not self.closed
        self.closed = True
        for model in self.models.values():
            model.state = {"sent": "usable", "draft": "withdrawn"}.get(model.state, model.state)

    @rule(hours=st.sampled_from([0, 1, 3, 12, 24, 72]))
    def wait(self, hours: int) -> None:
        """Time passes and the sweep runs, perhaps twice."""
        self.at += timedelta(hours=hours, minutes=1)
        with moved(self.at):
            for _ in range(2):
                for due in fire.find_due():
                    fire.fire(due)
        for model in self.models.values():
            if model.state not in ("sent", "usable"):
                continue
            if model.due is not None and model.due <= self.at:
                model.posts, model.due = model.posts + 2, None
            if model.end <= self.at:
                model.state, model.posts = "expired", model.posts + 1

    @rule(which=st.integers(0, 3))
    def withdraw(self, which: int) -> None:
        """The issuer takes one back."""
        pk = self._pick(which)
        if pk is None:
            return
        model, code = self.models[pk], self._try(
            lambda: commands.withdraw_ticket(
                actor=self.scene.giver, ticket_id=Ticket.objects.get(pk=pk).public_id, reason="Fel", key=key()
            )
        )  # fmt: skip
        expected = {"activated": "ticket_used", "expired": "ticket_expired"}.get(model.state, "")
        assert code == expected
        if not expected:
            model.state = "withdrawn"

    @rule(which=st.integers(0, 3), patient=st.booleans())
    def activate(self, which: int, patient: bool) -> None:
        """The patient uses one; staff of the receiving unit cannot."""
        pk = self._pick(which)
        if pk is None or not patient:
            return
        model, row = self.models[pk], Ticket.objects.get(pk=pk)
        code = self._try(lambda: use(row, self.scene.person))
        if model.state == "draft" or (model.state == "withdrawn" and row.sent_at is None):
            assert code == "not_found"
        elif model.state in OVER:
            assert code == {"activated": "ticket_used"}.get(model.state, f"ticket_{model.state}")
        elif model.end <= self.at:
            assert code == "ticket_expired"
        elif model.state == "sent" or self.at < model.first:
            assert code == "ticket_not_usable_yet"
        else:
            assert code == ""
            model.state = "activated"

    @invariant()
    def as_the_model_says(self) -> None:
        """States, one case per used ticket, posts, no timer left of what is over."""
        for pk, model in self.models.items():
            row = Ticket.objects.get(pk=pk)
            assert row.state == model.state
            assert (row.case_id is not None) is (model.state == "activated")
            assert Acknowledgement.objects.filter(ticket=row).count() == model.posts
            assert Acknowledgement.objects.filter(ticket=row, kind="unused_ticket").count() == (
                1 if model.state == "expired" else 0
            )
            if model.state in (*OVER, "draft"):
                assert not Timer.objects.filter(subject="ticket", subject_id=pk, fired_at=None).exists()
            ends = ChangeLog.objects.filter(object_id=str(row.public_id), to_state__in=OVER).count()
            assert ends == (1 if model.state in OVER else 0)
        assert Case.objects.filter(from_ticket=True, patient=self.scene.patient).count() == sum(
            model.state == "activated" for model in self.models.values()
        )

    def _pick(self, which: int) -> int | None:
        known = list(self.models)
        return known[which % len(known)] if known else None

    def _try(self, act: Any) -> str:
        with moved(self.at):
            try:
                act()
            except Refusal as refusal:
                return refusal.code
        return ""


@pytest.mark.req("TIK-01", "TIK-13", "TIK-15")
@pytest.mark.django_db
def test_any_order_of_what_happens_follows_the_model() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
