"""Production: everything from the environment, unsafe values refuse to start (S-01, S-05)."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

from .base import *
from .base import channel_layers, database_from_url


def _required(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in the environment")
    return value


DEBUG = False
SECRET_KEY = _required("SECRET_KEY")
if len(SECRET_KEY) < 50 or "demo" in SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be at least 50 random characters")
ALLOWED_HOSTS = _required("ALLOWED_HOSTS").split(",")
DATABASE_URL = _required("DATABASE_URL")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "")
AS_OWNER = os.environ.get("DATABASE_ROLE") == "owner"
DATABASES = {
    "default": database_from_url(_required("DATABASE_OWNER_URL") if AS_OWNER else DATABASE_URL, pool=not AS_OWNER)
}
REDIS_URL = _required("REDIS_URL")
CHANNEL_LAYERS = channel_layers(REDIS_URL, _required("CHANNEL_KEY"))
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
STAFF_SIGN_IN_BACKENDS = [b for b in os.environ.get("STAFF_SIGN_IN_BACKENDS", "").split(",") if b]
RESIDENT_SIGN_IN_BACKENDS = [b for b in os.environ.get("RESIDENT_SIGN_IN_BACKENDS", "").split(",") if b]
if any("Demo" in b for b in STAFF_SIGN_IN_BACKENDS + RESIDENT_SIGN_IN_BACKENDS):
    raise ImproperlyConfigured("the demo sign-in back end lists invented persons and is refused in production")
if os.environ.get("DEMO_PAGES"):
    raise ImproperlyConfigured("DEMO_PAGES is refused in production")
SMS_GATEWAY = _required("SMS_GATEWAY")
if SMS_GATEWAY.endswith("SimulatorGateway"):
    raise ImproperlyConfigured("the SMS simulator sends nothing and is refused in production")
PERSON_REGISTER = _required("PERSON_REGISTER")
if PERSON_REGISTER.endswith("SimulatorRegister"):
    raise ImproperlyConfigured("the simulated person register is refused in production")
SOCKET_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = SOCKET_ORIGINS
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
