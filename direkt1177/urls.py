"""All addresses, composed from the apps (composition root). The paths themselves stand in each app's ``urls.py``."""

from __future__ import annotations

import importlib
import importlib.util
import logging

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from direkt1177.accounts.manage import site as manage

# Longest prefix first where two apps share one: the triage entrance owns the root's other pages.
_APPS = [
    "direkt1177.realtime",
    "direkt1177.accounts",
    "direkt1177.residents",
    "cases",
    "handover",
    "journal",
    "triage",
    "direkt1177.statistics",
]


def _built(app: str) -> bool:
    # BUILD TOLERANCE: to be removed when all apps stand.
    if importlib.util.find_spec(f"{app}.urls") is None:
        return False
    try:
        importlib.import_module(f"{app}.urls")
    except ImportError as error:
        logging.getLogger(__name__).warning("%s.urls left out: %s", app, error)
        return False
    return True


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", manage.urls),
    *(path("", include(f"{app}.urls")) for app in _APPS if _built(app)),
]
if settings.DEMO_PAGES and _built("direkt1177.outbox"):
    urlpatterns.append(path("", include("direkt1177.outbox.urls")))

handler400 = "direkt1177.views.bad_request"
handler403 = "direkt1177.views.permission_denied"
handler404 = "direkt1177.views.page_not_found"
handler500 = "direkt1177.views.server_error"
