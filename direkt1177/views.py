"""Answers that belong to no app: refusals, wrong addresses and errors, as page, fragment or JSON."""

from __future__ import annotations

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from direkt1177.audit.limits import TooOften
from direkt1177.audit.refusals import Refusal


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked, so that the answer must be a part of a page."""
    return request.headers.get("HX-Request") == "true"


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asked for JSON."""
    return request.headers.get("Accept", "").split(";")[0].strip() == "application/json"


def render_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Turn a named refusal into the kind of answer that was asked for; what was typed stays on the page.

    A fragment goes to the element ``#refusals`` of the page, whatever the request's own target was.
    """
    response = _answer(
        request,
        status=refusal.status,
        code=refusal.code,
        headline=str(refusal.headline),
        message=str(refusal.message),
        refusal=refusal,
    )
    if isinstance(refusal, TooOften):
        response["Retry-After"] = str(refusal.retry_after)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token was missing or old, mostly after signing in again in another tab."""
    return _answer(
        request,
        status=403,
        code="csrf",
        headline=_("The page was open too long"),
        message=_("Nothing was saved. Go back, reload the page and send it again."),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 without details: they are for the log."""
    return _answer(
        request,
        status=400,
        code="bad_request",
        headline=_("The request could not be understood"),
        message=_("Go back, reload the page and try again."),
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 of Django's own checks."""
    return _answer(
        request,
        status=403,
        code="not_allowed",
        headline=_("You do not have permission for this"),
        message=_("Ask your unit's administrator if you need it."),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: absent and forbidden look the same."""
    return _answer(
        request,
        status=404,
        code="not_found",
        headline=_("The page was not found"),
        message=_("It does not exist, or you do not have access to it."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away: a page that needs neither it nor a session."""
    headline, message = _("Something went wrong"), _("The error has been noted. Wait a moment and try again.")
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, headers = (503, {"Retry-After": "5"}) if away else (500, {})
    if wants_json(request):
        content = {"code": "unavailable" if away else "error", "headline": headline, "message": message}
        return JsonResponse(content, status=status, headers=headers)
    context = {"headline": headline, "message": message, "request_id": getattr(request, "request_id", "")}
    name = "components/_refusal.html" if wants_fragment(request) else "500.html"
    return _retarget(request, HttpResponse(loader.render_to_string(name, context), status=status, headers=headers))


def _answer(
    request: HttpRequest, *, status: int, code: str, headline: str, message: str, refusal: Refusal | None = None
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"code": code, "headline": headline, "message": message}, status=status)
    context: dict[str, Any] = {
        "status": status,
        "code": code,
        "headline": headline,
        "message": message,
        "refusal": refusal,
    }
    name = "components/_refusal.html" if wants_fragment(request) else "components/refusal.html"
    return _retarget(request, render(request, name, context, status=status))


def _retarget(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if wants_fragment(request):
        response["HX-Retarget"] = "#refusals"
        response["HX-Reswap"] = "innerHTML"
    return response
