"""Production refuses to start with unsafe values (S-01)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.databases import ROOT

GOOD = {
    "SECRET_KEY": "x1" * 30,
    "CHANNEL_KEY": "y2" * 20,
    "ALLOWED_HOSTS": "direkt.example.se",
    "DATABASE_URL": "postgresql://app:secret@db/direkt",
    "REDIS_URL": "redis://valkey:6379/0",
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
])  # fmt: skip
def test_an_unsafe_value_is_refused(name: str, value: str, says: str) -> None:
    done = _load(changes={name: value})
    assert done.returncode != 0
    assert says in done.stderr


def test_the_clock_cannot_be_moved() -> None:
    moved = {"DEMO_CLOCK": "2026-03-01T03:00:00+01:00", "CLOCK_OFFSET_SECONDS": "99"}
    assert _load("p.CLOCK_OFFSET_SECONDS", moved).stdout.strip() == "0.0"
