"""How persons reach pages (``PersonView``), and whom a resident may seek care for (ENT-14..29)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.names import MASKED, MASKED_NAME
from direkt1177.residents.numbers import dashed, shown_mobile
from direkt1177.residents.rules import OWN_SIGN_IN_FROM, Refusal, age_on, refusal_for
from direkt1177.units.clock import now

_STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as pages, frames, logs and exports may show them: masked unless protection is known to be "no"."""

    person_id: int
    public_id: UUID
    name: str
    first_name: str
    last_name: str
    personal_number: str
    personal_number_dashed: str
    birth_date: date
    age: int
    age_text: str
    sex_text: str
    mobile: str
    email: str
    protected: bool
    masked: bool
    sms_possible: bool
    register_says_yes: bool

    @property
    def initials(self) -> str:
        """Two letters for the round mark; empty when masked."""
        return "" if self.masked else f"{self.first_name[:1]}{self.last_name[:1]}".upper()


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody a resident sees when asked whom it is about.

    Attributes:
        reason: None when they can be chosen; only reasons of age are ever shown (ENT-15..17).
    """

    person: Person
    view: PersonView
    relation: Literal["self", "guardian"]
    reason: Refusal | None = None

    @property
    def allowed(self) -> bool:
        """Whether they can be chosen."""
        return self.reason is None


def today() -> date:
    """The date in Sweden by the system's clock."""
    return now().astimezone(_STOCKHOLM).date()


def age_of(birth_date: date) -> int:
    """Whole years today."""
    return age_on(birth_date, today())


def person_view(person: Person) -> PersonView:
    """The only way from a person to a page; no query."""
    masked = person.is_masked
    age = age_of(person.birth_date)
    return PersonView(
        person_id=person.pk,
        public_id=person.public_id,
        name=MASKED_NAME if masked else f"{person.first_name} {person.last_name}".strip(),
        first_name=MASKED_NAME if masked else person.first_name,
        last_name="" if masked else person.last_name,
        personal_number=person.personal_number,
        personal_number_dashed=dashed(person.personal_number),
        birth_date=person.birth_date,
        age=age,
        age_text=_age_text(person.birth_date, age),
        sex_text=str(person.Sex(person.sex).label) if person.sex in person.Sex.values else "",
        mobile=MASKED if masked else shown_mobile(person.mobile),
        email=MASKED if masked else person.email,
        protected=masked,
        masked=masked,
        # A protected person gets no SMS: nothing about them leaves the service (NOT-07).
        sms_possible=bool(person.mobile) and not masked,
        register_says_yes=person.protected == Person.Protected.YES,
    )


_ONE = Prepared(lambda person: Person.objects.filter(pk=person), 1_999_999_991)


def views_of(ids: Iterable[int]) -> dict[int, PersonView]:
    """Views by primary key, one query."""
    wanted = set(ids)
    found = _ONE.all(*wanted) if len(wanted) == 1 else Person.objects.filter(pk__in=wanted)
    return {person.pk: person_view(person) for person in found}


def people_for(person: Person, *, min_age: int = 1, own_from: int = OWN_SIGN_IN_FROM) -> list[Choice]:
    """The resident and the children they may see when asked whom it is about; one query.

    Protected children, blocked guardians and all children of a protected guardian are left out without a word
    (ENT-21, 24, 25); children who are too young or have their own sign-in are shown with the reason (ENT-15, 17).

    Args:
        person: the signed-in resident.
        min_age: policy ``min_age_years``.
        own_from: policy ``guardian_until_age``: from that birthday the young person signs in alone, hard.
    """
    own = Choice(
        person, person_view(person), "self", refusal_for(person.birth_date, today(), "self", min_age, own_from)
    )
    choices = [own]
    if person.is_masked:
        return choices
    links = (
        Guardianship.objects.filter(guardian=person, blocked=False)
        .select_related("child")
        .order_by("child__birth_date", "child_id")
    )
    for link in links:
        child = link.child
        if child.is_masked or age_of(child.birth_date) >= 18:
            continue
        reason = refusal_for(child.birth_date, today(), "guardian", min_age, own_from)
        choices.append(Choice(child, person_view(child), "guardian", reason))
    return choices


def guardians_of(child_id: int) -> list[PersonView]:
    """The child's guardians as staff see them; a blocked one is left out (ENT-21, ENT-22)."""
    links = Guardianship.objects.filter(child_id=child_id, blocked=False).select_related("guardian")
    return [person_view(link.guardian) for link in links.order_by("guardian_id")]


def _age_text(birth_date: date, age: int) -> str:
    if age >= 2:
        return _("%(n)s years") % {"n": age}
    day = today()
    months = (day.year - birth_date.year) * 12 + day.month - birth_date.month - (day.day < birth_date.day)
    if age < 1:
        months = max(months, 0)
        return ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    return _("1 year")


def info_panel(person: Person, *, responsible_id: int | None = None) -> dict[str, Any]:
    """What templates/residents/_info_panel.html shows; the caller's door has decided and logged (ENT-22, ENT-29).

    Args:
        person: the patient.
        responsible_id: primary key of the guardian who started the case, or None.
    """
    view = person_view(person)
    guardians = guardians_of(person.pk) if view.age < 18 else []
    return {"person": view, "guardians": guardians, "responsible_id": responsible_id}
