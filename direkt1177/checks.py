"""System checks: settings that would be unsafe stop every command and every start (S-01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.module_loading import import_string

_DEMO_MODULE = "direkt1177.settings.embedded"


@register(Tags.security)
def check_socket_origins(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Sockets are accepted from full origins only: scheme, host and port, no wildcard."""
    found: list[CheckMessage] = []
    for origin in getattr(settings, "SOCKET_ORIGINS", []):
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.hostname or "*" in origin or parts.path:
            found.append(
                Error(f"SOCKET_ORIGINS: {origin!r} is no full origin like https://example.org", id="direkt.E001")
            )
    if not getattr(settings, "SOCKET_ORIGINS", []):
        found.append(Error("SOCKET_ORIGINS is empty: no browser could open a socket", id="direkt.E002"))
    return found


@register(Tags.security)
def check_demo_parts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Demo sign-in and demo pages belong to the embedded settings only."""
    if settings.SETTINGS_MODULE == _DEMO_MODULE:
        return []
    found: list[CheckMessage] = []
    backends = [*settings.STAFF_SIGN_IN_BACKENDS, *settings.RESIDENT_SIGN_IN_BACKENDS]
    if any("demo" in backend.lower() for backend in backends):
        found.append(Error("A demo sign-in back end lists invented persons: remove it", id="direkt.E003"))
    if settings.DEMO_PAGES:
        found.append(Error("DEMO_PAGES shows SMS texts to anybody: turn it off", id="direkt.E004"))
    if not backends:
        found.append(checks.Info("No sign-in back end is configured: nobody can sign in", id="direkt.I001"))
    if settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].get("default-src") is None:
        found.append(Error("The content security policy has no default-src", id="direkt.E005"))
    return found


@register(Tags.security)
def check_adapters(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is named by a Python path can be loaded: a typing error shows at the start, not at the first SMS."""
    found: list[CheckMessage] = []
    names = [*settings.STAFF_SIGN_IN_BACKENDS, *settings.RESIDENT_SIGN_IN_BACKENDS]
    for name in (*names, settings.SMS_GATEWAY, settings.PERSON_REGISTER, settings.PHONE_QUEUE):
        try:
            import_string(name)
        except ImportError:
            found.append(Error(f"{name} cannot be loaded", id="direkt.E008"))
    return found


@register(Tags.database)
def check_database_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Web and workers must not be superuser or owner of the tables: triggers and grants would not bind them."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "postgresql" or getattr(settings, "AS_OWNER", False):
            continue
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() == (True,):
                found.append(Error("DATABASE_URL signs in as a superuser: use the role app", id="direkt.E006"))
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user)"
            )
            if cursor.fetchone() == (True,):
                found.append(
                    Error("DATABASE_URL signs in as the owner of the tables: use the role app", id="direkt.E007")
                )
    return found
