"""The statistics interface has an entry of its own (AUTH-03)."""

from __future__ import annotations

from django.urls import path

from direkt1177.statistics import views

app_name = "statistics"

urlpatterns = [path("statistik/", views.overview, name="overview")]
