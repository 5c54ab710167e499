"""Addresses of this part; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import path

from handover.timers import views

_CASE = "personal/arende/<uuid:public_id>/"

urlpatterns = [
    path(f"{_CASE}klockan/", views.clock_panel, name="clock_panel"),
    path(f"{_CASE}kontaktforsok/", views.attempts, name="attempts"),
    path(f"{_CASE}varning/", views.warn, name="warn_patient"),
    path(f"{_CASE}sms-paminnelse/", views.remind, name="remind_patient"),
    path(f"{_CASE}telefonforsok/", views.phone, name="phone_attempt"),
    path(f"{_CASE}avsluta-utan-svar/", views.close_without_reply, name="close_without_reply"),
]
