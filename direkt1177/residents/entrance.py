"""Which unit a resident comes to: the one in the contact card's link, else where they are listed (ENT-06)."""

from __future__ import annotations

from django.http import HttpRequest

from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from direkt1177.units.queries import in_use

UNIT, REGION = "link_unit", "link_region"  # keys of the session
_LONGEST_SLUG = 60


def remember_unit(request: HttpRequest) -> None:
    """Keep the unit of a link ``?enhet=<slug>`` in the session, or its successor; an unknown one changes nothing."""
    slug = request.GET.get("enhet", "").replace("\0", "")[:_LONGEST_SLUG]
    if not slug:
        return
    unit = in_use(Unit.objects.select_related("provider__region").filter(slug=slug).first())
    if unit is not None:
        region = unit.provider.region
        request.session[UNIT] = unit.pk
        request.session[REGION] = [region.pk, region.name]


def unit_for(request: HttpRequest, person: Person | None) -> Unit | None:
    """The unit that the pages speak of: of the link, else where the person is listed; None when neither."""
    linked = request.session.get(UNIT)
    units = Unit.objects.select_related("provider__region")
    if linked:
        unit = in_use(units.filter(pk=linked).first())
        if unit is not None:
            return unit
    if person is not None and person.listed_unit_id is not None:
        return in_use(units.filter(pk=person.listed_unit_id).first())
    return None
