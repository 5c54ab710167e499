"""Production settings refuse everything that belongs to the demo, in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = {
    "DJANGO_SETTINGS_MODULE": "direkt1177.settings.production",
    "SECRET_KEY": "s3cret-" + "x1Y2" * 15,
    "ALLOWED_HOSTS": "direkt.example",
    "DATABASE_URL": "postgresql://app@localhost/direkt",
    "REDIS_URL": "redis://localhost",
    "CHANNEL_KEY": "c" * 40,
    "STAFF_SIGN_IN_BACKENDS": "siths.SithsSignIn",
    "RESIDENT_SIGN_IN_BACKENDS": "bankid.BankIdSignIn",
    "SMS_GATEWAY": "gateway.RealGateway",
    "PERSON_REGISTER": "pu.PuRegister",
}


def _start(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup(); print('started')"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_good_settings_start() -> None:
    done = _start()
    assert done.stdout.strip() == "started", done.stderr


@pytest.mark.req("AUTH-01")
@pytest.mark.parametrize(
    "changes",
    [
        {"STAFF_SIGN_IN_BACKENDS": "direkt1177.accounts.sign_in.DemoStaffSignIn"},
        {"RESIDENT_SIGN_IN_BACKENDS": "bankid.X,direkt1177.accounts.sign_in.DemoResidentSignIn"},
        {"PERSON_REGISTER": "direkt1177.residents.register.SimulatorRegister"},
        {"SMS_GATEWAY": "direkt1177.outbox.gateways.SimulatorGateway"},
        {"SECRET_KEY": "short"},
        {"DEMO_PAGES": "1"},
        {"PERSON_REGISTER": ""},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_demo_parts_are_refused(changes: dict[str, str]) -> None:
    done = _start(**changes)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
