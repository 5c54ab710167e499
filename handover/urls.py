"""Addresses of handover, composed of its parts."""

from __future__ import annotations

from handover.acknowledgements import urls as acknowledgements
from handover.notices import urls as notices
from handover.offers import urls as offers
from handover.shifts import urls as shifts
from handover.tickets import urls as tickets
from handover.timers import urls as timers

app_name = "handover"
urlpatterns = [
    *shifts.urlpatterns,
    *offers.urlpatterns,
    *tickets.urlpatterns,
    *acknowledgements.urlpatterns,
    *timers.urlpatterns,
    *notices.urlpatterns,
]
