"""What the resource picker says of a unit: closed, unstaffed, or staffed until (HRS-14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from direkt1177.units.calendars import calendars_for
from direkt1177.units.clock import now
from direkt1177.units.closed_words import moment_words
from direkt1177.units.models import CareRole, Closure, Unit
from direkt1177.units.routes import Route, Why, routes_of
from direkt1177.units.staffed_time import next_staffed, staffed_until


class Opening(StrEnum):
    """The three marks of the picker."""

    CLOSED = "closed"
    UNSTAFFED = "unstaffed"
    STAFFED = "staffed"


@dataclass(frozen=True, slots=True)
class PickerState:
    """How a unit (and role) stands at a moment.

    Attributes:
        kind: closed (new cases go elsewhere or nowhere), unstaffed, or staffed.
        until: end of the closure or of the staffed time; None for a branch whose cases go to its health centre and
            for a unit that is closed for good.
        next_at: unstaffed: when somebody is there next; None when never.
        instead: closed: who takes its new cases; None when nobody does.
        closure: the unit's own closure.
        redirected: a branch whose cases go to its health centre by rule or decision.
    """

    unit: Unit
    kind: Opening
    until: datetime | None = None
    next_at: datetime | None = None
    instead: Unit | None = None
    closure: Closure | None = None
    redirected: bool = False

    @property
    def open(self) -> bool:
        """Whether cases can be handed there: closed units cannot take them, unstaffed ones answer later."""
        return self.kind is not Opening.CLOSED

    @property
    def words(self) -> str:
        """The mark in words, for example "stängd till onsdag 25 november kl. 08.00, Granbacken tar emot"."""
        if self.kind is Opening.STAFFED:
            return _("staffed until %(moment)s") % {"moment": moment_words(self.until)} if self.until else _("staffed")
        if self.kind is Opening.UNSTAFFED:
            if self.next_at is None:
                return _("unstaffed")
            return _("unstaffed, staffed again %(moment)s") % {"moment": moment_words(self.next_at)}
        parts = []
        if self.closure is not None:
            parts.append(_("closed until %(moment)s") % {"moment": moment_words(self.closure.ends_at)})
        elif not self.redirected:
            parts.append(_("closed for good"))
        if self.instead is not None:
            parts.append(_("%(unit)s takes its new cases") % {"unit": self.instead.name})
        elif not parts:
            parts.append(_("takes no new cases now"))
        return ", ".join(parts)


def picker_states(
    units: Iterable[Unit], role: CareRole | int | None = None, at: datetime | None = None
) -> dict[int, PickerState]:
    """The state of many units by unit id; as many queries for a hundred units as for one.

    Args:
        role: only whoever holds this role counts as staff; None is the unit as a whole.
        at: aware; now when left out.
    """
    units = list(units)
    at = at or now()
    routes, calendars = routes_of(units, at), calendars_for(units, role)
    found: dict[int, PickerState] = {}
    for unit in units:
        if routes[unit.pk].steps:
            found[unit.pk] = _closed(routes[unit.pk])
            continue
        until = staffed_until(calendars[unit.pk], at)
        if until is not None:
            found[unit.pk] = PickerState(unit, Opening.STAFFED, until=until)
        else:
            found[unit.pk] = PickerState(unit, Opening.UNSTAFFED, next_at=next_staffed(calendars[unit.pk], at))
    return found


def picker_state(unit: Unit, role: CareRole | int | None = None, at: datetime | None = None) -> PickerState:
    """The state of one unit."""
    return picker_states([unit], role, at)[unit.pk]


def _closed(route: Route) -> PickerState:
    closure = route.own_closure
    return PickerState(
        route.asked,
        Opening.CLOSED,
        until=closure.ends_at if closure else None,
        instead=route.unit,
        closure=closure,
        redirected=route.steps[0].why is Why.BRANCH,
    )
