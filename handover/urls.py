"""Addresses of ending a shift."""

from __future__ import annotations

from django.urls import path

from handover import views

app_name = "handover"
urlpatterns = [path("personal/avsluta-skift/", views.end_shift_page, name="end_shift")]
