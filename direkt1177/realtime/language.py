"""The language that somebody has chosen, from their cookie: for pages, sockets and the HTTP twins alike."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.http import parse_cookie


def known(code: str | None) -> str:
    """The language of the service that a code names; Swedish for anything else.

    What the browser says it prefers does not count: care is given in Swedish, and another language is a choice.
    """
    return code if code in dict(settings.LANGUAGES) and code is not None else settings.LANGUAGE_CODE


def language_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The chosen language in the headers of a socket's handshake."""
    for name, value in headers:
        if name == b"cookie":
            code = parse_cookie(value.decode("latin-1")).get(settings.LANGUAGE_COOKIE_NAME)
            if code:
                return known(code)
    return settings.LANGUAGE_CODE
