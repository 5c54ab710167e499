"""Settings shared by every way of running; what differs comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def database_from_url(url: str, *, pool: bool = True) -> dict[str, Any]:
    """Turn a ``postgresql://user:password@host/name`` address into Django's dictionary.

    A unix socket folder is given as ``?host=/folder`` (libpq's own form).

    Args:
        url: address of the database.
        pool: whether connections come from a psycopg pool (sockets and web need it, tests do not).
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {"application_name": "direkt1177"}
    size = int(os.environ.get("DATABASE_POOL", "12"))
    if pool and size:
        options["pool"] = {"min_size": 1, "max_size": size, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host") or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": options,
    }


INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "csp",
    "pgtrigger",
    "direkt1177",
    "direkt1177.realtime",
    "direkt1177.outbox",
    "direkt1177.audit",
    "direkt1177.units",
    "direkt1177.residents",
    "direkt1177.accounts",
    "direkt1177.questions",
    "cases",
    "cases.calls",
    "cases.finding",
    "cases.asynchronous",
    "cases.colleagues",
    "triage",
    "journal",
    "handover",
    "direkt1177.statistics",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "direkt1177.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "direkt1177.middleware.PermissionsPolicyMiddleware",
    "direkt1177.middleware.RequestIdMiddleware",
    "direkt1177.accounts.middleware.ActorMiddleware",
    "direkt1177.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "direkt1177.urls"
ASGI_APPLICATION = "direkt1177.asgi.application"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["direkt1177.accounts.backends.StaffBackend"]
LOGIN_URL = "accounts:staff_sign_in"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "direkt1177.accounts.context_processors.actor",
                "direkt1177.live.address",
            ],
        },
    }
]

LANGUAGE_CODE = "sv"
LANGUAGES = [("sv", _("Swedish")), ("en", _("English"))]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LOCALE_PATHS = [BASE_DIR / "direkt1177" / "locale"]
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["direkt1177.formats"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT: Path | None = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "var" / "static"))
# Names that carry their content (production and `make demo`); tests serve straight from static/.
STORAGES_HASHED = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "direkt1177.static_files.HashedFiles"},
}
# Uploaded images lie outside every web root and leave only through an authorised, logged view.
UPLOAD_ROOT = Path(os.environ.get("UPLOAD_ROOT", BASE_DIR / "var" / "uploads"))

# Sessions live in PostgreSQL: losing Redis signs nobody out (S-03).
SESSION_ENGINE = "direkt1177.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "direkt1177.views.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# Not "no-referrer": browsers then send "Origin: null" with our own forms and the CSRF check would refuse them.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who may offer sign-in. The demo back end lists invented persons; production refuses it (checks.py).
STAFF_SIGN_IN_BACKENDS: list[str] = []
RESIDENT_SIGN_IN_BACKENDS: list[str] = []
DEMO_PAGES = False
SMS_GATEWAY = "direkt1177.outbox.gateways.SimulatorGateway"
PERSON_REGISTER = "direkt1177.residents.register.SimulatorRegister"
PHONE_QUEUE = "cases.asynchronous.teleq.SimulatorPhoneQueue"
# Never other than 0 outside the embedded settings: rules ask units.clock.now(), which adds it.
CLOCK_OFFSET_SECONDS = 0.0
# Port of a socket process beside the web process; empty means the page's own origin (production: one proxy).
LIVE_PORT = ""
# Seals of the logs (audit/seal_chain.py): a key that the database administrator does not know; else SECRET_KEY.
AUDIT_SEAL_KEY = os.environ.get("AUDIT_SEAL_KEY", "")
# Earlier keys, so that what they sealed can still be verified.
AUDIT_SEAL_KEYS_OLD = [key for key in os.environ.get("AUDIT_SEAL_KEYS_OLD", "").split(",") if key]

# Off in production until a named person enables it per provider (design §5).
COMPUTED_URGENCY = False

# Who may read /metrics: holders of the token, or direct connections from these networks.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
METRICS_NETWORKS = ["127.0.0.1/32", "::1/128"]
# /ready answers 503 below this.
READY_FREE_DISK_MB = int(os.environ.get("READY_FREE_DISK_MB", "512"))

# Video and voice (docs/operations.md): addresses such as stun:turn.example.se:3478 and turn:turn.example.se:3478,
# separated by commas, and coturn's static-auth-secret. Without a relay, calls through strict firewalls fail.
CALL_STUN = [url.strip() for url in os.environ.get("CALL_STUN", "").split(",") if url.strip()]
CALL_TURN = [url.strip() for url in os.environ.get("CALL_TURN", "").split(",") if url.strip()]
CALL_TURN_SECRET = os.environ.get("CALL_TURN_SECRET", "")
# "1": sound and picture go by the relay only, so that neither side learns the other's network address.
CALL_RELAY_ONLY = os.environ.get("CALL_RELAY_ONLY", "") == "1"

# Rate limits (S-09): what they count stands in direkt1177/audit/limits.py. One hospital sits behind one address, so
# sign-ins that fail have a limit of their own.
RATE_LIMITS = {
    "sign_in": "300/5 minutes",
    "sign_in_failed": "10/5 minutes",
    "case": "5/hour",
    "image": "20/hour",
    "message": "20/10 seconds",
    "search": "30/minute",
}

# A stopping process closes its sockets over so many seconds, so that pages do not come back all at once.
SOCKET_RESTART_SPREAD = float(os.environ.get("SOCKET_RESTART_SPREAD", "10"))

# Celery only ticks and carries row ids; every message may be lost (design §2).
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "tick-10": {"task": "direkt1177.tick", "schedule": 10.0, "options": {"expires": 10}},
}

# Production writes one JSON object a line, out of an allow-list of fields (direkt1177/logs.py).
JSON_LOGS = False
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "direkt1177.middleware.RequestIdFilter"}},
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"},
        "json": {"()": "direkt1177.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        # A stranger's wrong Host is answered with 400; a traceback for each would let anybody flood the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}


def channel_layers(redis_url: str, key: str) -> dict[str, Any]:
    """The pub/sub layer with explicit socket timeouts and encrypted frames (design §3, traps).

    Args:
        redis_url: ``redis://…`` or ``unix:///path``.
        key: secret for frame encryption.
    """
    return {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {
                "hosts": [{"address": redis_url, "socket_timeout": 10, "socket_connect_timeout": 2}],
                "prefix": os.environ.get("REDIS_PREFIX", "direkt"),
                "symmetric_encryption_keys": [key],
            },
        }
    }
