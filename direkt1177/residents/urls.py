"""Addresses of residents' own pages."""

from __future__ import annotations

from django.urls import path

from direkt1177.residents import views

app_name = "residents"

urlpatterns = [
    path("", views.home, name="home"),
    path("min-profil/", views.profile, name="profile"),
    path("support/", views.support, name="support"),
]
