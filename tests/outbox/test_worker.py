"""A real Celery worker: woken right after commit, and not needed for anything to happen at last."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction

from direkt1177.embedded.children import worker_command
from direkt1177.outbox import ticks
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.outbox.models import Effect, SimulatedSms
from tests.databases import ROOT
from tests.factories import make_person, make_unit
from tests.realtime.harness import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Path]:
    """A worker on the tests' database and Redis; gives its log."""
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        process = subprocess.Popen(worker_command(), cwd=ROOT, env=dict(os.environ), stdout=out, stderr=out)
    yield log
    process.terminate()
    process.wait(30)


def _ask() -> None:
    unit, person = make_unit(), make_person()
    with transaction.atomic():
        spec = EffectSpec(
            "resident_sms", "sms:1", "case:1", {"person": person.pk, "template": "case_received", "unit": unit.pk}
        )
        assert enqueue(spec)


def test_a_worker_is_woken_by_the_commit(worker: Path) -> None:
    _ask()  # no tick runs here: only the nudge can bring it
    wait_for(lambda: Effect.objects.get().state == "done", f"the worker; its log: {worker}")
    assert SimulatedSms.objects.count() == 1


def test_without_any_worker_a_tick_does_it() -> None:
    _ask()
    assert ticks.run_all()["effects"]
    assert Effect.objects.get().state == "done"
    assert SimulatedSms.objects.count() == 1
