"""Who sits behind a socket: the session cookie, read anew whenever it matters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Protocol

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import parse_cookie
from django.utils import timezone


class Viewer(Protocol):
    """What the sockets need to know of an actor; accounts' actors satisfy it."""

    @property
    def kind(self) -> str:
        """``staff`` or ``resident``."""

    @property
    def key(self) -> str:
        """``staff:<id>`` or ``person:<id>``; the viewer's own feed is ``me:<key>``."""

    @property
    def name(self) -> str:
        """Name as text."""


_resolvers: list[Callable[[SessionBase], Any]] = []


def register(resolver: Callable[[SessionBase], Any]) -> None:
    """Name the function that finds the actor of a session (from ``AppConfig.ready`` of accounts)."""
    _resolvers[:] = [resolver]


def viewer_of(session_key: str) -> Any:
    """The actor of a stored session, with fresh rights; None when nobody (any more) is signed in.

    Raises:
        LookupError: no app has registered how to find the actor.
    """
    if not _resolvers:
        raise LookupError("no app has registered how to find the actor of a session")
    if not session_key:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    return _resolvers[0](store)


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The session key in the headers of a handshake; empty when there is none."""
    for name, value in headers:
        if name == b"cookie":
            key = parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)
            if key:
                return key
    return ""


def living(session_keys: Iterable[str]) -> set[str]:
    """Which of the sessions still exist and have not expired, in one query."""
    found = Session.objects.filter(session_key__in=list(session_keys), expire_date__gt=timezone.now())
    return set(found.values_list("session_key", flat=True))
