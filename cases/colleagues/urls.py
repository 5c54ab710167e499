"""Addresses of guests and the internal chat; staff only."""

from __future__ import annotations

from django.urls import path

from cases.colleagues.views import guests, internal

app_name = "colleagues"
_CASE = "personal/arende/<uuid:public_id>/"

urlpatterns = [
    path("personal/besok-som-gast/", guests.mine, name="mine"),
    path(f"{_CASE}internt/", internal.pane, name="pane"),
    path(f"{_CASE}internt/rader/", internal.log, name="log"),
    path(f"{_CASE}internt/ikoner/", internal.icons, name="icons"),
    path(f"{_CASE}internt/skicka/", internal.send, name="send"),
    path(f"{_CASE}internt/last/", internal.seen, name="seen"),
    path(f"{_CASE}gaster/bjud-in/", guests.invite, name="invite"),
    path(f"{_CASE}gaster/lista/", guests.listed, name="guests"),
    path(f"{_CASE}gaster/<uuid:guest_id>/lage/", guests.change_mode, name="mode"),
    path(f"{_CASE}gaster/<uuid:guest_id>/avsluta/", guests.end, name="end"),
]
