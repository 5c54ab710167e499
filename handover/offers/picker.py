"""The resource picker: care provider, unit, role, colleague on duty, each with how it stands now (ORG-01, HRS-14).

Used by handover, tickets and acknowledgements. A tree of plain radio buttons named ``to``: works without script, with
the arrow keys, and is searched by name in the browser. The number of queries depends on how many roles keep hours of
their own, never on how many units, roles or colleagues there are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, Shift
from direkt1177.units.clock import now
from direkt1177.units.closed_words import moment_words
from direkt1177.units.models import CareRole, StaffedHours, Unit
from direkt1177.units.picker import Opening, PickerState, picker_states
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from handover.offers import rules
from handover.offers.errors import NoReceiver
from handover.offers.rules import Place, Way

_VALUE = re.compile(r"^(role|user):(\d{1,9}):(\d{1,9})$", re.ASCII)


class Purpose(StrEnum):
    """What is to be sent; decides which units, roles and persons can be chosen."""

    OFFER = "offer"
    TICKET = "ticket"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen: a role at a unit, or a colleague there."""

    unit_id: int
    role_id: int | None
    user_id: int | None

    @property
    def value(self) -> str:
        """As the form carries it."""
        return f"role:{self.unit_id}:{self.role_id}" if self.role_id else f"user:{self.unit_id}:{self.user_id}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One radio button.

    Attributes:
        mark: ``staffed``, ``unstaffed``, ``empty`` (nobody holds the role) or ``closed``.
        words: how it stands, at the right of the row.
        enabled: false cannot be chosen.
        deep: a colleague below the role.
    """

    value: str
    label: str
    mark: str
    words: str
    enabled: bool = True
    deep: bool = False
    checked: bool = False


@dataclass(slots=True)
class Node:
    """A unit with its choices.

    Attributes:
        note: same care provider, another care provider; empty for the own unit.
        ticket_only: a case cannot be handed over there, only a ticket created (HOV-16, HOV-19).
        rehab: a rehab unit: its decision aid and expected reply time are shown (REH-03, REH-06).
        open: shown unfolded.
    """

    unit_id: int
    name: str
    note: str
    state: str
    words: str
    ticket_only: bool
    rehab: bool
    open: bool
    leaves: list[Leaf] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Group:
    """A care provider with its units."""

    name: str
    own: bool
    nodes: list[Node]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read once for all units."""

    states: dict[int, PickerState]
    role_states: dict[tuple[int, int], PickerState]
    roles: dict[int, list[CareRole]]
    held: dict[tuple[int, int], int]
    on_duty: dict[tuple[int, int], list[tuple[int, str]]]
    waiting: dict[tuple[int, int], int]
    catalogue: list[CareRole]


def parse(value: str) -> Choice:
    """What a form sent.

    Raises:
        NoReceiver: nothing, or no such form.
    """
    found = _VALUE.match(value or "")
    if found is None:
        raise NoReceiver
    kind, unit, other = found[1], int(found[2]), int(found[3])
    return Choice(unit, other if kind == "role" else None, other if kind == "user" else None)


def place_of(unit: Unit) -> Place:
    """A unit as the rules see it."""
    return Place(unit.pk, unit.provider_id, unit.type)


def tree(
    actor: StaffActor,
    *,
    purpose: Purpose,
    kind: str = Case.Kind.SEEK_CARE,
    chosen: str = "",
    at: datetime | None = None,
) -> list[Group]:
    """The region's care providers and units, the own first, with what can be chosen at each.

    Args:
        actor: who looks; decides the own unit and provider.
        purpose: offers go to the own unit and provider, tickets to other units, acknowledgements stay at the unit.
        kind: of the case or ticket.
        chosen: value to mark as checked.
        at: aware; now when left out.
    """
    at = at or now()
    units = list(_units(actor, purpose))
    own = next(unit for unit in units if unit.pk == actor.unit_id)
    rule, giver = policy(own), place_of(own)
    ways = {unit.pk: rules.way_to(rule, giver, place_of(unit)) for unit in units}
    to_choose = [u for u in units if purpose is not Purpose.OFFER or ways[u.pk] is Way.OFFER]
    known = _known(to_choose, own, at)
    groups: dict[int, Group] = {}
    for unit in units:
        if purpose is Purpose.TICKET and unit.pk == own.pk:
            continue
        group = groups.setdefault(
            unit.provider_id, Group(unit.provider.name, unit.provider_id == own.provider_id, nodes=[])
        )
        ticket_only = purpose is Purpose.OFFER and ways[unit.pk] is Way.TICKET
        node = _node(unit, own, known, ticket_only=ticket_only)
        if not ticket_only:
            allowed = _allowed(purpose, rule, giver, place_of(unit), kind)
            node.leaves = _leaves(actor, unit, own, known, purpose, rule, allowed, chosen)
        node.open = unit.pk == own.pk or any(leaf.checked for leaf in node.leaves)
        group.nodes.append(node)
    return list(groups.values())


def _allowed(purpose: Purpose, rule: Policy, giver: Place, to: Place, kind: str) -> frozenset[str] | None:
    if purpose is Purpose.OFFER:
        return rules.offered_roles(rule, giver, to, kind)
    return rules.ticket_roles(rule, giver, to, kind) if purpose is Purpose.TICKET else None


def _units(actor: StaffActor, purpose: Purpose) -> Iterable[Unit]:
    """Own unit, own provider, then others; one query."""
    found = Unit.objects.filter(provider__region_id=actor.region_id, active=True)
    if purpose is Purpose.ACKNOWLEDGEMENT:
        found = found.filter(pk=actor.unit_id)
    units = found.select_related("provider__region")
    return sorted(
        units,
        key=lambda u: (
            u.pk != actor.unit_id,
            u.provider_id != actor.provider_id,
            u.provider.name,
            u.provider_id,
            u.name,
        ),
    )


def _known(units: list[Unit], own: Unit, at: datetime) -> _Known:
    ids = [unit.pk for unit in units]
    catalogue = list(CareRole.objects.order_by("order", "name"))
    by_pk = {role.pk: role for role in catalogue}
    memberships = Membership.objects.filter(unit__in=ids, ended_at__isnull=True, user__is_active=True)
    held = {
        (unit, role): number
        for unit, role, number in memberships.values_list("unit_id", "role_id").annotate(n=Count("pk")).order_by()
    }
    roles: dict[int, list[CareRole]] = defaultdict(list)
    for unit_id, role_id in sorted(held, key=lambda pair: (by_pk[pair[1]].order, by_pk[pair[1]].name)):
        roles[unit_id].append(by_pk[role_id])
    on_duty: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    shifts = Shift.objects.filter(unit__in=ids, ended_at__isnull=True, user__is_active=True)
    for shift in shifts.select_related("user").order_by("user__first_name", "user__last_name", "pk"):
        on_duty[shift.unit_id, shift.role_id].append((shift.user_id, shift.user.full_name or shift.user.hsa_id))
    queues = Case.objects.filter(queue_unit__in=ids).values_list("queue_unit", "queue_role")
    waiting = {(unit, role): n for unit, role, n in queues.annotate(n=Count("pk")).order_by()}
    return _Known(
        states=picker_states(units, at=at),
        role_states=_role_states(units, at),
        roles=roles,
        held=held,
        on_duty=on_duty,
        waiting=waiting,
        catalogue=catalogue,
    )


def _role_states(units: list[Unit], at: datetime) -> dict[tuple[int, int], PickerState]:
    """Of roles that keep hours of their own somewhere: so many roles, so many questions."""
    by_role: dict[int, set[int]] = defaultdict(set)
    rows = StaffedHours.objects.filter(Q(role__isnull=False), unit__in=[u.pk for u in units])
    for unit_id, role_id in rows.values_list("unit_id", "role_id").distinct():
        by_role[role_id].add(unit_id)
    return {
        (unit_id, role_id): state
        for role_id, unit_ids in by_role.items()
        for unit_id, state in picker_states([u for u in units if u.pk in unit_ids], role_id, at).items()
    }


def _node(unit: Unit, own: Unit, known: _Known, *, ticket_only: bool) -> Node:
    note = ""
    if unit.pk != own.pk:
        note = _("same care provider") if unit.provider_id == own.provider_id else _("another care provider")
    state = known.states.get(unit.pk)
    return Node(
        unit_id=unit.pk,
        name=unit.name,
        note=note,
        state=state.kind.value if state else "",
        words=state.words if state and (unit.pk != own.pk or not state.open) else "",
        ticket_only=ticket_only,
        rehab=unit.type == Unit.Type.REHAB,
        open=False,
    )


def _leaves(
    actor: StaffActor,
    unit: Unit,
    own: Unit,
    known: _Known,
    purpose: Purpose,
    rule: Policy,
    allowed: frozenset[str] | None,
    chosen: str,
) -> list[Leaf]:
    closed = not known.states[unit.pk].open and purpose is not Purpose.ACKNOWLEDGEMENT
    roles = list(known.roles.get(unit.pk, []))
    if allowed is not None:
        # What the region names but nobody holds is shown as empty, so that one sees why it cannot be chosen.
        roles = [role for role in known.catalogue if role.code in allowed]
    by_name = unit.pk == own.pk and (
        purpose is Purpose.ACKNOWLEDGEMENT
        or (purpose is Purpose.OFFER and rules.may_name_colleague(rule, place_of(own), place_of(unit)))
    )
    leaves: list[Leaf] = []
    for role in roles:
        there = (unit.pk, role.pk)
        held = known.held.get(there, 0)
        alone = held == 1 and unit.pk == actor.unit_id and role.pk == actor.role_id
        mark, words = _stands(known, unit, role, held=held, closed=closed)
        value = Choice(unit.pk, role.pk, None).value
        leaves.append(
            Leaf(
                value=value,
                label=role.name,
                mark=mark,
                words=_("only you have it") if alone and not closed else words,
                enabled=bool(held) and not closed and not (alone and purpose is Purpose.OFFER),
                checked=value == chosen,
            )
        )
        for user_id, name in known.on_duty.get(there, []) if by_name else []:
            if user_id == actor.user_id:
                continue
            value = Choice(unit.pk, None, user_id).value
            leaves.append(
                Leaf(value, name, "closed" if closed else "staffed", _("on duty"), not closed, True, value == chosen)
            )
    return leaves


def _stands(known: _Known, unit: Unit, role: CareRole, *, held: int, closed: bool) -> tuple[str, str]:
    if closed:
        return "closed", known.states[unit.pk].words
    if not held:
        return "empty", _("nobody has the role")
    there = (unit.pk, role.pk)
    state = known.role_states.get(there) or known.states[unit.pk]
    present = len(known.on_duty.get(there, []))
    queue = known.waiting.get(there, 0)
    if present:
        words = ngettext("%(n)s on duty", "%(n)s on duty", present) % {"n": present}
        return "staffed", _("%(duty)s, %(queue)s in queue") % {"duty": words, "queue": queue}
    if state.kind is Opening.UNSTAFFED:
        if state.next_at is None:
            return "unstaffed", _("nobody on duty")
        return "unstaffed", _("nobody on duty, staffed %(when)s") % {"when": moment_words(state.next_at)}
    return "unstaffed", _("nobody on duty right now")
