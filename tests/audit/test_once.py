"""Same key, same outcome; same key with another body is refused (R-09)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from direkt1177.audit.idempotency import forget_old, once
from direkt1177.audit.models import ChangeLog, IdempotencyKey
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import KeyReused
from tests.audit.acting import Somebody, SomethingHappened


@command
def _happen(*, actor: Somebody, key: str, case: str, fail: bool = False) -> dict[str, Any]:
    def do() -> dict[str, Any]:
        if fail:
            raise ValueError(case)
        record(SomethingHappened(case), actor=actor)
        return {"nth": ChangeLog.objects.count()}

    return once(actor=actor, key=key, command="happen", body={"case": case}, do=do)


@pytest.mark.django_db(transaction=True)
def test_many_threads_with_one_key_do_it_once_and_all_get_the_outcome() -> None:
    start = Barrier(8)

    def call(_: int) -> dict[str, Any]:
        try:
            start.wait(30)
            return _happen(actor=Somebody(), key="k", case="a")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(call, range(8)))
    assert outcomes == [{"nth": 1}] * 8
    assert ChangeLog.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_another_body_is_refused_and_another_actor_is_free() -> None:
    _happen(actor=Somebody(), key="k", case="a")
    with pytest.raises(KeyReused):
        _happen(actor=Somebody(), key="k", case="b")
    assert _happen(actor=Somebody(key="staff:2"), key="k", case="b") == {"nth": 2}


@pytest.mark.django_db(transaction=True)
def test_a_failed_call_does_not_burn_the_key() -> None:
    with pytest.raises(ValueError, match="a"):
        _happen(actor=Somebody(), key="k", case="a", fail=True)
    assert not IdempotencyKey.objects.exists()
    assert _happen(actor=Somebody(), key="k", case="a") == {"nth": 1}


@pytest.mark.django_db(transaction=True)
def test_keys_are_forgotten_after_thirty_days() -> None:
    _happen(actor=Somebody(), key="old", case="a")
    _happen(actor=Somebody(), key="new", case="b")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_idempotencykey SET at = now() - interval '31 days' WHERE key = 'old'")
    assert forget_old() == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]
