"""What units need to know of cases: what is left before a unit is wound up (UCH-02)."""

from __future__ import annotations

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from cases.states import OPEN_STATES, CaseState
from direkt1177.units import leftovers
from direkt1177.units.leftovers import Leftover

_LABELS = {
    CaseState.WAITING: _("patients in the queue"),
    CaseState.RECEIVED: _("cases received but not started"),
    CaseState.STARTED: _("ongoing visits"),
    CaseState.PAUSED: _("paused cases"),
    CaseState.ASYNCHRONOUS: _("cases with follow-up"),
}


def register() -> None:
    """Answer the question of ``units``; from ``AppConfig.ready``."""
    leftovers.register(open_cases)


def open_cases(unit_id: int) -> list[Leftover]:
    """Open cases of a unit by state; one query."""
    rows = Case.objects.filter(unit_id=unit_id, state__in=OPEN_STATES).values_list("state").annotate(n=Count("pk"))
    counted = dict(rows)
    return [Leftover(label, counted.get(state, 0)) for state, label in _LABELS.items()]
