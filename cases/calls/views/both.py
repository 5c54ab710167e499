"""Both sides: coming into a call, leaving it, the red handset."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases.calls import commands, ice
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.refusals import SignInNeeded
from direkt1177.units.clock import now


@never_cache
@require_POST
def join(request: HttpRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """A page comes in: it gets the ways by which browsers reach one another, with credentials for an hour."""
    actor = _actor(request)
    session = request.POST.get("session", "")
    commands.join_call(actor=actor, case_id=public_id, call_id=call_id, session=session)
    servers = ice.ice_servers(actor.key, at=now())
    return JsonResponse({"ok": True, "ice_servers": servers, "relay_only": ice.relay_only()})


@require_POST
def leave(request: HttpRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """A page leaves; the call goes on."""
    session = request.POST.get("session", "")
    commands.leave_call(actor=_actor(request), case_id=public_id, call_id=call_id, session=session)
    return HttpResponse(status=204)


@require_POST
def end(request: HttpRequest, public_id: UUID, call_id: UUID) -> HttpResponse:
    """The red handset: the call is over, the visit goes on."""
    actor = _actor(request)
    commands.end_call(actor=actor, case_id=public_id, call_id=call_id)
    page = "calls:call" if isinstance(actor, StaffActor) else "calls:mine"
    return redirect(page, public_id, call_id)


def _actor(request: HttpRequest) -> AnyActor:
    actor = getattr(request, "actor", None)
    if actor is None:
        raise SignInNeeded
    return cast("AnyActor", actor)
