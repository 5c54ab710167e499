"""What units themselves know that keeps a unit from being wound up: branches and closures that lean on it (UCH-02)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.units.clock import now
from direkt1177.units.closure_models import LIVE
from direkt1177.units.leftovers import Leftover
from direkt1177.units.models import Closure, Unit


def places_left(unit: Unit) -> list[Leftover]:
    """Branches in use, and closures of others from now on during which this unit takes their cases."""
    closures = Closure.objects.filter(target=unit, status__in=LIVE, ends_at__gt=now())
    found = [
        Leftover(_("branches in use"), Unit.objects.filter(parent=unit, active=True).count()),
        Leftover(_("closures of other units that send their cases here"), closures.count()),
    ]
    return [each for each in found if each.count]
