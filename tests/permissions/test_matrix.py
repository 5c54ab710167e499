"""Relation × everything that can be called: socket actions, feeds, pages of a case. What is missing here fails.

Actions, feeds, ticks and tasks are taken from their registries and addresses from the resolver, so something new has to
be entered before it passes. Absent and forbidden answers are compared word by word.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from celery import current_app
from django.test import Client
from django.urls import NoReverseMatch, reverse

from direkt1177.accounts.manage import site as manage
from direkt1177.outbox import ticks
from direkt1177.realtime import actions, sources
from direkt1177.units.clock import now
from tests.factories import key
from tests.permissions.addresses import AUDIENCE, addresses
from tests.permissions.relations import RELATIONS, STATES, Cast, make_cast

pytestmark = pytest.mark.django_db
STAFF_HERE = {"holder", "own-role nurse", "other role", "coordinator"}
FAMILY = {"patient", "responsible guardian", "other guardian"}
WRITERS = {"holder", "patient", "responsible guardian"}
NOBODY = {"statistics", "admin only", "ended membership", "signed out"}  # no care role, no person: no actor at all

# Who may read a feed, in each state of the case. Everybody else is told that there is no such feed.
FEEDS: dict[str, dict[str, set[str]]] = {
    "chat:{case}:patient": {"waiting": FAMILY, "started": FAMILY | {"holder"}},
    "chat:{case}:staff": {"waiting": set(), "started": {"holder"}},
    "call:{call}": {"waiting": set(), "started": WRITERS},
    "internal:{case}": {"waiting": set(), "started": {"holder"}},  # guests: see tests/colleagues
    "queue:{unit}:{role}": {"waiting": STAFF_HERE, "started": STAFF_HERE},
    "desk:{unit}:{role}": {
        "waiting": {"holder", "own-role nurse", "coordinator"},
        "started": {"holder", "own-role nurse", "coordinator"},
    },
    "coordinator:{unit}": {"waiting": {"coordinator"}, "started": {"coordinator"}},
    "me:{holder}": {"waiting": {"holder"}, "started": {"holder"}},
    "notices:{user}": {"waiting": {"holder"}, "started": {"holder"}},
    "me:{starter}": {
        "waiting": {"patient", "responsible guardian"},
        "started": {"patient", "responsible guardian"},
    },
}
# What an action on somebody's case answers; whoever is not named gets ``not_found``.
ACTIONS: dict[str, dict[str, dict[str, str]]] = {
    "send_message": {
        "waiting": dict.fromkeys(STAFF_HERE | {"patient", "responsible guardian"}, "not_started")
        | {"other guardian": "read_only"},
        "started": dict.fromkeys(WRITERS, "ok")
        | dict.fromkeys(STAFF_HERE - {"holder"}, "held_by_colleague")
        | {"other guardian": "read_only"},
    },
    # Whoever may not write leaves no mark, but may have looked.
    "seen": {
        "waiting": dict.fromkeys(STAFF_HERE | FAMILY, "ok"),
        "started": dict.fromkeys(WRITERS | {"other guardian"}, "ok")
        | dict.fromkeys(STAFF_HERE - {"holder"}, "held_by_colleague"),
    },
}
# Addresses of one case and who gets more than "not found", an entry page or a refusal, by GET where one may.
GET_PAGES: dict[str, dict[str, set[str]]] = {
    "cases:preview": {"waiting": STAFF_HERE, "started": {"holder"}},
    "cases:case": {"waiting": STAFF_HERE, "started": STAFF_HERE},  # to the preview; held by a colleague: who and when
    "cases:case_head": {"waiting": set(), "started": {"holder"}},
    "finding:other_visits": {"waiting": set(), "started": {"holder"}},
    "finding:emergency": {"waiting": set(), "started": STAFF_HERE - {"holder"}},  # asks why, shows nothing
    "finding:open_found": {"waiting": set(), "started": set()},  # nobody has searched: see tests/finding
    "triage:result_panel": {"waiting": STAFF_HERE, "started": {"holder"}},
    "journal:note_panel": {"waiting": set(), "started": {"holder"}},
    "handover:new_ticket": {"waiting": set(), "started": {"holder"}},
    "handover:case_tickets": {"waiting": set(), "started": {"holder"}},
    "handover:case_ticket": {"waiting": STAFF_HERE, "started": {"holder"}},
    "handover:new_acknowledgement": {"waiting": set(), "started": {"holder"}},
    "handover:offer": {"waiting": set(), "started": {"holder"}},
    "handover:clock_panel": {"waiting": STAFF_HERE, "started": {"holder"}},
    "handover:close_without_reply": {"waiting": set(), "started": {"holder"}},
    "handover:offer_panel": {"waiting": STAFF_HERE, "started": {"holder"}},  # to the preview: there is no offer
    "cases:mine_case": {"waiting": FAMILY, "started": FAMILY},
    "cases:status": {"waiting": FAMILY, "started": FAMILY},
    "cases:chat_state": {"waiting": FAMILY, "started": FAMILY},
    "colleagues:pane": {"waiting": set(), "started": {"holder"}},
    "colleagues:log": {"waiting": set(), "started": {"holder"}},
    "colleagues:icons": {"waiting": STAFF_HERE, "started": {"holder"}},  # empty in the queue
    "colleagues:guests": {"waiting": set(), "started": {"holder"}},
    "colleagues:invite": {"waiting": set(), "started": {"holder"}},
    "asynchronous:from_case": {"waiting": set(), "started": {"holder"}},
    "asynchronous:rate": {"waiting": set(), "started": set()},  # it is not closed: see tests/asynchronous
    "handover:attempts": {"waiting": set(), "started": {"holder"}},
    "calls:panel": {"waiting": set(), "started": {"holder"}},
    "calls:call": {"waiting": set(), "started": {"holder"}},
    "calls:card": {"waiting": FAMILY, "started": FAMILY},  # empty for who only reads
    "calls:mine": {"waiting": set(), "started": {"patient", "responsible guardian"}},
}
# Changes: nobody but these may bring them about. All are tried with a well-formed form.
POST_PAGES: dict[str, dict[str, set[str]]] = {
    "cases:receive": {"waiting": STAFF_HERE, "started": {"holder"}},  # who has it, has it
    "cases:put_back": {"waiting": set(), "started": set()},
    "cases:start_visit": {"waiting": set(), "started": set()},
    "cases:close_visit": {"waiting": set(), "started": {"holder"}},
    "cases:pause": {"waiting": set(), "started": {"holder"}},
    "cases:resume": {"waiting": set(), "started": set()},  # it is not paused: see tests/cases
    "cases:book": {"waiting": set(), "started": {"holder"}},
    "cases:change_urgency": {"waiting": set(), "started": {"holder"}},
    "cases:protect": {"waiting": set(), "started": {"holder"}},
    "handover:warn_patient": {"waiting": set(), "started": set()},  # it is the staff's turn: see tests/handover
    "handover:remind_patient": {"waiting": set(), "started": set()},
    "handover:phone_attempt": {"waiting": set(), "started": {"holder"}},
    "handover:close_without_reply": {"waiting": set(), "started": set()},  # too early: see tests/handover
    "handover:offer": {
        "waiting": set(),
        "started": set(),
    },  # no receiver named: see tests/handover
    "cases:copied": {"waiting": STAFF_HERE, "started": {"holder"}},
    "cases:send": {"waiting": set(), "started": WRITERS},
    "cases:send_image": {"waiting": set(), "started": set()},  # the form sends no image: see test_uploads
    "cases:leave": {"waiting": {"patient", "responsible guardian"}, "started": set()},
    "colleagues:send": {"waiting": set(), "started": {"holder"}},
    "colleagues:seen": {"waiting": set(), "started": {"holder"}},
    "colleagues:invite": {"waiting": set(), "started": set()},  # nobody is chosen: see tests/colleagues
    "colleagues:mode": {"waiting": set(), "started": set()},  # no such guest
    "colleagues:end": {"waiting": set(), "started": set()},
    "asynchronous:mark": {"waiting": set(), "started": set()},  # no follow-up: see tests/asynchronous
    "asynchronous:undo": {"waiting": set(), "started": set()},
    "asynchronous:extend": {"waiting": set(), "started": set()},
    "asynchronous:rate": {"waiting": set(), "started": set()},
    "calls:request": {"waiting": set(), "started": set()},  # one goes on: see tests/calls
    "calls:answer": {"waiting": set(), "started": {"patient", "responsible guardian"}},
    "calls:join": {"waiting": set(), "started": WRITERS},
    "calls:leave": {"waiting": set(), "started": set()},  # that page never came: see tests/calls
    "calls:end": {"waiting": set(), "started": WRITERS},
    "finding:emergency": {"waiting": set(), "started": STAFF_HERE - {"holder"}},
    "finding:ask_handover": {"waiting": set(), "started": STAFF_HERE - {"holder"}},
    "finding:open_found": {"waiting": set(), "started": set()},
    "journal:save": {"waiting": set(), "started": {"holder"}},
    "journal:sign": {"waiting": set(), "started": set()},  # a note without text: see tests/journal
    "journal:copied": {"waiting": set(), "started": set()},
}
# The same id in these addresses is no case's.
OTHER_IDS = {"cases:image", "cases:thumbnail"}
# A ticket's: see tests/handover/test_tickets_views.
OF_A_TICKET = {"handover:my_ticket", "handover:ticket_form", "handover:use_ticket"}
TICKS = {
    "abandon_drafts", "birthdays", "effects", "end_calls", "end_follow_ups", "forget_feed_changes",
    "forget_idempotency_keys", "no_case_without_responsible", "timers",
}  # fmt: skip
TASKS = {"direkt1177.tick", "direkt1177.run_effect"}
# Without a person in them, or about the machinery itself.
TICKS_OF_MACHINERY = re.compile(r"^(seal|beat|heartbeat|worker|metrics|verify|backup)")


def test_every_feed_action_tick_task_and_address_of_a_case_is_entered() -> None:
    assert {name.partition(":")[0] for name in FEEDS} == set(sources._sources)
    assert set(ACTIONS) == set(actions._actions)
    assert {name for name in ticks._ticks if not TICKS_OF_MACHINERY.match(name)} == TICKS
    current_app.loader.import_default_modules()
    import_module("direkt1177.outbox.tasks")
    own_tasks = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert own_tasks >= {"direkt1177.run_effect"}
    assert own_tasks <= TASKS | {name for name in own_tasks if TICKS_OF_MACHINERY.match(name.rpartition(".")[2])}
    of_a_case = {a.name for a in addresses() if "arende" in a.path and re.search(r"[0-9a-f]{8}-", a.path)}
    of_a_case |= {"cases:preview", "triage:result_panel"}
    assert of_a_case - OF_A_TICKET == set(GET_PAGES) | set(POST_PAGES)
    assert set(AUDIENCE) >= OTHER_IDS | OF_A_TICKET
    assert {model._meta.app_label for model in manage._registry} <= {"accounts", "units", "cases", "triage"}
    assert not {model._meta.label for model in manage._registry} & {"cases.Case", "cases.Message", "cases.Upload"}
    for table in (FEEDS, ACTIONS, GET_PAGES, POST_PAGES):
        for name, cells in table.items():
            assert set(cells) == set(STATES), name
            assert all(set(cell) <= set(RELATIONS) for cell in cells.values()), name


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_feeds(relation: str, state: str) -> None:
    cast = make_cast(relation, state)
    client = cast.client(relation)
    for pattern, readers in FEEDS.items():
        feed = _feed(pattern, cast)
        answer = client.get("/live/feed/", {"feed": feed})
        missing = client.get("/live/feed/", {"feed": _missing(pattern)})
        if relation in readers[state]:
            assert (answer.status_code, answer.json()["type"]) == (200, "changes"), feed
        else:
            expected = (401, "sign_in_needed") if relation in NOBODY else (404, "not_found")
            assert (answer.status_code, answer.json()["reason"]) == expected, feed
            assert _plain(answer) == _plain(missing), feed


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_actions(relation: str, state: str) -> None:
    cast = make_cast(relation, state)
    client = cast.client(relation)
    for name, table in ACTIONS.items():
        answer = client.post("/live/action/", _frame(name, str(cast.case.public_id)), "application/json")
        missing = client.post("/live/action/", _frame(name, str(uuid.uuid4())), "application/json")
        if relation in NOBODY:
            assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")
        else:
            ack = answer.json()
            said = "ok" if ack["ok"] else ack["error"]["code"]
            assert said == table[state].get(relation, "not_found"), (name, ack)
        if table[state].get(relation) is None:
            assert _plain(answer) == _plain(missing), name
    before = cast.case.last_seq
    cast.case.refresh_from_db()
    assert cast.case.last_seq - before == (1 if relation in WRITERS and state == "started" else 0)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_pages(relation: str, state: str) -> None:
    """Who may not see gets what a case that does not exist gets."""
    cast = make_cast(relation, state)
    client = cast.client(relation)
    for name, readers in GET_PAGES.items():
        answer = client.get(_at(name, cast.case.public_id, cast.call))
        missing = client.get(_at(name, uuid.uuid4(), uuid.uuid4()))
        if relation in readers[state]:
            assert answer.status_code == 200 or "/forhandsgranska/" in answer["Location"] or relation == "holder", name
            continue
        # A colleague is told who holds it and since when, at the address of the preview as a page.
        told = {200} if relation in STAFF_HERE and name == "cases:preview" else set()
        assert answer.status_code in {302, 403, 404, 409} | told, (name, answer.status_code)
        text = answer.content.decode()
        assert "KANARIE" not in text, name
        if relation not in STAFF_HERE:
            assert _plain(answer) == _plain(missing), name


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("relation", RELATIONS)
def test_changes(relation: str, state: str) -> None:
    """Nobody changes anything but who is named; all others get what a case that does not exist gets."""
    cast = make_cast(relation, state)
    client = cast.client(relation)
    for name, doers in POST_PAGES.items():
        if relation not in doers[state]:
            _try(cast, client, relation, name, done=False)
    before = (cast.case.state, cast.case.version, cast.case.last_seq)
    cast.case.refresh_from_db()
    assert (cast.case.state, cast.case.version, cast.case.last_seq) == before
    for name, doers in POST_PAGES.items():
        if relation in doers[state]:
            fresh = make_cast(relation, state)
            _try(fresh, fresh.client(relation), relation, name, done=True)


def _try(cast: Cast, client: Client, relation: str, name: str, *, done: bool) -> None:
    answer = client.post(_at(name, cast.case.public_id, cast.call), _form(cast))
    did = answer.status_code in (200, 204) or (
        answer.status_code == 302 and not re.search(r"logga-in|/personal/enhet/", answer["Location"])
    )
    assert did is done, (name, answer.status_code, answer.get("Location"))
    if not done and relation not in STAFF_HERE | FAMILY:
        missing = client.post(_at(name, uuid.uuid4(), uuid.uuid4()), _form(cast))
        assert _plain(answer) == _plain(missing)


def _at(name: str, case: uuid.UUID, call: uuid.UUID) -> str:
    """The address, of the case or of one call of it."""
    try:
        return reverse(name, args=[case])
    except NoReverseMatch:
        return reverse(name, args=[case, call])


def _form(cast: Cast) -> dict[str, str]:
    return {
        "key": key(), "form_key": key(), "client_id": key(), "text": "Hej", "urgency": "2", "reason": "test",
        "version": str(cast.case.version), "follow_up_days": "0", "protected": "yes", "anyway": "1",
        "reached": "no", "date": str((now() + timedelta(days=2)).date()), "time": "08:00", "message": "Vi hörs.",
        "where": "app", "booked": "on", "kind": "video", "answer": "accept", "session": key(), "seq": "1",
    }  # fmt: skip


def _feed(pattern: str, cast: Cast) -> str:
    return pattern.format(
        case=cast.case.public_id,
        call=cast.call,
        unit=cast.unit.pk,
        role=cast.holder.role_id,
        holder=cast.holder.key,
        user=cast.holder.user_id,
        starter=f"person:{cast.starter.pk}",
    )


def _missing(pattern: str) -> str:
    return pattern.format(
        case=uuid.uuid4(),
        call=uuid.uuid4(),
        unit=987654,
        role=1,
        holder="staff:987654",
        user=987654,
        starter="person:987654",
    )


def _frame(name: str, case: str) -> dict[str, Any]:
    if name == "seen":
        return {"action": name, "feed": f"chat:{case}:patient", "seq": 1}
    return {"action": name, "id": key(), "case": case, "text": "Hej"}


def _plain(answer: Any) -> tuple[int, str, str]:
    """Status, address and body without ids, keys and numbers."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,64}|[A-Za-z0-9]{64}", "#", answer.content.decode())
    place = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "#", answer.get("Location", ""))
    return answer.status_code, place, re.sub(r"nonce=\"[^\"]+\"|\d+", "", text)
