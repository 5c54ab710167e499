"""Request ids for the log, and named refusals as clear answers."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from urllib.parse import SplitResult, urlencode, urlsplit

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from direkt1177.audit.refusals import Refusal, SignInNeeded
from direkt1177.realtime.request_id import request_id as current_id
from direkt1177.views import render_refusal, wants_fragment, wants_json

GetResponse = Callable[[HttpRequest], HttpResponse]
_UTF_8 = ("utf-8", "utf8")
_LONGEST = 2000  # of an address to come back to: Django refuses redirects above 16 KiB


class RequestIdFilter(logging.Filter):
    """Puts the id of the current request into every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``request_id``; nothing is filtered away."""
        record.request_id = current_id.get() or "-"
        return True


class RequestIdMiddleware:
    """Gives every request an id of ours, in the log and in the answer's ``X-Request-Id``.

    An id sent by the client is not taken over: it could forge or flood the log.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the id around the rest of the chain."""
        request_id = uuid.uuid4().hex  # audit rows of this request carry it too
        request.request_id = request_id  # type: ignore[attr-defined]
        token = current_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
        response["X-Request-Id"] = request_id
        return response


class PermissionsPolicyMiddleware:
    """Says on every answer what no page of ours uses, and that nobody else may load our files (S-04)."""

    unused = (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )  # fmt: skip

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = ", ".join(f"{name}=()" for name in self.unused)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers unless a view has set its own (a page for calls may open the camera)."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.policy)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def open_devices(response: HttpResponse) -> HttpResponse:
    """Let this page alone use camera, microphone and sound: a call, or trying them out (VID-04, AUTH-14).

    Args:
        response: of a page of ours; all other pages keep them closed.
    """
    opened = ("autoplay", "camera", "microphone")
    parts = [f"{name}={'(self)' if name in opened else '()'}" for name in PermissionsPolicyMiddleware.unused]
    response["Permissions-Policy"] = ", ".join(parts)
    return response


class RefusalMiddleware:
    """Turns refusals of commands and doors into pages, fragments or JSON that say what to do."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Everything here is UTF-8: Python knows "character sets" that fail whatever they get.

        Raises:
            BadRequest: another one is named.
        """
        if (request.encoding or "utf-8").lower() not in _UTF_8:
            raise BadRequest
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer refusals; everything else goes on to Django."""
        if not isinstance(exception, Refusal):
            return None
        if isinstance(exception, SignInNeeded) and not wants_json(request):
            return _to_sign_in(request)
        return render_refusal(request, exception)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send the browser to the right sign-in page; it comes back to the address it was on."""
    page = request.get_full_path()
    fragment = wants_fragment(request)
    if fragment or request.method != "GET":
        shown = _parsed(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "/")
        page = f"/{shown.path.lstrip('/')}" + (f"?{shown.query}" if shown.query else "")
    if len(page) > _LONGEST:
        page = request.path[:_LONGEST]
    entries = ("/personal/", "/admin/", "/statistik/")
    staff = page.startswith(entries) or request.path.startswith(entries)
    target = reverse("accounts:staff_sign_in" if staff else "accounts:resident_sign_in")
    address = f"{target}?{urlencode({'next': page})}"
    if not fragment:
        return HttpResponseRedirect(address)
    response = HttpResponse(status=401)
    response["HX-Redirect"] = address
    return response


def _parsed(address: str) -> SplitResult:
    """An address from a header; the start page when it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("/")
