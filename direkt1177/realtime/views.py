"""HTTP twins of the sockets: the whole job works by polling where WebSockets are blocked (design §3)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from pydantic import ValidationError

from direkt1177.realtime import actions
from direkt1177.realtime.frames import BadFrameError, Subscribe, parse_object, refused
from direkt1177.realtime.reading import read_since
from direkt1177.realtime.refused import Refused
from direkt1177.realtime.sources import NoSuchFeedError, source_for

_STATUS = {"too_large": 413, "bad_frame": 400, "unknown_action": 400}


@never_cache
@require_GET
def feed(request: HttpRequest) -> HttpResponse:
    """``GET /live/feed/?feed=&after=``: the same ``changes`` frame that a socket would send."""
    actor: Any = getattr(request, "actor", None)
    asked = _asked(request)
    if asked is None:
        return JsonResponse({"type": "error", "code": "bad_frame", "action": "subscribe"}, status=400)
    if actor is None:
        return JsonResponse(refused(asked.feed, "sign_in_needed"), status=401)
    try:
        source = source_for(asked.feed)
        grant = source.authorize(actor, asked.feed)
    except (Refused, NoSuchFeedError) as error:
        status = getattr(error, "status", 404)
        return JsonResponse(refused(asked.feed, getattr(error, "code", "not_found")), status=status)
    if grant.log:
        source.log_poll(actor, asked.feed, grant)
    return HttpResponse(read_since(asked.feed, asked.after).text, content_type="application/json")


@never_cache
@require_POST
def action(request: HttpRequest) -> HttpResponse:
    """``POST /live/action/`` with the frame of a registered action as JSON; answers with its ack."""
    actor: Any = getattr(request, "actor", None)
    try:
        frame = parse_object(request.body)
        asked = actions.named(frame.pop("action", None))
    except BadFrameError as error:
        return JsonResponse({"type": "error", "code": error.code, "action": None}, status=_STATUS[error.code])
    if actor is None:
        return JsonResponse({"type": "error", "code": "sign_in_needed", "action": asked.name}, status=401)
    outcome = actions.perform(asked, actor, frame)
    return JsonResponse(outcome.ack, status=outcome.status)


def _asked(request: HttpRequest) -> Subscribe | None:
    try:
        after = int(request.GET.get("after") or 0)
        return Subscribe(action="subscribe", feed=request.GET.get("feed", ""), after=after)
    except (ValueError, ValidationError):
        return None
