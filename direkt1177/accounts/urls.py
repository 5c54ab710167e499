"""Addresses of signing in, units and settings."""

from __future__ import annotations

from django.urls import path

from direkt1177.accounts import views

app_name = "accounts"

urlpatterns = [
    path("personal/logga-in/", views.staff_sign_in, name="staff_sign_in"),
    path("personal/logga-ut/", views.staff_sign_out, name="staff_sign_out"),
    path("personal/enhet/", views.choose_unit, name="choose_unit"),
    path("personal/enhet/avsluta-skift/<int:shift_id>/", views.end_running_shift, name="end_running_shift"),
    path("personal/installningar/", views.settings, name="settings"),
    path("personal/i-tjanst/", views.on_duty, name="on_duty"),
    path("logga-in/", views.resident_sign_in, name="resident_sign_in"),
    path("logga-ut/", views.resident_sign_out, name="resident_sign_out"),
]
