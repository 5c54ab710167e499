"""Marks that stand on every row: urgency, waiting time, response clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from direkt1177.templatetags.ui import clock_state, icon, short_duration, urgency, waited

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def state(minutes_waited: int, level: int | None, target: int = 15) -> dict[str, object]:
    since = NOW - timedelta(minutes=minutes_waited)
    return clock_state(since=since, due=since + timedelta(minutes=target), level=level, now=NOW)


@pytest.mark.req("QUE-14")
@pytest.mark.parametrize(
    ("waited_minutes", "level", "cls", "words"),
    [
        (2, 3, "clock", "13 min kvar"),
        (12, 3, "clock near", "3 min kvar"),
        (17, 2, "clock late hot", "över 2 min"),
        (17, 3, "clock late", "över 2 min"),
        (17, None, "clock late", "över 2 min"),
        (111, 1, "clock late hot", "över 1 h 36"),
    ],
)
def test_the_clock_turns_red_only_for_urgency_1_and_2(
    waited_minutes: int, level: int | None, cls: str, words: str
) -> None:
    drawn = state(waited_minutes, level)
    assert (drawn["cls"], drawn["words"]) == (cls, words)


@pytest.mark.req("QUE-24")
def test_urgency_is_number_and_word_never_colour_alone() -> None:
    assert "<b>2</b>" in urgency(2, "Skyndsamt")
    assert "Skyndsamt" in urgency(2, "Skyndsamt")
    assert "Ej bedömd" in urgency(None)
    assert "Omgående" in urgency(1, short=True)


def test_what_comes_from_data_is_escaped() -> None:
    assert "<script>" not in urgency(3, "<script>")
    assert "<b" not in icon('x"><b')


def test_durations_read_as_staff_read_them() -> None:
    assert [short_duration(m) for m in (0, 59, 60, 111, 1500)] == ["0 min", "59 min", "1 h 00", "1 h 51", "1 d 1 h"]
    assert waited(NOW - timedelta(minutes=61), NOW).endswith(">1 h 01</time>")
