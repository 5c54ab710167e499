"""Uploaded images: only through the authorised and logged door (IMG-06, S-18)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from cases import access, uploads
from direkt1177.audit.refusals import NotFound, SignInNeeded


@require_GET
def image(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The whole image."""
    return _send(request, public_id, small=False)


@require_GET
def thumbnail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A small one for lists; reading it is logged as well."""
    return _send(request, public_id, small=True)


def _send(request: HttpRequest, public_id: UUID, *, small: bool) -> HttpResponse:
    actor = getattr(request, "actor", None)
    if actor is None:
        raise SignInNeeded
    upload = access.open_upload(actor=actor, public_id=public_id)
    path = uploads.path_of(upload.thumb_key if small else upload.file_key)
    try:
        content = path.read_bytes()
    except OSError:
        raise NotFound from None
    content_type = "image/jpeg" if small else upload.content_type
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="bild.{content_type.rpartition("/")[2]}"'
    # The bytes were re-encoded by us; should a browser still see something else in them, it can do nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
