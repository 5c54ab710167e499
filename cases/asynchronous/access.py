"""Doors of asynchronous cases: lists, and the search for a patient before care writes first (ASY-02, ASY-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from cases.access import OpenCase, resident_case
from cases.asynchronous import queries, rules
from cases.asynchronous.errors import NobodyToWriteTo, NoSuchPerson, TooManySearches
from cases.asynchronous.queries import FollowUpRow, Whose
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.models import ReadLog
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.numbers import parse_personal_number
from direkt1177.residents.queries import age_of
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy

T = TypeVar("T")
_PERSON = "person"


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom it is about, and who would read and write: the patient, or the guardians of a child.

    Attributes:
        lacks: what policy wants first, for each in the order of ``people``.
    """

    patient: Person
    people: list[Person]
    lacks: list[list[rules.Lack]]


def list_follow_ups(*, actor: AnyActor | None, tab: str, whose: Whose, until: object = None) -> list[FollowUpRow]:
    """*Asynkrona* of a person or role; one row in the log names the patients shown, which are the actor's own.

    Raises:
        NotFound: not staff.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    who = actor

    def read() -> list[FollowUpRow]:
        rows = queries.rows_of(who, tab, whose, until=until)  # type: ignore[arg-type]
        patients = sorted({row.patient_id for row in rows if row.own})
        log_read(actor=who, action="list", object_type="list", object_id=tab, patients=patients, basis="holder")
        return rows

    return _logged(read)


def search_person(*, actor: StaffActor, number: str, purpose: str) -> Person:
    """Find somebody by full personal identity number; each search is logged with its purpose, at most 30 a minute.

    Args:
        actor: at an active unit.
        number: as typed, 12 digits or 10 with a mark.
        purpose: why, in the searcher's words.

    Raises:
        TooManySearches: logged ones within the last minute.
        NoSuchPerson: nobody, or no such number; logged too.
        NumberError: not a number.
    """
    digits = parse_personal_number(number).digits

    def read() -> Person | None:
        lately = ReadLog.objects.filter(actor_key=actor.key, action="search", at__gt=Now() - timedelta(minutes=1))
        if lately.count() >= rules.SEARCHES_A_MINUTE:
            raise TooManySearches
        person = Person.objects.filter(personal_number=digits).first()
        _log_search(actor, person, basis="search", reason=purpose)
        return person

    found = _logged(read)
    if found is None:
        raise NoSuchPerson
    return found


def admit(*, actor: StaffActor, person: Person, basis: str, reason: str) -> None:
    """Write down why the actor may begin a case for a person: it is in their case, or it calls them (ASY-07)."""
    _logged(lambda: _log_search(actor, person, basis=basis, reason=reason))


def recipients(*, actor: AnyActor | None, person_id: UUID) -> Recipients:
    """Whom care may write to about a person that the actor has searched for within the last hour.

    Raises:
        NotFound: not searched for.
        NobodyToWriteTo: a child without a guardian who may act.
    """
    if not isinstance(actor, StaffActor):
        raise NotFound
    searched = ReadLog.objects.filter(
        actor_key=actor.key, unit_id=actor.unit_id, action="search", object_type=_PERSON, object_id=str(person_id),
        at__gt=Now() - rules.SEARCH_HOLDS,
    )  # fmt: skip
    patient = Person.objects.filter(public_id=person_id).first() if searched.exists() else None
    if patient is None:
        raise NotFound
    settings = policy(Unit.objects.select_related("provider__region").get(pk=actor.unit_id))
    people = _readers(patient, settings.guardian_until_age)
    if not people:
        raise NobodyToWriteTo
    wanted = settings.care_initiated_precondition
    return Recipients(
        patient, people, [queries.lacking_for(person, wanted, provider_id=actor.provider_id) for person in people]
    )


def rateable_case(*, actor: AnyActor | None, public_id: UUID) -> OpenCase:
    """A closed case that the resident who wrote in it may answer about, or may once have.

    Raises:
        NotFound: absent, forbidden, only read, or never asked about.
    """
    opened = resident_case(actor=actor, public_id=public_id, log=None)
    case = opened.case
    if not opened.works or not rules.may_rate(case.state, close_kind=case.close_kind, rated=False):
        raise NotFound
    return opened


def _readers(patient: Person, own_from: int) -> list[Person]:

    if age_of(patient.birth_date) >= own_from:
        return [patient]
    if patient.is_masked:
        return []
    links = Guardianship.objects.filter(child=patient, blocked=False).select_related("guardian").order_by("pk")
    return [link.guardian for link in links if not link.guardian.is_masked]


def _log_search(actor: StaffActor, person: Person | None, *, basis: str, reason: str) -> None:
    log_read(
        actor=actor,
        action="search",
        object_type=_PERSON,
        object_id=str(person.public_id) if person else "",
        patients=[person.pk] if person else [],
        basis=basis,
        reason=reason[: rules.PURPOSE_LIMIT],
    )


def _logged(read: Callable[[], T]) -> T:
    """No log, no data: reading and its log row commit together (S-24)."""
    with transaction.atomic():
        return read()
