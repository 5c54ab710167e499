"""Pure rules of the errand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import rules
from cases.states import HELD_STATES, OPEN_STATES, TRANSITIONS, CaseState, can_move

moments = st.integers(0, 15 * 365 * 86_400).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@pytest.mark.req("QUE-05", "TRI-14")
def test_queue_order_puts_not_assessed_above_urgency_3() -> None:
    kinds: list[int | None] = [5, None, 3, 1, 4, 2]
    assert sorted(kinds, key=lambda u: rules.sort_rank("seek_care", u)) == [1, 2, None, 3, 4, 5]
    assert rules.sort_rank("admin_question", None) == rules.sort_rank("seek_care", None)


def test_only_a_person_who_holds_may_move_a_case() -> None:
    for state in CaseState:
        assert not rules.may_put_back(state, holds=False)
        assert not rules.may_start(state, holds=False)
        assert not rules.may_close(state, holds=False)
        assert rules.may_put_back(state, holds=True) == (state == CaseState.RECEIVED)


@pytest.mark.req("CAS-01")
def test_every_rule_agrees_with_the_transition_table() -> None:
    for state in CaseState:
        if rules.may_put_back(state, holds=True):
            assert can_move(state, CaseState.WAITING)
        if rules.may_start(state, holds=True):
            assert can_move(state, CaseState.STARTED)
        if rules.may_close(state, holds=True):
            assert can_move(state, CaseState.CLOSED)
            assert can_move(state, CaseState.ASYNCHRONOUS)
    assert set(TRANSITIONS) == set(CaseState)
    assert not TRANSITIONS[CaseState.CLOSED]
    assert HELD_STATES < OPEN_STATES


@pytest.mark.req("CAS-04", "CAS-25")
def test_chat_is_open_only_from_start_to_the_end_of_follow_up() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    later, earlier = now + timedelta(seconds=1), now - timedelta(seconds=1)
    open_states = {s for s in CaseState if rules.may_write(s, follow_up_until=later, now=now)}
    assert open_states == {CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS}
    assert not rules.may_write(CaseState.ASYNCHRONOUS, follow_up_until=earlier, now=now)
    assert not rules.may_write(CaseState.ASYNCHRONOUS, follow_up_until=now, now=now)
    assert not rules.may_write(CaseState.ASYNCHRONOUS, follow_up_until=None, now=now)


@pytest.mark.req("CAS-08")
@given(st.integers(1, 90), moments)
def test_follow_up_ends_at_local_midnight_after_whole_days(days: int, now: datetime) -> None:
    end = rules.follow_up_end(days, now)
    local = end.astimezone(rules.LOCAL)
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert (local.date() - now.astimezone(rules.LOCAL).date()).days == days + 1
    assert rules.follow_up_is_over(end, end)
    assert not rules.follow_up_is_over(end, end - timedelta(microseconds=1))


def test_follow_up_crosses_the_night_when_clocks_change() -> None:
    end = rules.follow_up_end(1, datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert end == datetime(2026, 3, 29, 22, tzinfo=UTC)  # midnight of the 30th, summer time


@pytest.mark.req("QUE-15")
def test_what_stops_the_response_clock() -> None:
    received, replied = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    assert rules.response_stopped_at("received", received_at=received, first_reply_at=replied) == received
    assert rules.response_stopped_at("reply", received_at=received, first_reply_at=None) is None
    assert rules.response_stopped_at("reply", received_at=received, first_reply_at=replied) == replied


@given(st.text())
def test_cleaned_text_can_always_be_stored_and_is_stable(text: str) -> None:
    cleaned = rules.clean_text(text)
    assert "\x00" not in cleaned
    cleaned.encode()
    assert rules.clean_text(cleaned) == cleaned


def test_cleaning_keeps_lines_and_drops_control_characters() -> None:
    assert rules.clean_text("  hej\r\ndå\x00\x1b[0m\ud800 ") == "hej\ndå[0m?"


@given(st.lists(st.floats(0, 10_000), max_size=60))
def test_the_interval_is_honest(waits: list[float]) -> None:
    said = rules.honest_interval(waits)
    usable = [w for w in waits if w < 24 * 60]
    if said is None:
        assert len(usable) < rules.MIN_SAMPLE
        return
    low, high = said
    assert low <= high
    assert sum(w <= low for w in usable) * 2 >= len(usable)
    assert sum(w <= high for w in usable) * 10 >= len(usable) * 9 - 10
