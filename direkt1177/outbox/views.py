"""The inbox of the SMS simulator, in the demonstration only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from direkt1177.outbox.models import SimulatedSms

MOST_SHOWN = 50


@never_cache
@require_GET
def sms_inbox(request: HttpRequest) -> HttpResponse:
    """``GET /demo/sms/``: the newest simulated SMS; with ``?del=lista`` only the list, for refreshing.

    Raises:
        Http404: outside the demonstration.
    """
    if not settings.DEMO_PAGES:
        raise Http404
    sent = SimulatedSms.objects.order_by("-id")[:MOST_SHOWN]
    template = "outbox/_sms_list.html" if request.GET.get("del") == "lista" else "outbox/sms_inbox.html"
    return render(request, template, {"sent": sent, "most_shown": MOST_SHOWN})
