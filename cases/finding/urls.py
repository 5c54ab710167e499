"""Addresses of finding; no patient in any of them but as a random id."""

from __future__ import annotations

from django.urls import path

from cases.finding.views import day, opening, search

app_name = "finding"
_CASE = "personal/arende/<uuid:public_id>/"

urlpatterns = [
    path("personal/sok-patient/", search.search, name="search"),
    path("personal/sok-patient/<uuid:search_id>/", search.result, name="result"),
    path("personal/valj-datum/", day.day, name="day"),
    path("personal/valj-datum/genomgangen/", day.checked, name="day_checked"),
    path("personal/nodoppningar/", opening.openings, name="openings"),
    path("personal/nodoppningar/oversikt/", opening.oversight, name="oversight"),
    path("personal/nodoppningar/<uuid:opening_id>/granskad/", opening.reviewed, name="opening_reviewed"),
    path(f"{_CASE}andra-besok/", search.other_visits, name="other_visits"),
    path(f"{_CASE}oppna-med-skal/", opening.open_found, name="open_found"),
    path(f"{_CASE}nodoppna/", opening.emergency, name="emergency"),
    path(f"{_CASE}be-om-overlamning/", opening.ask_handover, name="ask_handover"),
]
