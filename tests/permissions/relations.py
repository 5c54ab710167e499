"""Everybody who may stand around one case: who they are, and a browser of theirs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, User
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.models import Guardianship, Person
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from tests.accounts.test_commands import make_admin
from tests.calls.calling import accept, ask
from tests.factories import key, make_case, make_child, make_person, make_staff, resident
from tests.signing_in import admin_client, resident_client, staff_client

RELATIONS = (
    "holder",
    "own-role nurse",
    "other role",
    "other unit",
    "coordinator",
    "statistics",
    "admin only",
    "patient",
    "responsible guardian",
    "other guardian",
    "blocked guardian",
    "stranger",
    "ended membership",
    "signed out",
)
STATES = ("waiting", "started")


@dataclass
class Cast:
    """A case in some state, and everybody around it.

    The patient is a child of six with its responsible guardian; in the relation ``patient`` a case of an adult is
    looked at instead, for a child has no sign-in of its own.
    """

    case: Case
    holder: StaffActor
    starter: Person
    patient: Person
    unit: Unit
    call: uuid.UUID = field(default_factory=uuid.uuid4)  # accepted by who wrote, in a started case

    def client(self, relation: str) -> Client:
        """A browser of somebody in that relation."""
        return self._browsers()[relation]()

    def actor(self, relation: str) -> AnyActor | None:
        """The same person as commands, feeds and actions see them; None for who can be no actor there."""
        from direkt1177.accounts.queries import actor_from_session

        return actor_from_session(self.client(relation).session)

    def _browsers(self) -> dict[str, Callable[[], Client]]:
        return {
            "holder": lambda: staff_client(self.holder),
            "own-role nurse": lambda: staff_client(make_staff(self.unit)),
            "other role": lambda: staff_client(make_staff(self.unit, role="doctor")),
            "other unit": lambda: staff_client(make_staff()),
            "coordinator": self._coordinator,
            "statistics": lambda: self._manager("statistics"),
            "admin only": lambda: self._manager("user_admin", "configuration_admin"),
            "patient": lambda: resident_client(self.patient),
            "responsible guardian": lambda: resident_client(self.starter),
            "other guardian": lambda: self._guardian(blocked=False),
            "blocked guardian": lambda: self._guardian(blocked=True),
            "stranger": lambda: resident_client(make_person()),
            "ended membership": self._ended,
            "signed out": Client,
        }

    def _coordinator(self) -> Client:
        actor = make_staff(self.unit)
        AdminPermission.objects.create(user_id=actor.user_id, unit=self.unit, kind="coordinator")
        return staff_client(actor)

    def _manager(self, *kinds: str) -> Client:
        return admin_client(User.objects.get(pk=make_admin(self.unit, *kinds).user_id))

    def _guardian(self, *, blocked: bool) -> Client:
        person = make_person()
        Guardianship.objects.create(guardian=person, child=self.patient, blocked=blocked)
        return resident_client(person)

    def _ended(self) -> Client:
        actor = make_staff(self.unit)
        client = staff_client(actor)
        Membership.objects.filter(pk=actor.membership_id).update(ended_at=now())
        return client


def make_cast(relation: str, state: str) -> Cast:
    """The case for a relation: an adult's own in ``patient``, else a child's, waiting or started."""
    holder = make_staff()
    starter = make_person()
    patient = starter if relation == "patient" else make_child(starter)
    unit = Unit.objects.get(pk=holder.unit_id)
    case = make_case(unit, patient=patient, started_by=starter, free_text="KANARIEORD")
    if state == "started":
        commands.receive_case(actor=holder, case_id=case.public_id, key=key())
        commands.start_visit(actor=holder, case_id=case.public_id, key=key())
        commands.send_message(actor=resident(starter), case_id=case.public_id, client_id=key(), text="KANARIEPRAT")
        call = accept(case, ask(holder, case)).public_id
        case.refresh_from_db()
        return Cast(case, holder, starter, patient, unit, call)
    return Cast(case, holder, starter, patient, unit)


def refused(call: Callable[[], Any]) -> str:
    """``yes``, or the code of the refusal."""
    try:
        call()
    except NotFound as refusal:
        return refusal.code
    return "yes"
