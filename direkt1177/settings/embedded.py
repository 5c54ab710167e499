"""The default: embedded PostgreSQL and Valkey, demo persons, no system package (design §8).

``manage.py demo`` and the tests start the servers and put their addresses into the environment; with
``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``REDIS_URL`` set, those servers are used instead.
"""

from __future__ import annotations

import os

from direkt1177.embedded.folders import run_folder

from .base import *
from .base import BASE_DIR, channel_layers, database_from_url

_RUN = run_folder(BASE_DIR / "var")
DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY", "embedded-demo-only-not-a-secret-0123456789abcdefghijklmnop")  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
DATABASE_URL = os.environ.get("DATABASE_URL", f"postgresql://app@/direkt?host={_RUN}")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", f"postgresql://owner@/direkt?host={_RUN}")
REDIS_URL = os.environ.get("REDIS_URL", f"unix://{_RUN}/valkey.sock")
# Web, sockets and workers are `app`; migrations run as `owner` (`DATABASE_ROLE=owner`).
_AS_OWNER = os.environ.get("DATABASE_ROLE") == "owner"
DATABASES = {"default": database_from_url(DATABASE_OWNER_URL if _AS_OWNER else DATABASE_URL, pool=not _AS_OWNER)}
CHANNEL_LAYERS = channel_layers(REDIS_URL, SECRET_KEY)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
STAFF_SIGN_IN_BACKENDS = ["direkt1177.accounts.sign_in.DemoStaffSignIn"]
RESIDENT_SIGN_IN_BACKENDS = ["direkt1177.accounts.sign_in.DemoResidentSignIn"]
DEMO_PAGES = True
COMPUTED_URGENCY = True
# Browsers' own address as the page's origin; the port is known only when the demo starts.
SOCKET_ORIGINS = os.environ.get("SOCKET_ORIGINS", "http://localhost:*,http://127.0.0.1:*").split(",")
