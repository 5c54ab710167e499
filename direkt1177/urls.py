"""All addresses, composed from the apps (composition root). The paths themselves stand in each app's ``urls.py``."""

from __future__ import annotations

import importlib.util

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

# Longest prefix first where two apps share one: the triage entrance owns the root's other pages.
_APPS = [
    "direkt1177.realtime",
    "direkt1177.accounts",
    "cases",
    "handover",
    "journal",
    "triage",
    "direkt1177.statistics",
]


def _built(app: str) -> bool:
    return importlib.util.find_spec(f"{app}.urls") is not None


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    *(path("", include(f"{app}.urls")) for app in _APPS if _built(app)),
]
if settings.DEMO_PAGES and _built("direkt1177.outbox"):
    urlpatterns.append(path("", include("direkt1177.outbox.urls")))

handler400 = "direkt1177.views.bad_request"
handler403 = "direkt1177.views.permission_denied"
handler404 = "direkt1177.views.page_not_found"
handler500 = "direkt1177.views.server_error"
