"""The person register behind a port: PU-tjänsten in production, a simulator in the demo (ENT-18, ENT-28)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from direkt1177.residents.models import Guardianship, Person, SimulatedAnswer


class RegisterUnavailableError(RuntimeError):
    """The register did not answer; ask again later."""


@dataclass(frozen=True, slots=True)
class Child:
    """A child in the register and whether this guardian is blocked from representing it."""

    personal_number: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """What the register says of a person; ``protected`` is ``yes``, ``no`` or ``unknown``."""

    first_name: str
    last_name: str
    birth_date: date
    sex: str
    protected: str
    children: tuple[Child, ...] = ()


class PersonRegister(Protocol):
    """Answers who a person is."""

    def lookup(self, personal_number: str) -> RegisterAnswer | None:
        """The register's answer; None when it does not know the person.

        Raises:
            RegisterUnavailableError: no answer now.
        """


class NoRegister:
    """For an installation without a person register: nobody is known, and everybody stays masked."""

    def lookup(self, personal_number: str) -> RegisterAnswer | None:
        """Refuse.

        Raises:
            RegisterUnavailableError: always.
        """
        raise RegisterUnavailableError("no person register is set up")


class SimulatorRegister:
    """Answers from our own rows, unless a ``SimulatedAnswer`` says something else."""

    def lookup(self, personal_number: str) -> RegisterAnswer | None:
        """The simulated answer; ``{"unavailable": true}`` in the row simulates a failure."""
        own = self._own(personal_number)
        row = SimulatedAnswer.objects.filter(personal_number=personal_number).first()
        if row is None:
            return own
        said: dict[str, Any] = dict(row.answer)
        if not said:
            return None
        if said.get("unavailable"):
            raise RegisterUnavailableError("simulated")
        children = said.get("children")
        return RegisterAnswer(
            first_name=said.get("first_name", own.first_name if own else ""),
            last_name=said.get("last_name", own.last_name if own else ""),
            birth_date=own.birth_date if own else date.fromisoformat(said["birth_date"]),
            sex=said.get("sex", own.sex if own else "unknown"),
            protected=said.get("protected", "unknown"),
            children=(own.children if own else ()) if children is None else tuple(Child(**child) for child in children),
        )

    def _own(self, personal_number: str) -> RegisterAnswer | None:
        person = Person.objects.filter(personal_number=personal_number).first()
        if person is None:
            return None
        links = Guardianship.objects.filter(guardian=person).select_related("child").order_by("id")
        return RegisterAnswer(
            first_name=person.first_name,
            last_name=person.last_name,
            birth_date=person.birth_date,
            sex=person.sex,
            protected=person.protected,
            children=tuple(Child(link.child.personal_number, link.blocked) for link in links),
        )


@dataclass(frozen=True, slots=True)
class RegisterActor:
    """The register as actor in the log."""

    kind: ClassVar[str] = "system"
    key: ClassVar[str] = "system"
    name: ClassVar[str] = "person register"
    role_name: ClassVar[str] = ""
    unit_id: ClassVar[int | None] = None
    provider_id: ClassVar[int | None] = None


def person_register() -> PersonRegister:
    """The configured register."""
    return cast("PersonRegister", import_string(settings.PERSON_REGISTER)())
