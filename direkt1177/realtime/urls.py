"""Addresses of the HTTP twins."""

from __future__ import annotations

from django.urls import path

from direkt1177.realtime import views

app_name = "realtime"
urlpatterns = [
    path("live/feed/", views.feed, name="feed"),
    path("live/action/", views.action, name="action"),
]
