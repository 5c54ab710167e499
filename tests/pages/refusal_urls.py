"""Addresses for test_refusals: views that refuse or break in every way."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from direkt1177.audit import refusals
from direkt1177.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def refuse(request: HttpRequest, name: str) -> HttpResponse:
    """Raise the refusal of that name."""
    raise getattr(refusals, name)


def taken(request: HttpRequest) -> HttpResponse:
    """A refusal that says who and when."""
    raise refusals.Refusal("Anna Andersson <script>tog emot ärendet kl. 10.41.")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    raise ZeroDivisionError("secret text of a patient")


def away(request: HttpRequest) -> HttpResponse:
    """The database does not answer."""
    raise OperationalError("secret address")


def denied(request: HttpRequest) -> HttpResponse:
    """Django's own refusal."""
    raise PermissionDenied


def change(request: HttpRequest) -> HttpResponse:
    """Something that needs a CSRF token."""
    return HttpResponse("changed")


urlpatterns = [
    path("refuse/<str:name>/", refuse),
    path("personal/refuse/<str:name>/", refuse),
    path("taken/", taken),
    path("broken/", broken),
    path("away/", away),
    path("denied/", denied),
    path("change/", change),
    path("", include("direkt1177.urls")),
]
