"""All addresses, composed from the apps (composition root). The paths themselves stand in each app's ``urls.py``."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from direkt1177.accounts.manage import site as manage

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", manage.urls),
    path("sprak/", set_language, name="set_language"),
    path("", include("direkt1177.realtime.urls")),
    path("", include("direkt1177.accounts.urls")),
    path("", include("direkt1177.residents.urls")),
    path("", include("cases.urls")),
    path("", include("cases.calls.urls")),
    path("", include("cases.finding.urls")),
    path("", include("cases.asynchronous.urls")),
    path("", include("cases.colleagues.urls")),
    path("", include("handover.urls")),
    path("", include("journal.urls")),
    path("", include("triage.urls")),
    path("", include("direkt1177.statistics.urls")),
]
if settings.DEMO_PAGES:
    urlpatterns.append(path("", include("direkt1177.outbox.urls")))

handler400 = "direkt1177.views.bad_request"
handler403 = "direkt1177.views.permission_denied"
handler404 = "direkt1177.views.page_not_found"
handler500 = "direkt1177.views.server_error"
