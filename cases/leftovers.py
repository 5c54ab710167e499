"""What units need to know of cases: what is left before a unit is wound up, and how many wait (UCH-02, HRS-20)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.states import OPEN_STATES, CaseState
from direkt1177.units import leftovers, load
from direkt1177.units.leftovers import Leftover

_LABELS = {
    CaseState.WAITING: _("patients in the queue"),
    CaseState.RECEIVED: _("cases received but not started"),
    CaseState.STARTED: _("ongoing visits"),
    CaseState.PAUSED: _("paused cases"),
    CaseState.ASYNCHRONOUS: _("cases with follow-up"),
}


def register() -> None:
    """Answer the questions of ``units``; from ``AppConfig.ready``."""
    leftovers.register(open_cases)
    load.register(waiting)


def open_cases(unit_id: int) -> list[Leftover]:
    """Open cases of a unit by state; one query."""
    rows = Case.objects.filter(unit_id=unit_id, state__in=OPEN_STATES).values_list("state").annotate(n=Count("pk"))
    counted = dict(rows)
    return [Leftover(label, counted.get(state, 0)) for state, label in _LABELS.items()]


def waiting(unit_ids: Collection[int]) -> dict[int, int]:
    """Cases that wait in a queue, by unit id; units without any are left out."""
    rows = Case.objects.filter(unit__in=unit_ids, state=CaseState.WAITING).values_list("unit_id")
    return dict(rows.annotate(n=Count("pk")))
