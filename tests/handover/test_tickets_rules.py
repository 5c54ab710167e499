"""Rules of tickets without a database: form, dates, when usable, when due, what a note already says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, Interval, staffed_between
from handover.states import TICKET_TRANSITIONS, TicketState
from handover.tickets import rules
from handover.tickets.rules import Answer, Fields

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
WEEKDAYS = Calendar(
    weekly=(*[(Interval(time(8), time(17)),)] * 5, (), ()), exceptions={}, tail=timedelta(0), open_on_red_days=False
)


def right(**changes: object) -> Fields:
    values: dict[str, object] = {
        "verified": True, "urgency": 3, "reason": "Halsont", "to": "role:1:1", "valid_from": TODAY,
        "valid_to": TODAY + timedelta(days=7),
    }  # fmt: skip
    return Fields(**{**values, **changes})  # type: ignore[arg-type]


def wrong(fields: Fields, *, to_send: bool = True, **settings: object) -> set[str]:
    policy = Policy(**settings)
    return {problem.code for problem in rules.problems(fields, policy=policy, now=NOW, to_send=to_send)}


@pytest.mark.req("TIK-02", "TIK-04", "TIK-18")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"verified": False}, "ticket_not_verified"),
        ({"urgency": None}, "ticket_urgency_missing"),
        ({"urgency": 9}, "ticket_urgency_missing"),
        ({"type": "book_time"}, "ticket_book_time_not_allowed"),
        ({"valid_from": None}, "ticket_date_missing"),
        ({"valid_to": TODAY - timedelta(days=1)}, "ticket_end_before_start"),
        ({"valid_from": TODAY - timedelta(days=1)}, "ticket_in_the_past"),
        ({"valid_from": TODAY - timedelta(days=3), "valid_to": TODAY - timedelta(days=1)}, "ticket_end_passed"),
        ({"valid_to": TODAY + timedelta(days=30)}, None),
        ({"valid_to": TODAY + timedelta(days=31)}, "ticket_too_long"),
        ({"valid_from": TODAY + timedelta(days=29), "valid_to": TODAY + timedelta(days=31)}, "ticket_too_long"),
        ({"anamnesis": "x" * 4001}, "ticket_text_too_long"),
        ({"information": "x" * 4001}, "ticket_information_too_long"),
        ({"urgency": 2}, "ticket_phone_contact_missing"),
        ({"urgency": 1, "no_phone_reason": "   "}, "ticket_phone_contact_missing"),
        ({"urgency": 1, "no_phone_reason": "Svarar inte"}, None),
        ({"urgency": 2, "phone_contact_at": NOW - timedelta(minutes=5)}, None),
        ({"urgency": 2, "phone_contact_at": NOW + timedelta(minutes=5)}, "ticket_phone_contact_in_future"),
        ({"urgency": 5, "information": ""}, None),
    ],
)
def test_each_fault_of_the_form_is_named(changes: dict[str, object], code: str | None) -> None:
    found = wrong(right(**changes))
    assert (code in found) if code else found == set()


@pytest.mark.req("TIK-04")
def test_a_booked_time_is_asked_for_where_the_region_allows_it_and_lies_within_the_dates() -> None:
    allowed = {"allow_book_time_ticket": True}
    inside = datetime(2026, 3, 5, 9, 0, tzinfo=STOCKHOLM)
    assert wrong(right(type="book_time"), **allowed) == {"ticket_time_missing"}
    assert wrong(right(type="book_time", booked_for=inside), **allowed) == set()
    assert wrong(right(type="book_time", booked_for=inside + timedelta(days=20)), **allowed) == {"ticket_time_missing"}
    assert wrong(right(type="book_time", booked_for=NOW - timedelta(hours=2)), **allowed) == {"ticket_time_missing"}


def test_a_draft_may_lack_what_only_the_receiver_needs() -> None:
    assert wrong(right(verified=False, urgency=1), to_send=False) == set()
    assert "ticket_end_before_start" in wrong(right(valid_to=TODAY - timedelta(days=2)), to_send=False)


@pytest.mark.req("TIK-01", "TIK-06", "TIK-15", "TIK-17")
@pytest.mark.parametrize("state", list(TicketState))
def test_only_a_usable_ticket_within_its_dates_can_be_used(state: TicketState) -> None:
    start, end = rules.interval(TODAY, TODAY + timedelta(days=1))

    def why(at: datetime) -> str | None:
        refusal = rules.why_not_usable(state, valid_from=start, valid_to=end, now=at)
        return refusal.code if refusal else None

    within = {
        TicketState.DRAFT: "ticket_not_usable_yet",
        TicketState.SENT: "ticket_not_usable_yet",
        TicketState.USABLE: None,
        TicketState.ACTIVATED: "ticket_used",
        TicketState.EXPIRED: "ticket_expired",
        TicketState.WITHDRAWN: "ticket_withdrawn",
    }
    assert why(NOW) == within[state]
    assert why(end - timedelta(seconds=1)) == within[state]
    ended = {TicketState.ACTIVATED: "ticket_used", TicketState.WITHDRAWN: "ticket_withdrawn"}
    assert why(end) == ended.get(state, "ticket_expired")
    if state == TicketState.USABLE:
        assert why(start) is None
        assert why(start - timedelta(seconds=1)) == "ticket_not_usable_yet"


@pytest.mark.req("TIK-15")
def test_the_transition_table_is_the_one_of_the_requirement() -> None:
    assert {
        (before.value, after.value) for before, targets in TICKET_TRANSITIONS.items() for after in targets
    } == {
        ("draft", "sent"), ("draft", "usable"), ("draft", "withdrawn"), ("sent", "usable"), ("sent", "expired"),
        ("sent", "withdrawn"), ("usable", "activated"), ("usable", "expired"), ("usable", "withdrawn"),
    }  # fmt: skip


def test_the_last_day_is_whole_also_when_clocks_change() -> None:
    start, end = rules.interval(date(2026, 3, 28), date(2026, 3, 29))
    assert (start.isoformat(), end.isoformat()) == ("2026-03-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00")
    assert rules.last_day(end.astimezone(UTC)) == date(2026, 3, 29)
    assert rules.first_day(start.astimezone(UTC)) == date(2026, 3, 28)


@settings(deadline=None)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=UTC)))
def test_the_warning_leaves_one_staffed_hour_and_no_more(end: datetime) -> None:
    at = rules.warn_at(WEEKDAYS, end)
    assert staffed_between(WEEKDAYS, at, end) >= timedelta(hours=1)
    assert staffed_between(WEEKDAYS, at + timedelta(seconds=2), end) < timedelta(hours=1)


def test_the_warning_of_a_unit_that_is_never_staffed_comes_an_hour_ahead() -> None:
    never = Calendar(weekly=((),) * 7, exceptions={}, tail=timedelta(0), open_on_red_days=False)
    assert rules.warn_at(never, NOW) == NOW - timedelta(hours=1)


@pytest.mark.req("TIK-14")
def test_only_urgent_tickets_alarm_and_from_when_they_could_be_opened() -> None:
    policy = Policy()

    def due(urgency: int, valid_from: datetime = NOW) -> datetime | None:
        return rules.unused_due(policy, urgency=urgency, sent_at=NOW, valid_from=valid_from)

    assert [due(urgency) for urgency in (3, 4, 5)] == [None] * 3
    assert due(2) == NOW + timedelta(minutes=120)
    assert due(1) == NOW + timedelta(minutes=policy.response_target_minutes)
    assert due(2, NOW + timedelta(days=1)) == NOW + timedelta(days=1, minutes=120)


@pytest.mark.req("TIK-10")
@pytest.mark.parametrize(
    ("question", "answer", "note", "flagged"),
    [
        ("Vilka mediciner tar patienten?", "Alvedon 500 mg", "Aktuellt\nTar Alvedon 500 mg vid behov.", True),
        ("Vilka mediciner tar patienten?", "Alvedon 500 mg", "Tar Alvedon.", False),
        ("Röker patienten?", "Ja", "Röker patienten? Ja", True),
        ("Röker patienten?", "Ja", "Ja, har ont i halsen.", False),
        ("Hur ont gör det?", "7", "Ring 1177 om 7 dagar", False),
        ("Hur ont gör det?", "7", "Hur ont gör det? 7", True),
        ("Allergi?", "", "Allergi?", False),
        ("Allergi?", "nöt", "nötter", False),
    ],
)
def test_an_answer_is_flagged_when_the_note_says_it(question: str, answer: str, note: str, flagged: bool) -> None:
    assert rules.documented([Answer("a", question, answer)], note) == (["a"] if flagged else [])
