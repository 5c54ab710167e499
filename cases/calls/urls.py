"""Addresses of calls and of trying out camera and sound."""

from __future__ import annotations

from django.urls import path

from cases.calls.views import both, resident, staff

app_name = "calls"
_CASE = "personal/arende/<uuid:public_id>/samtal/"
_MINE = "mina-arenden/<uuid:public_id>/samtal/"
_BOTH = "arende/<uuid:public_id>/samtal/<uuid:call_id>/"

urlpatterns = [
    path("personal/installningar/hardvara/", staff.hardware, name="hardware"),
    path(_CASE, staff.panel, name="panel"),
    path(f"{_CASE}ring/", staff.request_call, name="request"),
    path(f"{_CASE}<uuid:call_id>/", staff.call, name="call"),
    path(_MINE, resident.card, name="card"),
    path(f"{_MINE}<uuid:call_id>/", resident.call, name="mine"),
    path(f"{_MINE}<uuid:call_id>/svar/", resident.answer, name="answer"),
    path(f"{_BOTH}anslut/", both.join, name="join"),
    path(f"{_BOTH}lamna/", both.leave, name="leave"),
    path(f"{_BOTH}lagg-pa/", both.end, name="end"),
]
