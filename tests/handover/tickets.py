"""What tests of tickets need: two care providers, an open visit, a sent and a usable ticket, its use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from cases import commands as cases
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.residents.models import Person
from direkt1177.residents.queries import today
from direkt1177.units.clock import now
from direkt1177.units.models import Closure, Region, Unit
from direkt1177.units.policies import policy
from handover.models import Ticket
from handover.tickets import commands
from handover.tickets.rules import Fields
from journal import commands as journal
from tests import factories
from tests.factories import key, make_region, make_staff, make_started_case, make_unit, resident
from triage import commands as triage
from triage.models import Interview


@dataclass
class Scene:
    """A giver with a started visit, a receiver at another care provider, the patient."""

    region: Region
    giver: StaffActor
    receiver: StaffActor
    unit: Unit
    case: Case
    patient: Person

    @property
    def person(self) -> ResidentActor:
        """The patient, signed in."""
        return resident(self.patient)

    @property
    def to(self) -> str:
        """The receiver as the picker sends it."""
        return f"role:{self.unit.pk}:{self.receiver.role_id}"

    def fields(self, **changes: Any) -> Fields:
        """A form without faults."""
        right = Fields(
            verified=True,
            urgency=3,
            reason="Halsont",
            to=self.to,
            valid_from=today(),
            valid_to=today() + timedelta(days=7),
            anamnesis="HEMLIGANAMNES för mottagaren",
            information="Välkommen till oss",
        )
        return replace(right, **changes)

    def send(self, **changes: Any) -> Ticket:
        """Send a ticket of the case."""
        saved = commands.send_ticket(
            actor=self.giver, case_id=self.case.public_id, fields=self.fields(**changes), key=key()
        )
        return Ticket.objects.get(public_id=saved.public_id)

    def close(self) -> None:
        """*Avsluta besök* of the issuing case."""
        cases.close_visit(actor=self.giver, case_id=self.case.public_id, follow_up_days=0, key=key())

    def usable(self, **changes: Any) -> Ticket:
        """A ticket that the patient can use."""
        ticket = self.send(**changes)
        self.close()
        ticket.refresh_from_db()
        return ticket


def make_scene(*, role: str = "nurse", giver_type: str = "primary_care", unit_type: str = "primary_care") -> Scene:
    """Two units of two care providers in one region, and a started visit at the first."""
    region = make_region()
    own, unit = make_unit(region=region, type=giver_type), make_unit(region=region, type=unit_type)
    giver, receiver = make_staff(own), make_staff(unit, role)
    patient = factories.make_person()
    case = make_started_case(giver, patient=patient)
    return Scene(region, giver, receiver, unit, case, patient)


def answer_all(actor: ResidentActor, interview: UUID, *, post: dict[str, Any] | None = None) -> None:
    """Everything that is asked after *Använd biljetten*, up to *Skicka*."""
    triage.answer_more(actor=actor, interview_id=interview, answers=post or {}, text="")
    triage.give_consents(actor=actor, interview_id=interview, consents={"care_history": True, "medication_list": False})
    row = Interview.objects.select_related("unit__provider__region").get(public_id=interview)
    triage.accept_fee(actor=actor, interview_id=interview, text_version=policy(row.unit).fee_text_version)


def use(ticket: Ticket, actor: ResidentActor, *, post: dict[str, Any] | None = None) -> Case:
    """Use a ticket from end to end; the new case."""
    interview = commands.begin_ticket(actor=actor, ticket_id=ticket.public_id, key=key())
    answer_all(actor, interview, post=post)
    return Case.objects.get(public_id=triage.send_interview(actor=actor, interview_id=interview, key=key()))


def close_unit(unit: Unit, *, days: int) -> Closure:
    return Closure.objects.create(
        unit=unit, kind="planned", starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(days=days),
        grounds="training", reason="Utbildning", manager="Chef", chain="form_to_operator", status="approved",
        requested_at=now(),
    )  # fmt: skip


def sign(scene: Scene, text: str) -> None:
    journal.sign_note(
        actor=scene.giver, case_id=scene.case.public_id, texts=note_texts(scene.case, text), version=0,
        same_patient=True, key=key(),
    )  # fmt: skip


def note_texts(case: Case, text: str) -> list[str]:
    return [text, *[""] * (max(len(policy(case.unit).note_keywords), 1) - 1)]
