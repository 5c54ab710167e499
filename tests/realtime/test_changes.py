"""Feed heads: commit order is version order, so "after N" never skips a late commit (design §3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from direkt1177.realtime import doorbells
from direkt1177.realtime.changes import Change, flush, forget_old, heads, since
from direkt1177.realtime.models import FeedChange, FeedHead

pytestmark = pytest.mark.django_db(transaction=True)


def _in_thread(pool: ThreadPoolExecutor, function: Callable[[], object]) -> Future[object]:
    def run() -> object:
        try:
            return function()
        finally:
            connection.close()

    return pool.submit(run)


def test_versions_count_distinct_objects_and_the_last_change_wins() -> None:
    changes = [Change("b", "x"), Change("a", "x"), Change("b", "y"), Change("b", "x", "drop")]
    with transaction.atomic():
        assert flush(changes) == {"a": 1, "b": 2}
    with transaction.atomic():
        assert flush([Change("b", "z")]) == {"b": 3}
    rows = FeedChange.objects.order_by("feed", "version").values_list("feed", "version", "object", "op")
    expected = [("a", 1, "x", "put"), ("b", 1, "y", "put"), ("b", 2, "x", "drop"), ("b", 3, "z", "put")]
    assert list(rows) == expected
    assert heads(["a", "b", "c"]) == {"a": 1, "b": 3}


@pytest.mark.parametrize("count", [1, 50])
def test_flushing_is_one_statement_whatever_the_number(count: int) -> None:
    changes = [Change(f"feed:{n % 7}", f"object:{n}") for n in range(count)]
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        flush(changes)
        flush([])
    assert len(queries) == 1


def test_nobody_sees_a_later_version_before_an_earlier_one_is_committed() -> None:
    first_has_number, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            flush([Change("f", "slow")])
            first_has_number.set()
            assert may_commit.wait(30)

    def quick() -> int:
        assert first_has_number.wait(30)
        with transaction.atomic():
            return flush([Change("f", "quick")])["f"]

    with ThreadPoolExecutor(2) as pool:
        one, two = _in_thread(pool, slow), _in_thread(pool, quick)
        assert first_has_number.wait(30)
        assert since("f", 0).version == 0
        may_commit.set()
        one.result(30)
        assert two.result(30) == 2
    assert since("f", 1).ops == {"quick": ("put", 2)}


def test_crossing_feeds_never_deadlock_and_no_number_is_lost() -> None:
    names = ["queue:1:1", "chat:a:patient", "me:staff:1", "me:person:7"]

    def write(order: list[str]) -> None:
        for turn in range(25):
            with transaction.atomic():
                flush([Change(name, f"{order[0]}:{turn}") for name in order])

    with ThreadPoolExecutor(8) as pool:
        work = [_in_thread(pool, lambda n=n: write(names[n % 4 :] + names[: n % 4])) for n in range(8)]  # type: ignore[misc]
        for each in work:
            each.result(60)
    assert heads(names) == dict.fromkeys(names, 200)
    for name in names:
        stored = FeedChange.objects.filter(feed=name).order_by("version").values_list("version", flat=True)
        assert list(stored) == list(range(1, 201))


def test_positions_older_than_the_list_get_the_whole_page() -> None:
    for number in range(6):
        with transaction.atomic():
            flush([Change("f", f"o{number}")])
    FeedChange.objects.filter(version__lte=3).update(at=timezone.now() - timedelta(hours=49))
    assert forget_old() == 3
    assert since("f", 2).complete
    assert list(since("f", 3).ops) == ["o3", "o4", "o5"]
    assert since("f", 6).ops == {}
    assert not since("f", 6).complete
    assert since("f", 7).complete
    assert since("f", 1, most=3).complete
    assert since("unheard", 0).complete
    FeedHead.objects.all().delete()


def test_ringing_returns_at_once_and_keeps_only_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    bells = doorbells.Doorbells()
    monkeypatch.setattr(bells, "_start", lambda: None)  # nobody takes anything away
    for version in range(3 * doorbells.MOST_WAITING):
        bells.ring({"f": version, f"g{version}": 1})
    messages = []
    while (message := bells._next()) is not None:
        assert message[0] == doorbells.BELLS
        assert len(message[1]["versions"]) <= doorbells.MOST_AT_ONCE
        messages.append(message[1])
    waiting = {feed: version for each in messages for feed, version in each["versions"].items()}
    assert waiting["f"] == 3 * doorbells.MOST_WAITING - 1
    assert len(waiting) == doorbells.MOST_WAITING
    assert len(messages) == doorbells.MOST_WAITING // doorbells.MOST_AT_ONCE, "many go out in one message"
    assert bells.dropped == 2 * doorbells.MOST_WAITING + 1
