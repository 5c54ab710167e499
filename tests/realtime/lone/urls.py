"""Addresses of the lowest apps."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("direkt1177.realtime.urls")), path("", include("direkt1177.outbox.urls"))]
