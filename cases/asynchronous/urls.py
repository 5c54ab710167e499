"""Addresses of asynchronous cases."""

from __future__ import annotations

from django.urls import path

from cases.asynchronous.views import begin, follow_ups, rating

app_name = "asynchronous"
_CASE = "personal/arende/<uuid:public_id>/"

urlpatterns = [
    path("personal/asynkrona/", follow_ups.follow_ups, name="follow_ups"),
    path("personal/asynkrona/antal/", follow_ups.count, name="count"),
    path(f"{_CASE}klar/", follow_ups.mark, name="mark"),
    path(f"{_CASE}inte-klar/", follow_ups.undo, name="undo"),
    path(f"{_CASE}forlang/", follow_ups.extend, name="extend"),
    path(f"{_CASE}nytt-asynk/", begin.from_case, name="from_case"),
    path("personal/nytt-asynk/", begin.search, name="search"),
    path("personal/nytt-asynk/samtal/<uuid:call_id>/", begin.from_call, name="from_call"),
    path("personal/nytt-asynk/<uuid:person_id>/", begin.begin, name="begin"),
    path("mina-arenden/<uuid:public_id>/betyg/", rating.rate, name="rate"),
]
