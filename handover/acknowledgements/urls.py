"""Addresses of this part; names live in the namespace ``handover``."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
