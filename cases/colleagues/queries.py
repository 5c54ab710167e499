"""Reading guests and the internal chat; decide by ``access`` first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Q

from cases.colleagues import rules
from cases.colleagues.models import Guest, InternalMark, InternalMessage
from cases.models import Case
from cases.states import HELD_STATES
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, Shift
from direkt1177.residents.queries import PersonView, views_of
from direkt1177.units.models import CareRole, Unit

# The newest lines are what one opens the pane for.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody on duty who can be invited.

    Attributes:
        value: as the form carries it.
        is_guest: in this case already.
    """

    value: str
    name: str
    title: str
    is_guest: bool


@dataclass(slots=True)
class RoleNode:
    """A role at a unit and who is on duty in it."""

    name: str
    people: list[Colleague] = field(default_factory=list)


@dataclass(slots=True)
class UnitNode:
    """A unit of the own care provider."""

    unit_id: int
    name: str
    own: bool
    roles: list[RoleNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Visit:
    """A case in which somebody is a guest: *Besök som gäst* (QUE-07)."""

    case: Case
    person: PersonView
    invited_by: str
    invited_at: datetime
    mode: str
    unread: int


def guests_of(case: Case) -> list[Guest]:
    """Guests now, first invited first; one query."""
    found = Guest.objects.filter(case=case, ended_at__isnull=True).select_related("user", "role", "unit", "invited_by")
    return list(found.order_by("invited_at", "pk"))


def lines(case: Case, *, seqs: Sequence[int] | None = None) -> list[InternalMessage]:
    """The newest lines of the internal chat in order, or certain ones; one query."""
    found = InternalMessage.objects.filter(case=case)
    if seqs is not None:
        return list(found.filter(seq__in=seqs).order_by("seq"))
    return list(found.order_by("-seq")[:SHOWN])[::-1]


def unread(actor: StaffActor, case: Case) -> int:
    """Lines of others that the actor has not seen; two queries."""
    mark = InternalMark.objects.filter(case=case, user_id=actor.user_id).values_list("seq", flat=True).first() or 0
    return InternalMessage.objects.filter(case=case, seq__gt=mark, kind="text").exclude(author_key=actor.key).count()


def last_seq(case: Case) -> int:
    """Number of the newest line, 0 without any."""
    return InternalMessage.objects.filter(case=case).aggregate(last=Max("seq"))["last"] or 0


def visits_as_guest(actor: StaffActor) -> list[Visit]:
    """*Besök som gäst* at the unit where the actor works now, latest invitation first (CHT-15); three queries."""
    found = list(
        Guest.objects.filter(
            user_id=actor.user_id, unit_id=actor.unit_id, ended_at__isnull=True, case__state__in=sorted(HELD_STATES),
            case__holder__isnull=False,
        )
        .select_related("case", "invited_by")
        .order_by("-invited_at", "-pk")
    )  # fmt: skip
    people = views_of(row.case.patient_id for row in found)
    new = _unread_of_each(actor, [row.case_id for row in found])
    return [
        Visit(
            row.case, people[row.case.patient_id], row.invited_by.full_name, row.invited_at, row.mode,
            new.get(row.case_id, 0),
        )
        for row in found
    ]  # fmt: skip


def _unread_of_each(actor: StaffActor, cases: list[int]) -> dict[int, int]:
    if not cases:
        return {}
    marks = dict(InternalMark.objects.filter(case__in=cases, user_id=actor.user_id).values_list("case_id", "seq"))
    rows = InternalMessage.objects.filter(case__in=cases, kind="text").exclude(author_key=actor.key)
    counts: dict[int, int] = defaultdict(int)
    for case_id, seq in rows.values_list("case_id", "seq"):
        counts[case_id] += seq > marks.get(case_id, 0)
    return counts


def colleagues(actor: StaffActor, case: Case) -> list[UnitNode]:
    """Own unit first, then the others of the provider: role by role who is on duty (CHT-14, ORG-01); five queries."""
    units = Unit.objects.filter(provider_id=actor.provider_id, active=True)
    nodes = {
        unit.pk: UnitNode(unit.pk, unit.name, unit.pk == actor.unit_id)
        for unit in sorted(units, key=lambda unit: (unit.pk != actor.unit_id, unit.name))
    }
    names = {role.pk: role.name for role in CareRole.objects.order_by("order", "name")}
    held = set(
        Membership.objects.filter(unit__in=nodes, ended_at__isnull=True, user__is_active=True)
        .values_list("unit_id", "role_id")
        .distinct()
    )
    guests = set(Guest.objects.filter(case=case, ended_at__isnull=True).values_list("user_id", flat=True))
    people: dict[tuple[int, int], list[Colleague]] = defaultdict(list)
    on_duty = Shift.objects.filter(unit__in=nodes, ended_at__isnull=True, user__is_active=True)
    on_duty = on_duty.exclude(user_id__in=[actor.user_id, case.holder_id or 0])
    for shift in on_duty.select_related("user").order_by("user__first_name", "user__last_name", "pk"):
        user = shift.user
        found = Colleague(
            f"{user.pk}:{shift.unit_id}", user.full_name or user.hsa_id, user.title, user.pk in guests
        )  # fmt: skip
        people[shift.unit_id, shift.role_id].append(found)
    for unit_id, node in nodes.items():
        node.roles = [
            RoleNode(name, people[unit_id, role])
            for role, name in names.items()
            if (unit_id, role) in held or people[unit_id, role]
        ]
    return list(nodes.values())


def shift_of(user_id: int, unit_id: int, provider_id: int) -> Shift | None:
    """The active shift of a colleague at a unit of the provider; one query."""
    found = Shift.objects.filter(
        Q(user__is_active=True), user_id=user_id, unit_id=unit_id, unit__provider_id=provider_id,
        unit__active=True, ended_at__isnull=True,
    )  # fmt: skip
    return found.select_related("user", "unit", "role").first()


def takes_part(basis: str, case: Case) -> bool:
    """Whether somebody with that basis writes in the internal chat of the case now (CHT-13, CHT-19)."""
    return rules.takes_part(basis, held=case.holder_id is not None, offered=case.offered_at is not None)


def may_read(basis: str, case: Case) -> bool:
    """Whether somebody with that basis reads it now."""
    return rules.may_read(basis, held=case.holder_id is not None, offered=case.offered_at is not None)
