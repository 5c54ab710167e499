"""The page of figures for managers and appointed persons (STA-01); holders of the statistics permission only."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from direkt1177.accounts.models import AdminPermission
from direkt1177.accounts.sign_in import permission_page
from direkt1177.audit.refusals import NotFound
from direkt1177.statistics.charts import hours_chart
from direkt1177.statistics.queries import figures
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy


class StatisticsRequest(HttpRequest):
    """A request inside ``@permission_page``."""

    permitted_units: list[Unit]


@never_cache
@require_GET
@permission_page(AdminPermission.Kind.STATISTICS)
def overview(request: HttpRequest) -> HttpResponse:
    """Waiting now, today and per hour, for one of the units where the permission is held."""
    units = cast("StatisticsRequest", request).permitted_units
    unit = _chosen(units, request.GET.get("enhet", ""))
    found = figures(unit)
    labels = policy(unit).urgency_labels
    context = {
        "unit": unit,
        "units": units,
        "figures": found,
        "urgencies": [(level, labels.get(level or 0, ""), count) for level, count in found.by_urgency],
        "chart": hours_chart(found.hours),
        "median_minutes": None if found.median_wait is None else int(found.median_wait.total_seconds() // 60),
    }
    return render(request, "statistics/overview.html", context)


def _chosen(units: list[Unit], wanted: str) -> Unit:
    """The unit that was asked for.

    Raises:
        NotFound: not one where the permission is held.
    """
    if not wanted:
        return units[0]
    try:
        ident = UUID(wanted)
    except ValueError as error:
        raise NotFound from error
    for unit in units:
        if unit.public_id == ident:
            return unit
    raise NotFound
