"""The site under attack: a nurse, a patient, their cases and an interview; every address with real ids in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests.accounts.test_commands import make_admin
from tests.factories import make_case, make_person, make_received_case, make_role, make_staff, make_started_case
from tests.permissions.addresses import addresses
from tests.signing_in import admin_client, resident_client, staff_client
from tests.triage.walking import Walk

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# Signing out or ending the shift in the middle would leave the rest of the attack at the door.
SPARED = {"accounts:staff_sign_out", "accounts:resident_sign_out"}
SWEDISH = re.compile(r"[åäöÅÄÖ]|[Ss]idan|[Ff]el|inte")


@dataclass
class Target:
    """Who is signed in where, what may be aimed at, and what went wrong so far."""

    nurse: StaffActor
    patient: Person
    cases: list[Case]
    clients: dict[str, Client]
    interview: str
    sent: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def feeds(self) -> list[str]:
        """Feeds that exist, allowed and not."""
        chats = [f"chat:{case.public_id}:{side}" for case in self.cases for side in ("patient", "staff")]
        own = [
            f"me:{self.nurse.key}",
            f"me:person:{self.patient.pk}",
            f"queue:{self.nurse.unit_id}:{self.nurse.role_id}",
        ]
        return [*chats, *own, f"queue:{self.nurse.unit_id}:{9 * 10**18}", "me:staff:", "chat::patient", "x:y"]

    def paths(self) -> list[tuple[str, str]]:
        """Name and path of every address, with ids that exist where there are some."""
        found = []
        for address in addresses():
            if address.name in SPARED:
                continue
            if address.name.startswith("triage:") and not address.name.endswith("_panel"):
                found.append((address.name, _ID.sub(self.interview, address.path).replace("987654", "1")))
            else:
                found += [
                    (address.name, path)
                    for path in dict.fromkeys(_ID.sub(str(case.public_id), address.path) for case in self.cases)
                ]
        return found

    def judge(self, what: str, response: HttpResponseBase) -> None:
        """Count an answer; anything but a clear one is noted."""
        self.sent += 1
        status = response.status_code
        if status >= 500:
            self.wrong.append(f"{status}: {what}")
        elif status >= 400 and response.get("Content-Type", "").startswith("text/html"):
            text: Any = getattr(response, "content", b"").decode(errors="replace")
            if text and ("Traceback" in text or not SWEDISH.search(text)):
                self.wrong.append(f"{status} not in Swedish: {what}: {text[:80]!r}")


def make_target() -> Target:
    """A running visit, a received and a waiting case, and an interview at its first question."""
    for role in ("nurse", "medical_admin"):
        make_role(role)
    nurse = make_staff()
    unit = Unit.objects.get(pk=nurse.unit_id)
    patient = make_person(listed_unit=unit, sex="female")
    cases = [
        make_started_case(nurse, patient=patient),
        make_received_case(nurse, patient=patient),
        make_case(unit, patient=patient),
    ]
    admin = make_admin(unit, "user_admin", "configuration_admin", "statistics")
    clients = {
        "nurse": staff_client(nurse),
        "resident": resident_client(patient),
        "admin": admin_client(User.objects.get(pk=admin.user_id)),
        "nobody": Client(),
    }
    walk = Walk(clients["resident"])
    walk.begin(patient)
    walk.describe()
    interview = str(walk.interview.public_id)
    for client in clients.values():
        client.raise_request_exception = False
    return Target(nurse, patient, cases, clients, interview)
