"""The default: embedded PostgreSQL and Valkey, demo persons, no system package (design §8).

``manage.py demo`` and the tests start the servers and put their addresses into the environment; with
``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``REDIS_URL`` set, those servers are used instead.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from direkt1177.embedded.folders import run_folder

from .base import *
from .base import (
    BASE_DIR,
    CONTENT_SECURITY_POLICY,
    STORAGES_HASHED,
    TIME_ZONE,
    channel_layers,
    database_from_url,
)

_RUN = run_folder(BASE_DIR / "var")
DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY", "embedded-demo-only-not-a-secret-0123456789abcdefghijklmnop")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASE_URL = os.environ.get("DATABASE_URL", f"postgresql://app@/direkt?host={_RUN}")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", f"postgresql://owner@/direkt?host={_RUN}")
REDIS_URL = os.environ.get("REDIS_URL", f"unix://{_RUN}/valkey.sock")
# Web, sockets and workers are `app`; migrations run as `owner` (`DATABASE_ROLE=owner`).
AS_OWNER = os.environ.get("DATABASE_ROLE") == "owner"
DATABASES = {"default": database_from_url(DATABASE_OWNER_URL if AS_OWNER else DATABASE_URL, pool=not AS_OWNER)}
CHANNEL_LAYERS = channel_layers(REDIS_URL, SECRET_KEY)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
STAFF_SIGN_IN_BACKENDS = ["direkt1177.accounts.sign_in.DemoStaffSignIn"]
RESIDENT_SIGN_IN_BACKENDS = ["direkt1177.accounts.sign_in.DemoResidentSignIn"]
DEMO_PAGES = True
# Demo and tests come from one address; RATE_LIMITS in the environment (JSON) changes single limits, null lifts one.
RATE_LIMITS = {
    **RATE_LIMITS,
    "sign_in": "100000/minute",
    "sign_in_failed": "100000/minute",
    "case": "60/hour",
    **json.loads(os.environ.get("RATE_LIMITS", "{}")),
}
SOCKET_RESTART_SPREAD = float(os.environ.get("SOCKET_RESTART_SPREAD", "0"))
COMPUTED_URGENCY = True
# The demo and the tests name their own port; sockets are accepted from full origins only.
SOCKET_ORIGINS = os.environ.get("SOCKET_ORIGINS", "http://localhost:8000,http://127.0.0.1:8000").split(",")
# `make demo` collects files under hashed names, as production does, and names their folder. Otherwise (tests,
# STATIC_AUTOREFRESH=1 make demo) they are served straight from static/ and a changed file shows at the next reload.
if os.environ.get("STATIC_ROOT"):
    STORAGES = STORAGES_HASHED
else:
    STATIC_ROOT = None
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = os.environ.get("STATIC_AUTOREFRESH", "1") == "1"
# Sockets may be served by a process of their own on another port of the same host (`manage.py demo` does).
LIVE_PORT = os.environ.get("LIVE_PORT", "")
if LIVE_PORT:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] += [
        f"ws://{host}:{LIVE_PORT}" for host in ("localhost", "127.0.0.1")
    ]
# Only here may the clock be moved, for demonstrations and browser tests: DEMO_CLOCK=2026-03-01T03:00:00+01:00.
# Computed once and inherited by child processes, so that all of them agree.
if "DEMO_CLOCK" in os.environ:
    _start = datetime.fromisoformat(os.environ["DEMO_CLOCK"])
    if _start.tzinfo is None:
        _start = _start.replace(tzinfo=ZoneInfo(TIME_ZONE))
    _offset = (_start - datetime.now(UTC)).total_seconds()
    os.environ.setdefault("CLOCK_OFFSET_SECONDS", str(round(_offset)))
CLOCK_OFFSET_SECONDS = float(os.environ.get("CLOCK_OFFSET_SECONDS", "0"))
