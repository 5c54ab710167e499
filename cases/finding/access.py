"""The doors of finding: decide, log the read in the same transaction, leave out what is not for this actor.

Inner secrecy: at the own unit state and holder, content by the rules of ``cases.access``; of other units of the same
care provider only that there is a visit, where and in which month; of other providers nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from cases import access as case_access
from cases.errors import HeldByColleague
from cases.finding import queries, rules
from cases.finding.errors import SearchOver
from cases.finding.models import Opening, Search
from cases.models import Case
from cases.queries import case_by_id
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.models import Person
from direkt1177.residents.queries import PersonView, person_view
from direkt1177.units.clock import now
from direkt1177.units.names import unit_names_at

MOST = 50


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """A visit at the own unit, or one that the actor may open anyway; ``basis`` is empty when it may not be opened."""

    case: Case
    basis: str

    @property
    def previews(self) -> bool:
        """Whether the way in is the preview."""
        return self.basis in case_access.PREVIEW_BASES

    @property
    def held_by(self) -> str:
        """The colleague, when one holds it and it does not open."""
        return self.case.holder.full_name if not self.basis and self.case.holder else ""


@dataclass(frozen=True, slots=True)
class OtherVisit:
    """*Besök finns*: nothing but where and in which month."""

    public_id: UUID
    unit: str
    month: datetime


@dataclass(frozen=True, slots=True)
class Visits:
    """What may be shown of one patient."""

    here: list[OwnVisit]
    elsewhere: list[OtherVisit]


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search; without ``person`` when there is nothing to show, whatever the reason."""

    search: Search
    person: PersonView | None
    visits: Visits


def is_coordinator(actor: StaffActor) -> bool:
    """Whether the actor is coordinating nurse at the unit (ORG-22)."""
    return "coordinator" in actor.permissions


def may_be_shown(actor: StaffActor, person: Person) -> bool:
    """Whether it may be told that the service knows this person: a visit at the own care provider, or listed there."""
    listed = person.listed_unit
    if listed is not None and listed.provider_id == actor.provider_id:
        return True
    return Case.objects.filter(patient=person, provider_id=actor.provider_id).exists()


def found(*, actor: StaffActor, search_id: UUID) -> Found:
    """The result of one's own search, for as long as it holds; logged each time it is shown (QUE-21).

    Raises:
        NotFound: absent, somebody else's, or made at another unit.
        SearchOver: it is older than ``SEARCH_LASTS``.
    """
    with transaction.atomic():
        search = Search.objects.select_related("person__listed_unit").filter(public_id=search_id).first()
        if search is None or (search.user_id, search.unit_id) != (actor.user_id, actor.unit_id):
            raise NotFound
        if search.at <= now() - rules.SEARCH_LASTS:
            raise SearchOver
        person = search.person
        if person is None or not may_be_shown(actor, person):
            return Found(search, None, Visits([], []))
        _log(actor, "search_result", "search", [person.pk])
        return Found(search, person_view(person), visits_of(actor, person.pk))


def visits_of(actor: StaffActor, patient_id: int, *, besides: int | None = None) -> Visits:
    """Visits of a patient as this actor may see them; the same number of queries however many there are.

    Args:
        actor: who looks.
        patient_id: whose; the caller's door has decided that the actor may look.
        besides: primary key of the visit already on the screen.
    """
    cases = queries.of_patient(patient_id, provider_id=actor.provider_id)
    rows = list(cases.exclude(pk=besides)[:MOST] if besides else cases[:MOST])
    bases = case_access.bases_of(actor, rows)
    names = unit_names_at([(case.unit, case.arrived_at) for case in rows])  # as they were then (UCH-03)
    here, elsewhere = [], []
    for case in rows:
        if case.unit_id == actor.unit_id or case.pk in bases:
            here.append(OwnVisit(case, bases.get(case.pk, "")))
        else:
            elsewhere.append(OtherVisit(case.public_id, names[case.unit_id, case.arrived_at].name, case.arrived_at))
    return Visits(here, elsewhere)


def other_visits(*, actor: StaffActor, public_id: UUID) -> Visits:
    """Under *Alla besök* of a case that the actor holds: colleagues' visits and other units'; logged.

    Raises:
        NotFound: absent, or not the holder.
        HeldByColleague: a colleague's.
    """
    with transaction.atomic():
        opened = case_access.any_case(actor=actor, public_id=public_id)
        if not opened.works:
            raise NotFound
        seen = visits_of(actor, opened.case.patient_id, besides=opened.case.pk)
        closed_to_me = [visit for visit in seen.here if not visit.basis]
        if closed_to_me or seen.elsewhere:
            _log(actor, "other_visits", "holder", [opened.case.patient_id])
        return Visits(closed_to_me, seen.elsewhere)


def openable(actor: StaffActor, case: Case | None) -> str:
    """Whether a case may be opened with a reason: ``""`` when so, else the basis on which it opens anyway.

    Raises:
        NotFound: absent, another provider's, or of a patient whom the actor neither searched for lately nor cares for.
        HeldByColleague: at the own unit; see ``commands.open_emergency`` and ``commands.ask_handover``.
    """
    if case is None or case.provider_id != actor.provider_id:
        raise NotFound
    if basis := case_access.bases_of(actor, [case]).get(case.pk, ""):
        return basis
    if not queries.searched_lately(actor, case.patient_id) and not queries.cares_for(actor, case.patient_id):
        raise NotFound
    if case.unit_id == actor.unit_id and case.holder is not None:
        case_access.basis_for(actor, case)  # says who holds it
    return ""


def to_open(*, actor: StaffActor, public_id: UUID) -> tuple[Case, str]:
    """The page that asks for the reason; shows no content, so that nothing is logged yet.

    Raises:
        NotFound, HeldByColleague: as ``openable``.
    """
    case = case_by_id(public_id)
    basis = openable(actor, case)
    assert case is not None
    return case, basis


def colleagues(*, actor: StaffActor, public_id: UUID) -> HeldByColleague | None:
    """Who holds the case, when a colleague at the unit does; None when it opens in the ordinary way.

    Raises:
        NotFound: absent or forbidden.
    """
    case = case_by_id(public_id)
    if case is None:
        raise NotFound
    try:
        case_access.basis_for(actor, case)
    except HeldByColleague as held:
        return held
    return None


def cases_of_days(
    *, actor: StaffActor, wanted: queries.DayFilter, after: str = ""
) -> tuple[list[Case], dict[int, str], str]:
    """*Välj datum*: rows, on what basis which of them open, where the next begin; one row in the log (QUE-10)."""
    with transaction.atomic():
        rows, following = queries.of_days(actor, wanted, after=after)
        if rows:
            _log(actor, f"days:{wanted.first}:{wanted.last}", "unit_day", [case.patient_id for case in rows])
        return rows, case_access.bases_of(actor, rows), following


def emergency_openings(*, actor: StaffActor, before: int | None = None) -> list[Opening]:
    """The list that the unit's coordinator reviews; patients shown are logged.

    Raises:
        NotFound: not coordinator.
    """
    if not is_coordinator(actor):
        raise NotFound
    with transaction.atomic():
        rows = queries.emergency_openings(actor.unit_id, before=before)
        if rows:
            _log(actor, "emergency_openings", "reviewer", [row.case.patient_id for row in rows[: queries.PAGE]])
        return rows


def _log(actor: StaffActor, name: str, basis: str, patients: Sequence[int]) -> None:
    log_read(
        actor=actor, action="list", object_type="list", object_id=name, patients=sorted(set(patients)), basis=basis
    )
