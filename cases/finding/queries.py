"""Reading: visits of one patient by whose they are, cases of days, openings, checks. No rights: those are in access."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from cases.finding import rules
from cases.finding.models import DayCheck, Opening, Search
from cases.models import Case
from cases.states import HELD_STATES
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import User
from direkt1177.units.clock import now

PAGE = 50


@dataclass(frozen=True, slots=True)
class DayFilter:
    """What *Välj datum* asks for: local days, both included, and a person or role or neither (QUE-10)."""

    first: date
    last: date
    person: int | None = None
    role: int | None = None

    @property
    def whole_unit(self) -> bool:
        """Whether every case of the unit is shown."""
        return self.person is None and self.role is None


def of_patient(patient_id: int, *, provider_id: int) -> QuerySet[Case]:
    """Cases of a patient at one care provider, latest first; those of other providers do not exist here."""
    found = Case.objects.filter(patient_id=patient_id, provider_id=provider_id)
    return found.select_related("unit__provider", "role", "holder", "closed_by").order_by("-arrived_at", "-pk")


def searched_lately(actor: StaffActor, patient_id: int) -> bool:
    """Whether the actor has searched for the patient at this unit within ``SEARCH_LASTS``."""
    found = Search.objects.filter(user_id=actor.user_id, unit_id=actor.unit_id, person_id=patient_id)
    return found.filter(at__gt=now() - rules.SEARCH_LASTS).exists()


def cares_for(actor: StaffActor, patient_id: int) -> bool:
    """Whether the actor holds an open case of the patient at this unit."""
    held = Case.objects.filter(holder_id=actor.user_id, unit_id=actor.unit_id, state__in=sorted(HELD_STATES))
    return held.filter(patient_id=patient_id).exists()


def of_days(actor: StaffActor, wanted: DayFilter, *, after: str = "") -> tuple[list[Case], str]:
    """Cases of the unit that were open at some time of the days, latest arrival first; one query.

    Both queues, asynchronous and cancelled ones together (QUE-10).

    Args:
        actor: whose unit.
        wanted: days, person, role.
        after: second value of the page before; anything unreadable starts from the top.

    Returns:
        At most ``PAGE`` cases, and where the next begin; empty on the last page.
    """
    begin, end = rules.day_bounds(wanted.first, wanted.last)
    found = Case.objects.filter(Q(ended_at__isnull=True) | Q(ended_at__gte=begin), unit_id=actor.unit_id)
    found = found.filter(arrived_at__lt=end)
    if wanted.person is not None:
        found = found.filter(Q(holder_id=wanted.person) | Q(closed_by_id=wanted.person, holder__isnull=True))
    if wanted.role is not None:
        found = found.filter(Q(role_id=wanted.role) | Q(holder_role_id=wanted.role))
    moment, _sep, pk = after.partition("|")
    if (at := _instant(moment)) and pk.isdecimal() and len(pk) < 19:
        found = found.filter(Q(arrived_at__lt=at) | Q(arrived_at=at, pk__lt=int(pk)))
    found = found.select_related("unit", "role", "holder", "closed_by", "patient").order_by("-arrived_at", "-pk")
    rows = list(found[: PAGE + 1])
    if len(rows) <= PAGE:
        return rows, ""
    return rows[:PAGE], f"{rows[PAGE - 1].arrived_at.isoformat()}|{rows[PAGE - 1].pk}"


def people_of(unit_id: int) -> QuerySet[User]:
    """Everybody who has or had a care role at the unit, by name."""
    return User.objects.filter(memberships__unit_id=unit_id).distinct().order_by("first_name", "last_name", "pk")


def checks_of(unit_id: int, day: date) -> list[DayCheck]:
    """Who has looked through the list of a day, in order."""
    return list(DayCheck.objects.filter(unit_id=unit_id, day=day).select_related("user").order_by("pk"))


def emergency_openings(unit_id: int, *, before: int | None = None) -> list[Opening]:
    """Emergency openings at the unit, latest first; ``PAGE`` and one more."""
    found = Opening.objects.filter(unit_id=unit_id, kind=Opening.Kind.EMERGENCY)
    if before is not None:
        found = found.filter(pk__lt=before)
    related = found.select_related("user", "holder", "reviewed_by", "case__patient")
    return list(related.order_by("-pk")[: PAGE + 1])


def unreviewed(unit_id: int) -> int:
    """How many emergency openings nobody has reviewed."""
    found = Opening.objects.filter(unit_id=unit_id, kind=Opening.Kind.EMERGENCY, reviewed_at__isnull=True)
    return found.count()


def _instant(text: str) -> datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
