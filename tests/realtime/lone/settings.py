"""Embedded settings with the three lowest apps only."""

from __future__ import annotations

import os

from direkt1177.settings.embedded import *  # noqa: F403
from direkt1177.settings.embedded import INSTALLED_APPS, MIDDLEWARE, TEMPLATES

_KEPT = {"channels", "pgtrigger", "direkt1177.realtime", "direkt1177.outbox", "direkt1177.audit"}
_KEPT |= {f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions", "messages")}
INSTALLED_APPS = [app for app in INSTALLED_APPS if app in _KEPT]
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = []
MIDDLEWARE = [name for name in MIDDLEWARE if name.startswith("django.") and "locale" not in name]
MIDDLEWARE.append("tests.realtime.lone.notes.actor_middleware")
TEMPLATES[0].update(OPTIONS={"context_processors": []})
ROOT_URLCONF = "tests.realtime.lone.urls"
SOCKET_RESTART_SPREAD = float(os.environ.get("SOCKET_RESTART_SPREAD", "0"))
