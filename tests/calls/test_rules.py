"""Rules of calls: states, who is in it, when it ends by itself; credentials for the relay."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.calls import ice, rules
from cases.calls.states import OPEN_STATES, TRANSITIONS, CallState, can_move
from cases.states import CaseState

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Row:
    """Somebody came or left."""

    actor_key: str
    session: str
    op: str


def test_the_table_ends_every_call() -> None:
    assert set(TRANSITIONS) == set(CallState)
    for state in CallState:
        over = rules.state_when_put_down(state)
        assert (over is None) == (state not in OPEN_STATES)
        assert over is None or (can_move(state, over) and not TRANSITIONS[over])
    assert not can_move("missed", "accepted")  # accepted after it was put down


@pytest.mark.req("VID-01")
@pytest.mark.parametrize("state", list(CaseState))
def test_a_call_needs_a_visit_that_goes_on(state: CaseState) -> None:
    assert rules.may_request(state) is (state == "started")


def test_who_left_with_one_page_may_be_there_with_another() -> None:
    moves = [
        Row("staff:1", "a", "join"),
        Row("person:2", "b", "join"),
        Row("person:2", "b", "leave"),
        Row("person:2", "c", "join"),
    ]
    assert rules.present(moves) == {"staff:1", "person:2"}
    assert rules.present(moves[:3]) == {"staff:1"}


@pytest.mark.parametrize(
    ("facts", "becomes"),
    [
        ({"call_state": "requested"}, None),
        ({"call_state": "requested", "age": 5}, "missed"),
        ({"call_state": "requested", "case_state": "paused"}, "missed"),
        ({"call_state": "accepted", "age": 29}, None),
        ({"call_state": "accepted", "age": 31}, "ended"),
        ({"call_state": "accepted", "age": 31, "anyone": True}, None),
        ({"call_state": "accepted", "age": 31, "moved": 29}, None),
        ({"call_state": "accepted", "age": 12 * 60, "anyone": True}, "ended"),
        ({"call_state": "accepted", "case_state": "closed", "anyone": True}, "ended"),
        (
            {"call_state": "accepted", "case_state": "waiting", "anyone": True},
            None,
        ),  # nobody loses a call to a handover
        ({"call_state": "ended", "age": 600}, None),
    ],
)
def test_calls_that_end_by_themselves(facts: dict[str, Any], becomes: str | None) -> None:
    age, moved = facts.pop("age", 1), facts.pop("moved", None)
    ended = rules.over_by(
        **{
            "case_state": "started",
            "requested_at": AT - timedelta(minutes=age),
            "last_move_at": None if moved is None else AT - timedelta(minutes=moved),
            "anyone": False,
            "now": AT,
            **facts,
        }
    )
    assert ended == becomes


def test_credentials_of_the_relay_soon_expire_and_name_nobody(settings: Any) -> None:
    settings.CALL_STUN, settings.CALL_TURN = ["stun:turn.example.se"], ["turn:turn.example.se:3478"]
    settings.CALL_TURN_SECRET = "hemlighet"
    stun, turn = ice.ice_servers("person:4711", at=AT)
    assert stun == {"urls": ["stun:turn.example.se"]}
    expiry, _, who = turn["username"].partition(":")
    assert int(expiry) == int(AT.timestamp()) + ice.LIFE_SECONDS
    assert "4711" not in turn["username"].partition(":")[2] and len(who) == 16
    # As coturn reckons it (use-auth-secret).
    wanted = hmac.new(b"hemlighet", turn["username"].encode(), hashlib.sha1).digest()
    assert turn["credential"] == base64.b64encode(wanted).decode()
    other = ice.ice_servers("person:4712", at=AT)[1]["username"].partition(":")[2]
    assert other != who
    settings.CALL_TURN_SECRET = ""
    assert ice.ice_servers("person:4711", at=AT) == [{"urls": ["stun:turn.example.se"]}]
