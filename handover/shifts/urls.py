"""Addresses of ending a shift."""

from __future__ import annotations

from django.urls import path

from handover.shifts import views

urlpatterns = [path("personal/avsluta-skift/", views.end_shift_page, name="end_shift")]
