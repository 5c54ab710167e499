"""Sending together: same rows, same answers, each with its own right; what is no plain yes is left to be done alone."""

from __future__ import annotations

import asyncio
import html
import json
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.db import connections, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import override_settings
from django.utils import timezone, translation

from cases import chat_line, commands, feeds, names, queries, rules, shown
from cases.actions import SendMessage
from cases.models import Case, Message
from cases.together import Sender
from direkt1177.accounts import acting, sign_in
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.accounts.models import Membership, User
from direkt1177.accounts.queries import actor_from_session
from direkt1177.accounts.sessions import SessionStore
from direkt1177.audit import limits
from direkt1177.audit.models import ChangeLog
from direkt1177.realtime.changes import Since, since
from direkt1177.realtime.line import Line
from direkt1177.realtime.models import FeedChange
from direkt1177.realtime.reading import render
from direkt1177.realtime.together import Asked, Done
from direkt1177.residents.models import Person
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def _session(actor: AnyActor) -> str:
    request = HttpRequest()
    request.session = SessionStore()
    if isinstance(actor, StaffActor):
        user = User.objects.get(pk=actor.user_id)
        sign_in.open_staff_session(request, user)
        sign_in.choose_membership(request, actor.membership_id, user.authz_epoch)
    else:
        sign_in.open_resident_session(request, Person.objects.get(pk=cast("Any", actor).person_id))
    request.session.save()
    return str(request.session.session_key)


def _wish(session: str, case: Case, text: str, client_id: str = "") -> Asked:
    frame = {"id": client_id or uuid.uuid4().hex, "case": str(case.public_id), "text": text}
    return Asked(cast("Any", object()), session, "sv", SendMessage.model_validate(frame), frame)


def _send(*turns: Sequence[Asked], meanwhile: Callable[[], object] = lambda: None) -> list[Done]:
    """The turns of one process, one after the other."""

    async def go() -> list[Done]:
        line, sender, done = Line(), Sender(), []
        try:
            for turn in turns:
                done.append(await sender(line, turn))
                await asyncio.to_thread(_then_close, meanwhile)
        finally:
            line.close()
            await limits.leave()
        return done

    return asyncio.run(go())


def _then_close(act: Callable[[], object]) -> None:
    act()
    connections.close_all()


@pytest.fixture
def nurse() -> StaffActor:
    return factories.make_staff(factories.make_unit(region=factories.make_region()), first_name="Anna")


@pytest.mark.req("CHT-01")
def test_many_messages_of_many_cases_are_stored_as_one_by_one(nurse: StaffActor) -> None:
    """Numbers follow the order of sending in each case; rows, log, feeds and acks are those of the command."""
    cases = [factories.make_started_case(nurse) for _ in range(3)]
    staff, patients = _session(nurse), [_session(factories.resident(case.patient)) for case in cases]
    turn = [_wish(patients[n % 3], cases[n % 3], f"från patienten {n}") for n in range(6)]
    turn += [_wish(staff, cases[n % 3], f"svar {n} 'citat' {{x}} \\ %s") for n in range(6)]
    (done,) = _send(turn)
    for number, (wish, ack) in enumerate(zip(turn, done.acks, strict=True)):
        assert ack is not None and ack["ok"], number
        stored = Message.objects.get(case__public_id=wish.payload.case, client_id=wish.payload.id)
        assert (ack["seq"], ack["at"], ack["id"]) == (stored.seq, stored.sent_at, wish.payload.id)
        assert stored.text == wish.payload.text
    for case in cases:
        before = case.last_seq
        case.refresh_from_db()
        assert case.last_seq == before + 4
        texts = Message.objects.filter(case=case, seq__gt=before).order_by("seq").values_list("text", flat=True)
        assert list(texts) == [w.payload.text for w in turn if w.payload.case == str(case.public_id)]
        log = ChangeLog.objects.filter(object_id=str(case.public_id), event="message_sent").order_by("id")
        assert [row.data["seq"] for row in log] == list(range(before + 1, before + 5))
        assert len(set(log.values_list("request_id", flat=True))) == 4
        feed = names.patient_chat_feed(case.public_id)
        versions = list(FeedChange.objects.filter(feed=feed).order_by("version").values_list("version", flat=True))
        assert versions == list(range(1, len(versions) + 1)) and done.versions[feed] == versions[-1]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_news_says_what_reading_it_would_say(nurse: StaffActor, language: str) -> None:
    """The frame made from memory is the frame that the feed's source makes from the database."""
    case = factories.make_started_case(nurse)
    feed = names.patient_chat_feed(case.public_id)
    turn = [
        _wish(_session(nurse), case, "rad <b>ett</b>\nrad & två"),
        _wish(_session(factories.resident(case.patient)), case, "svar"),
    ]
    (done,) = _send(turn)
    (fresh,) = done.fresh
    found = since(feed, fresh.before)
    assert isinstance(found, Since) and not found.complete
    with translation.override(language):
        told, read = _frame(fresh.write()), _frame(render(feed, found).text)
    assert told == read
    assert fresh.version == found.version


def _frame(text: str) -> Any:
    frame = json.loads(text)
    for item in frame["items"]:
        if "html" in item:
            item["html"] = item["html"].strip()
    return frame


LINES = [
    {},
    {"author_title": "Sjuksköterska <x>", "author_name": "Anna & 'Bo' \"C\""},
    {"text": "rad 1\n  rad 2 <script>&amp;\u2028 åäö \U0001f600", "client_id": "abc:1.2_3-4"},
    {"client_id": "", "author": ""},
    {"sent_at": datetime(2026, 6, 1, 22, 5, 9, 120000, UTC)},
    {"sent_at": datetime(2026, 10, 25, 1, 30, tzinfo=UTC)},
    {"seq": 123456},
]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("change", LINES)
def test_a_line_is_drawn_as_the_template_draws_it(change: dict[str, Any], language: str) -> None:
    """The function without template engine gives the same signs."""
    line = {
        "object": "message:7", "seq": 7, "case_id": "x", "author": "person:4", "author_name": "Patienten",
        "author_title": "", "sent_at": timezone.now(), "kind": "text", "text": "hej", "image_url": "",
        "image_alt": "", "image_state": "", "image_width": 0, "image_height": 0, "client_id": "c1", **change,
    }  # fmt: skip
    with translation.override(language):
        drawn = render_to_string(shown.MESSAGE_TEMPLATE, {"message": line})
    assert chat_line.line_html(line) == drawn.strip()
    assert html.unescape(chat_line.line_html(line)).count(str(line["text"])) >= 1


@pytest.mark.req("CHT-01")
def test_sent_again_gives_the_same_ack_and_no_second_message(nurse: StaffActor) -> None:
    """In a later turn from memory of the database, in the same turn by doing the second alone."""
    case = factories.make_started_case(nurse)
    staff = _session(nurse)
    once = [
        _wish(staff, case, text, key) for text, key in (("hej", "one-0001"), ("hej", "one-0001"), ("mer", "two-0002"))
    ]
    first, again, changed = _send(once, once[:1], [_wish(staff, case, "annat", "one-0001")])
    assert first.acks[0] is not None and first.acks[1:] == [None, None], "what comes after one done alone is too"
    assert again.acks == first.acks[:1] and not again.versions
    assert changed.acks == [None], "the command says what is wrong with it"
    assert Message.objects.filter(case=case, client_id="one-0001").count() == 1


def test_no_right_no_message_and_nobody_else_is_harmed(nurse: StaffActor) -> None:
    """Each wish stands for itself; whoever may not, and whatever is no plain yes, is done alone."""
    other = factories.make_staff(factories.make_unit(region=factories.make_region()))
    case, over = (factories.make_started_case(nurse) for _ in range(2))
    patient = _session(factories.resident(case.patient))
    commands.close_visit(actor=nurse, case_id=over.public_id, follow_up_days=0, key=factories.key())
    waiting = factories.make_case(factories.make_unit(region=factories.make_region()))
    stranger = factories.resident(factories.make_person())
    refused = [
        _wish(_session(other), case, "från en annan enhet"),
        _wish(_session(stranger), case, "från en främling"),
        _wish("0" * 32, case, "utan session"),
        _wish(_session(nurse), over, "efter avslut"),
        _wish(_session(factories.resident(waiting.patient)), waiting, "före start"),
        _wish(patient, waiting, "i annans ärende"),
        _wish(_session(nurse), case, " \n "),
        _wish(_session(nurse), case, "x" * (rules.MESSAGE_LIMIT + 1)),
    ]
    good = _wish(patient, case, "hej")
    (done,) = _send([*refused, good])
    assert done.acks[:-1] == [None] * len(refused)
    assert done.acks[-1] is not None and done.acks[-1]["ok"]
    assert list(Message.objects.filter(client_id=good.payload.id).values_list("text", flat=True)) == ["hej"]
    assert not Message.objects.filter(client_id__in=[w.payload.id for w in refused]).exists()


@pytest.mark.req("AUTH-05")
@pytest.mark.parametrize("how", ["role", "user", "epoch", "session", "unit", "person"])
def test_a_right_that_ended_between_two_messages_ends_at_once(nurse: StaffActor, how: str) -> None:
    """Nothing is remembered of a right: the next message already is not stored."""
    case = factories.make_started_case(nurse)
    actor: AnyActor = factories.resident(case.patient) if how == "person" else nurse
    session = _session(actor)

    def end() -> None:
        if how == "role":
            Membership.objects.filter(pk=nurse.membership_id).update(ended_at=timezone.now())
        elif how == "user":
            User.objects.filter(pk=nurse.user_id).update(is_active=False)
        elif how == "epoch":
            User.objects.filter(pk=nurse.user_id).update(authz_epoch=77)
        elif how == "session":
            SessionStore().delete(session)
        elif how == "unit":
            type(case.unit).objects.filter(pk=nurse.unit_id).update(active=False)
        else:
            Person.objects.filter(pk=case.patient_id).update(authz_epoch=77)

    first, second = _send([_wish(session, case, "före")], [_wish(session, case, "efter")], meanwhile=end)
    assert first.acks[0] is not None
    assert second.acks == [None]
    assert not Message.objects.filter(case=case, text="efter").exists()


def test_a_session_that_only_was_seen_again_goes_on(nurse: StaffActor) -> None:
    """Pages write into the session all the time; that is no reason to do a message alone. An idle one is."""
    case = factories.make_started_case(nurse)
    session = _session(nurse)

    def seen(at: datetime) -> None:
        store = SessionStore(session)
        store["seen"] = at.isoformat()
        store.save()

    moments = [timezone.now(), timezone.now() - timedelta(hours=2)]
    turns = [[_wish(session, case, f"rad {n}")] for n in range(3)]
    done = _send(*turns, meanwhile=lambda: seen(moments.pop(0)) if moments else None)
    assert [d.acks[0] is not None for d in done] == [True, True, False]


@pytest.mark.parametrize("kind", ["staff", "resident"])
def test_actors_are_those_of_the_session(nurse: StaffActor, kind: str) -> None:
    """The statement's actor is the very actor that pages have."""
    case = factories.make_started_case(nurse)
    factories.make_staff(case.unit, first_name="Bo")
    session = _session(nurse if kind == "staff" else factories.resident(case.patient))

    async def ask() -> list[Any]:
        line = Line()
        try:
            (_key, data) = (await line.ask(acting.SESSIONS, {"keys": [session], "at": timezone.now()}))[0]
            known = acting.stored(data)
            sql = (
                f"SELECT {acting.COLUMNS} FROM (SELECT %(s)s::text AS session, %(m)s::bigint AS membership,"
                f" %(u)s::bigint AS member, %(p)s::bigint AS person) AS asked {acting.JOINS}"
            )
            values = {"s": session, "m": known.membership, "u": known.member, "p": known.person, "at": timezone.now()}
            return [acting.actor_of(known, session, row) for row in await line.ask(sql, values)]
        finally:
            line.close()

    (actor,) = asyncio.run(ask())
    assert actor == actor_from_session(SessionStore(session))


def test_a_case_that_somebody_holds_locked_is_not_waited_for(nurse: StaffActor) -> None:
    """The others' messages are stored meanwhile."""
    busy, free = factories.make_started_case(nurse), factories.make_started_case(nurse)
    staff = _session(nurse)
    turn = [_wish(staff, busy, "väntar"), _wish(_session(factories.resident(free.patient)), free, "går")]
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=busy.pk)
        with ThreadPoolExecutor(1) as pool:
            (done,) = pool.submit(_send, turn).result(20)
    assert done.acks[0] is None
    assert done.acks[1] is not None


@override_settings(RATE_LIMITS={"message": "3/10 seconds"})
def test_one_too_many_is_refused_and_not_stored(nurse: StaffActor) -> None:
    """The limit of messages counts as for a page."""
    case = factories.make_started_case(nurse)
    staff = _session(nurse)
    (done,) = _send([_wish(staff, case, f"rad {n}") for n in range(5)])
    assert [ack and ack["ok"] for ack in done.acks] == [True, True, True, False, False]
    assert {ack["error"]["code"] for ack in done.acks[3:] if ack} == {"too_fast"}
    assert Message.objects.filter(case=case, text__startswith="rad").count() == 3


def test_an_own_message_leaves_the_own_list_as_it_is(nurse: StaffActor) -> None:
    """Why a message rings only the other side's own list."""
    case = factories.make_started_case(nurse)
    patient = factories.resident(case.patient)
    for actor in (nurse, patient):
        own = names.me_feed(actor.key)
        before = feeds.MeSource().read(own, [names.OWN])
        commands.send_message(actor=actor, case_id=case.public_id, client_id=uuid.uuid4().hex, text="hej")
        assert feeds.MeSource().read(own, [names.OWN]) == before
        other = names.me_feed((patient if actor is nurse else nurse).key)
        assert feeds.MeSource().read(other, [names.OWN])[0].data["unread"]


def test_many_own_lists_are_read_as_one_by_one(nurse: StaffActor, django_assert_max_num_queries: Any) -> None:
    """Same items; the number of queries does not grow with the lists."""
    cases = [factories.make_started_case(factories.make_staff(factories.make_unit(region=factories.make_region())))
             for _ in range(3)]  # fmt: skip
    cases += [factories.make_started_case(nurse), factories.make_case(cases[0].unit, patient=cases[0].patient)]
    keys = {f"staff:{c.holder_id}" for c in cases if c.holder_id} | {f"person:{c.patient_id}" for c in cases}
    wanted = {names.me_feed(key): [names.OWN] for key in sorted(keys)}
    source = feeds.MeSource()
    one_by_one = {feed: list(source.read(feed, objects)) for feed, objects in wanted.items()}
    with django_assert_max_num_queries(9):
        assert {feed: list(items) for feed, items in source.read_each(wanted).items()} == one_by_one
    assert queries.own_cases_of_each([]) == {} and queries.resident_cases_of_each([]) == {}
