"""Production refuses to start with unsafe values (S-01)."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.databases import ROOT

GOOD = {
    "SECRET_KEY": "x1" * 30,
    "CHANNEL_KEY": "y2" * 20,
    "AUDIT_SEAL_KEY": "z3" * 20,
    "ALLOWED_HOSTS": "direkt.example.se",
    "DATABASE_URL": "postgresql://app:secret@db/direkt",
    "REDIS_URL": "redis://:secret@valkey:6379/0",
    "SMS_GATEWAY": "region.sms.Gateway",
    "PERSON_REGISTER": "region.persons.Register",
    "STAFF_SIGN_IN_BACKENDS": "region.sign_in.Staff",
    "RESIDENT_SIGN_IN_BACKENDS": "region.sign_in.Residents",
}


def _load(show: str = "p.DEBUG", changes: Mapping[str, str | None] | None = None) -> subprocess.CompletedProcess[str]:
    values = {"PATH": os.environ["PATH"], **GOOD, **(changes or {})}
    env = {name: value for name, value in values.items() if value is not None}
    program = f"import direkt1177.settings.production as p; print({show})"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_good_values_start() -> None:
    done = _load("p.SESSION_COOKIE_SECURE, p.DEBUG, p.SOCKET_ORIGINS")
    assert done.stdout.strip() == "True False ['https://direkt.example.se']", done.stderr


@pytest.mark.parametrize("name", [name for name in GOOD if not name.endswith("BACKENDS")])
def test_a_missing_value_is_named(name: str) -> None:
    done = _load(changes={name: None})
    assert done.returncode != 0
    assert f"{name} must be set" in done.stderr


@pytest.mark.req("AUTH-01")
@pytest.mark.parametrize(("name", "value", "says"), [
    ("SECRET_KEY", "short", "at least 50"),
    ("STAFF_SIGN_IN_BACKENDS", "direkt1177.accounts.sign_in.DemoStaffSignIn", "demo sign-in"),
    ("RESIDENT_SIGN_IN_BACKENDS", "direkt1177.accounts.sign_in.DemoResidentSignIn", "demo sign-in"),
    ("DEMO_PAGES", "1", "DEMO_PAGES"),
    ("SMS_GATEWAY", "direkt1177.outbox.gateways.SimulatorGateway", "SMS simulator"),
    ("PERSON_REGISTER", "direkt1177.residents.register.SimulatorRegister", "person register"),
    ("SECRET_KEY", "a" * 60, "at least 50"),
    ("CHANNEL_KEY", "short", "at least 32"),
    ("CHANNEL_KEY", GOOD["SECRET_KEY"], "must differ"),
    ("AUDIT_SEAL_KEY", GOOD["CHANNEL_KEY"], "must differ"),
    ("METRICS_TOKEN", "short", "at least 32"),
    ("METRICS_NETWORKS", "0.0.0.0/0", "must not be everywhere"),
    ("METRICS_NETWORKS", "all", "must be networks"),
    ("ALLOWED_HOSTS", "*", "without wildcard"),
    ("ALLOWED_HOSTS", "direkt.example.se,.example.se", "without wildcard"),
    ("PUBLIC_ORIGINS", "http://direkt.example.se", "PUBLIC_ORIGINS"),
    ("PUBLIC_ORIGINS", "https://other.example.se", "PUBLIC_ORIGINS"),
    ("DATABASE_URL", "postgresql://postgres:x@db/direkt", "role app"),
    ("DATABASE_URL", "postgresql://owner:x@db/direkt", "role app"),
    ("DATABASE_URL", "postgresql://db/direkt", "role app"),
    ("REDIS_URL", "redis://valkey:6379/0", "password"),
    ("REDIS_URL", "http://valkey", "must begin with"),
    ("DEBUG", "1", "DEBUG"),
    ("DEMO_CLOCK", "2026-03-01T03:00:00+01:00", "DEMO_CLOCK"),
    ("CLOCK_OFFSET_SECONDS", "99", "CLOCK_OFFSET_SECONDS"),
])  # fmt: skip
def test_an_unsafe_value_is_refused(name: str, value: str, says: str) -> None:
    done = _load(changes={name: value})
    assert done.returncode != 0
    assert says in done.stderr


def test_the_clock_stands_where_it_is() -> None:
    assert _load("p.CLOCK_OFFSET_SECONDS").stdout.strip() == "0.0"


def test_nobody_may_be_able_to_sign_in() -> None:
    """The pages then say so; better than a demo sign-in."""
    done = _load("p.STAFF_SIGN_IN_BACKENDS", {"STAFF_SIGN_IN_BACKENDS": "", "RESIDENT_SIGN_IN_BACKENDS": None})
    assert done.stdout.strip() == "[]", done.stderr


def _check(changes: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    values = {
        "PATH": os.environ["PATH"],
        **GOOD,
        "DJANGO_SETTINGS_MODULE": "direkt1177.settings.production",
        # Random: Django counts the different characters.
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SMS_GATEWAY": "direkt1177.outbox.gateways.NoGateway",
        "PERSON_REGISTER": "direkt1177.residents.register.NoRegister",
        "STAFF_SIGN_IN_BACKENDS": "",
        "RESIDENT_SIGN_IN_BACKENDS": "",
        # With the real database: roles and grants are part of the checks.
        **{name: os.environ[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")},
        **(changes or {}),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", "--database", "default"]
    return subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False)


def test_the_deployment_check_is_clean(transactional_db: None) -> None:
    done = _check()
    assert done.returncode == 0, done.stderr
    assert "nobody can sign in" in done.stderr


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"SMS_GATEWAY": "region.sms.Gateway"}, "region.sms.Gateway cannot be loaded"),
        ({"STAFF_SIGN_IN_BACKENDS": "region.Staff"}, "region.Staff cannot be loaded"),
    ],
)
def test_the_deployment_check_finds(changes: dict[str, str], says: str, transactional_db: None) -> None:
    done = _check(changes)
    assert done.returncode != 0
    assert says in done.stderr
