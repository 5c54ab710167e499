"""Demo persons as the sign-in pages list them: everyone in the database, grouped and labelled. Demo settings only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direkt1177.accounts.models import AdminPermission, Membership, User
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.queries import age_of, person_view
from direkt1177.units.models import Unit
from direkt1177.units.queries import several_regions

LISTED_AT_MOST = 120


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One line to choose: ``value`` is posted."""

    value: str
    name: str
    label: str
    initials: str
    protected: bool = False


@dataclass(slots=True)
class DemoGroup:
    """Persons under one heading; a folded group shows its heading until it is opened."""

    heading: str
    persons: list[DemoPerson] = field(default_factory=list)
    folded: bool = False


def staff_groups() -> list[DemoGroup]:
    """Active staff by the unit of their first membership; a constant number of queries."""
    users = (
        User.objects.filter(is_active=True)
        .prefetch_related(
            Prefetch(
                "memberships",
                Membership.objects.filter(ended_at__isnull=True, unit__active=True)
                .select_related("unit__provider__region", "role")
                .order_by("id"),
            ),
            Prefetch(
                "admin_permissions",
                AdminPermission.objects.filter(ended_at__isnull=True).select_related("unit").order_by("kind", "id"),
            ),
        )
        .order_by("first_name", "last_name", "id")[:LISTED_AT_MOST]
    )
    several = several_regions()
    groups: dict[tuple[bool, str, str], DemoGroup] = {}
    for user in users:
        memberships = list(user.memberships.all())
        permissions = list(user.admin_permissions.all())
        if not memberships and not permissions:
            continue
        first = memberships[0].unit if memberships else None
        heading = _place(first, several) if first is not None else _("Administration and follow-up")
        order = (first is None, first.provider.region.name if first is not None else "", heading)
        places = [m.role.name if m.unit == first else f"{m.role.name}, {m.unit.name}" for m in memberships]
        kinds = dict.fromkeys(str(p.get_kind_display()) for p in permissions)
        groups.setdefault(order, DemoGroup(heading)).persons.append(
            DemoPerson(
                value=user.hsa_id,
                name=user.full_name or user.hsa_id,
                label=" · ".join(_once([*([user.title] if user.title else []), *places, *kinds])),
                initials=_initials(user.first_name, user.last_name),
            )
        )
    return [groups[order] for order in sorted(groups)]


def resident_groups() -> list[DemoGroup]:
    """Residents who may sign in themselves: families first, the others folded; a constant number of queries.

    Grown-ups are parted by the unit they are listed at, so that no group is longer than a thumb likes.
    """
    persons = list(
        Person.objects.select_related("listed_unit__provider__region")
        .prefetch_related(
            Prefetch(
                "guardian_of",
                Guardianship.objects.filter(blocked=False).select_related("child").order_by("child__birth_date", "id"),
            )
        )
        .filter(Q(guardian_of__isnull=False) | Q(listed_unit__isnull=False) | ~Q(protected="no"))
        .distinct()
        .order_by("first_name", "last_name", "id")[:LISTED_AT_MOST]
    )
    parents = DemoGroup(_("Parents"))
    protected = DemoGroup(_("Protected identity"), folded=True)
    young = DemoGroup(_("Young people"), folded=True)
    adults: dict[str, DemoGroup] = {}
    several = several_regions()
    for person in persons:
        age = age_of(person.birth_date)
        children = [link.child for link in person.guardian_of.all()]
        view = person_view(person)
        facts = [view.age_text]
        if children:
            facts.append(_parent_of(children))
        if person.listed_unit is not None:
            facts.append(_("listed at %(unit)s") % {"unit": _place(person.listed_unit, several)})
        if age < 13:
            facts.append(_("under 13, cannot sign in"))
        if view.masked:
            facts.append(_("protected identity") if person.protected != "unknown" else _("protection unknown, masked"))
        line = DemoPerson(
            value=str(person.public_id),
            name=view.name if not view.masked else f"{person.first_name} {person.last_name}",
            label=" · ".join(facts),
            initials=_initials(person.first_name, person.last_name),
            protected=view.masked,
        )
        if view.masked or children or age < 18:
            group = protected if view.masked else parents if children else young
        else:
            place = _place(person.listed_unit, several) if person.listed_unit is not None else ""
            heading = f"{_('Adults')}, {place}" if place else _("Adults")
            group = adults.setdefault(heading, DemoGroup(heading, folded=True))
        group.persons.append(line)
    grown_up = [adults[heading] for heading in sorted(adults)]
    return [group for group in (parents, *grown_up, young, protected) if group.persons]


def _place(unit: Unit, several: bool) -> str:
    """The unit's name, with its region where there are several."""
    return f"{unit.name}, {unit.provider.region.name}" if several else unit.name


def _parent_of(children: Sequence[Person]) -> str:
    names = [f"{person_view(c).first_name}, {person_view(c).age_text}" for c in children]
    return ngettext("parent of %(names)s", "parent of %(names)s", len(names)) % {"names": "; ".join(names)}


def _initials(first: str, last: str) -> str:
    return f"{first[:1]}{last[:1]}".upper()


def _once(words: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(word.casefold(), word)
    return list(seen.values())
