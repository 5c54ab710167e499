"""Production: everything from the environment, unsafe values refuse to start (S-01, S-05).

``docs/operations.md`` lists the variables. Whatever stands here must be safe without anybody having read it.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import LOGGING, STORAGES_HASHED, channel_layers, database_from_url


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in the environment")
    return value


def _secret(name: str, length: int) -> str:
    """A secret that is long and not obviously typed by hand."""
    value = _required(name)
    if len(value) < length or len(set(value)) < 2 or "demo" in value or "change" in value.lower():
        raise ImproperlyConfigured(f"{name} must be at least {length} random characters")
    return value


def _list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


for _name in ("DEBUG", "DJANGO_DEBUG", "DEMO_PAGES", "DEMO_CLOCK", "CLOCK_OFFSET_SECONDS"):
    if os.environ.get(_name):
        raise ImproperlyConfigured(f"{_name} is refused in production")

DEBUG = False
SECRET_KEY = _secret("SECRET_KEY", 50)
SECRET_KEY_FALLBACKS = _list("SECRET_KEY_FALLBACKS")
_channel_key = _secret("CHANNEL_KEY", 32)
AUDIT_SEAL_KEY = _secret("AUDIT_SEAL_KEY", 32)
if len({SECRET_KEY, _channel_key, AUDIT_SEAL_KEY}) < 3:
    raise ImproperlyConfigured("SECRET_KEY, CHANNEL_KEY and AUDIT_SEAL_KEY must differ from each other")

_required("ALLOWED_HOSTS")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS")
if any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name each host in full, without wildcard")
# Full origins of the pages; only to be named when the public port is not 443.
PUBLIC_ORIGINS = _list("PUBLIC_ORIGINS") or [f"https://{host}" for host in ALLOWED_HOSTS]
for _origin in PUBLIC_ORIGINS:
    _parts = urlsplit(_origin)
    if _parts.scheme != "https" or _parts.hostname not in ALLOWED_HOSTS or _parts.path:
        raise ImproperlyConfigured("PUBLIC_ORIGINS must be https:// addresses of hosts in ALLOWED_HOSTS, without path")
SOCKET_ORIGINS = PUBLIC_ORIGINS
CSRF_TRUSTED_ORIGINS = PUBLIC_ORIGINS

DATABASE_URL = _required("DATABASE_URL")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "")
AS_OWNER = os.environ.get("DATABASE_ROLE") == "owner"
_user = urlsplit(DATABASE_URL).username
if _user in (None, "", "postgres", "owner") or _user == urlsplit(DATABASE_OWNER_URL).username:
    raise ImproperlyConfigured("DATABASE_URL must sign in as the role app, never as superuser or owner of the tables")
DATABASES = {
    "default": database_from_url(_required("DATABASE_OWNER_URL") if AS_OWNER else DATABASE_URL, pool=not AS_OWNER)
}

REDIS_URL = _required("REDIS_URL")
if urlsplit(REDIS_URL).scheme not in ("unix", "redis", "rediss"):
    raise ImproperlyConfigured("REDIS_URL must begin with unix://, redis:// or rediss://")
if urlsplit(REDIS_URL).scheme != "unix" and not urlsplit(REDIS_URL).password:
    raise ImproperlyConfigured("REDIS_URL must carry a password unless it is a unix socket")
CHANNEL_LAYERS = channel_layers(REDIS_URL, _channel_key)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

# Empty lists are allowed: the sign-in pages then say that nobody can sign in.
STAFF_SIGN_IN_BACKENDS = _list("STAFF_SIGN_IN_BACKENDS")
RESIDENT_SIGN_IN_BACKENDS = _list("RESIDENT_SIGN_IN_BACKENDS")
if any("demo" in backend.lower() for backend in STAFF_SIGN_IN_BACKENDS + RESIDENT_SIGN_IN_BACKENDS):
    raise ImproperlyConfigured("the demo sign-in back end lists invented persons and is refused in production")
SMS_GATEWAY = _required("SMS_GATEWAY")
if SMS_GATEWAY.endswith("SimulatorGateway"):
    raise ImproperlyConfigured("the SMS simulator sends nothing and is refused in production")
PERSON_REGISTER = _required("PERSON_REGISTER")
if PERSON_REGISTER.endswith("SimulatorRegister"):
    raise ImproperlyConfigured("the simulated person register is refused in production")
PHONE_QUEUE = os.environ.get("PHONE_QUEUE", "cases.asynchronous.teleq.NoPhoneQueue")
if PHONE_QUEUE.endswith("SimulatorPhoneQueue"):
    raise ImproperlyConfigured("the simulated telephone queue is refused in production")

SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_SSL_HOST = os.environ.get("SSL_HOST") or None
# The proxy must set this header on every request, whatever the browser sent; nothing else may reach the processes.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

STORAGES = STORAGES_HASHED

# Monitoring: a token, or direct connections from these networks (docs/operations.md).
METRICS_TOKEN = _secret("METRICS_TOKEN", 32) if os.environ.get("METRICS_TOKEN") else ""
METRICS_NETWORKS = _list("METRICS_NETWORKS") or ["127.0.0.1/32", "::1/128"]
try:
    _networks = [ip_network(each) for each in METRICS_NETWORKS]
except ValueError as _error:
    raise ImproperlyConfigured("METRICS_NETWORKS must be networks such as 10.0.5.0/24") from _error
if any(each.prefixlen == 0 for each in _networks):
    raise ImproperlyConfigured("METRICS_NETWORKS must not be everywhere")

JSON_LOGS = True
LOGGING["handlers"]["console"]["formatter"] = "json"
# The servers' own handlers would write plain lines: theirs go through ours.
LOGGING["loggers"] |= {
    name: {"handlers": [], "propagate": True} for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "celery")
}
