"""Messages that come at once are sent together: one transaction, two statements, whatever their number.

The first statement locks the cases and reads what each right hangs on: session, membership, case, and whether the same
message was sent before. Then the same rules as in ``commands.send_message`` decide for each sender. The second
statement stores all that may be stored. Whatever is not a plain yes (or a repetition of one) is left to be done alone,
by the command itself: it has the words for every refusal.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import SynchronousOnlyOperation
from django.utils import timezone, translation

from cases import access, chat_line, names, queries, rules, sending, shown
from cases.commands import chat
from cases.messages import count_message
from cases.models import Case, Message
from direkt1177.accounts import acting
from direkt1177.accounts.actors import AnyActor
from direkt1177.accounts.models import User
from direkt1177.audit import limits
from direkt1177.audit.record import row_of
from direkt1177.audit.refusals import Refusal
from direkt1177.realtime import actions
from direkt1177.realtime.line import Line
from direkt1177.realtime.reading import fresh_frame
from direkt1177.realtime.request_id import request_id
from direkt1177.realtime.rows import columns_of, made_of
from direkt1177.realtime.sources import Item
from direkt1177.realtime.together import Asked, Done, Fresh
from direkt1177.residents.models import Person
from direkt1177.units.clock import now

_HOLDER = ("id", "first_name", "last_name", "title", "hsa_id")
_CASE = columns_of(Case, "c")
_PATIENT = columns_of(Person, "patient")
_WIDTHS = (len(_CASE.split(", ")), len(_PATIENT.split(", ")), len(_HOLDER))
# A case that somebody else holds locked is skipped: nobody waits for another one's work.
_LOOK = f"""
WITH c AS MATERIALIZED (
    SELECT * FROM cases_case WHERE public_id = ANY(%(cases)s::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), asked AS (
    SELECT * FROM unnest(%(number)s::int[], %(session)s::text[], %(membership)s::bigint[], %(member)s::bigint[],
                         %(person)s::bigint[], %(case)s::uuid[], %(key)s::text[], %(client)s::text[])
               AS asked (number, session, membership, member, person, ident, key, client)
)
SELECT asked.number, before.seq, before.kind, before.text, before.sent_at, {acting.COLUMNS}, {_CASE}, {_PATIENT},
       {", ".join(f"holder.{name}" for name in _HOLDER)}
  FROM asked
  {acting.JOINS}
  JOIN c ON c.public_id = asked.ident
  JOIN residents_person patient ON patient.id = c.patient_id
  LEFT JOIN accounts_user holder ON holder.id = c.holder_id
  LEFT JOIN cases_message before
    ON before.case_id = c.id AND before.author_key = asked.key AND before.client_id = asked.client
 ORDER BY asked.number
"""  # noqa: S608 - names of columns only
_CASE_AT = 5 + acting.WIDTH


class Sender:
    """``send_message`` for many at once."""

    def __init__(self) -> None:
        self._sessions: dict[str, acting.Stored] = {}

    async def __call__(self, line: Line, asked: Sequence[Asked]) -> Done:
        """Send what may be sent; see ``realtime.together``."""
        await self._know(line, {wish.session_key for wish in asked})
        acks: list[dict[str, Any] | None] = [None] * len(asked)
        ready = self._counted(asked, acks)
        if not ready:
            return Done(acks)
        async with line.transaction():
            rows = await line.ask(_LOOK, _gaps(ready))
            turn = _Turn(ready)
            for row in rows:
                self._sessions[asked[row[0]].session_key] = acting.stored(row[5])
                turn.decide(row)
            if not turn.lines:
                versions: dict[str, int] = {}
            else:
                sql, values, _bells = sending.statement(turn.lines)
                versions = dict(await line.ask(sql, values, last=True))
        for number, facts in turn.facts.items():
            acks[number] = actions.agreed("send_message", asked[number].frame, facts)
        return Done(acks, versions, turn.fresh(versions, values) if turn.lines else [])

    async def _know(self, line: Line, keys: set[str]) -> None:
        """Who each session would be; whether it still is one, the transaction asks."""
        unknown = keys - self._sessions.keys()
        if not unknown:
            return
        if len(self._sessions) > 8192:
            self._sessions.clear()
            unknown = keys
        for key, data in await line.ask(acting.SESSIONS, {"keys": list(unknown), "at": timezone.now()}):
            self._sessions[key] = acting.stored(data)

    def _counted(self, asked: Sequence[Asked], acks: list[dict[str, Any] | None]) -> list[_Wish]:
        """Those that may go on; their limit of messages is counted."""
        known = [
            _Wish(number, wish, self._sessions[wish.session_key])
            for number, wish in enumerate(asked)
            if wish.session_key in self._sessions
        ]
        go_on = []
        for wish in known:
            refusal = limits.count_soon("message", wish.stored.key)
            wish.asked.counted = True
            if refusal is not None:
                acks[wish.number] = _refused(wish.asked, refusal)
            elif wish.ready:
                go_on.append(wish)
        return go_on


def _refused(asked: Asked, refusal: limits.TooOften) -> dict[str, Any]:
    with translation.override(asked.language):
        said = limits.TooOften(refusal.retry_after)
        return actions.refused(actions.named("send_message"), asked.frame, said).ack


class _Wish:
    """One message to be sent."""

    def __init__(self, number: int, asked: Asked, stored: acting.Stored) -> None:
        self.number, self.asked, self.stored = number, asked, stored
        self.text = rules.clean_text(asked.payload.text)
        self.client_id: str = asked.payload.id
        try:
            self.case: uuid.UUID | None = access.parse_id(asked.payload.case)
            chat._check(self.client_id)  # noqa: SLF001 - it is the same command
        except Refusal:
            self.case = None

    @property
    def ready(self) -> bool:
        """Whether nothing stands against it before anything is read."""
        return self.case is not None and 0 < len(self.text) <= rules.MESSAGE_LIMIT


def _gaps(wishes: Sequence[_Wish]) -> dict[str, Any]:
    return {
        "at": timezone.now(),
        "cases": list({wish.case for wish in wishes}),
        "number": [wish.number for wish in wishes],
        "session": [wish.asked.session_key for wish in wishes],
        "membership": [wish.stored.membership for wish in wishes],
        "member": [wish.stored.member for wish in wishes],
        "person": [wish.stored.person for wish in wishes],
        "case": [wish.case for wish in wishes],
        "key": [wish.stored.key for wish in wishes],
        "client": [wish.client_id for wish in wishes],
    }


class _Turn:
    """What becomes of the wishes of one transaction."""

    def __init__(self, wishes: Sequence[_Wish]) -> None:
        self.lines: list[sending.Line] = []
        self.facts: dict[int, dict[str, Any]] = {}
        self._wishes = {wish.number: wish for wish in wishes}
        self._cases: dict[int, Case] = {}
        self._seen: set[tuple[int, str, str]] = set()
        self._left: set[tuple[uuid.UUID | None, str]] = set()

    def decide(self, row: Sequence[Any]) -> None:
        """Decide on one row of ``_LOOK``; what is not decided is done alone, with all that its sender wrote later."""
        wish = self._wishes[row[0]]
        who = (wish.case, wish.stored.key)
        if who in self._left:
            return
        try:
            decided = self._decide(wish, row)
        except (Refusal, SynchronousOnlyOperation):
            decided = False
        if not decided:
            self._left.add(who)

    def _decide(self, wish: _Wish, row: Sequence[Any]) -> bool:
        actor = acting.actor_of(wish.stored, wish.asked.session_key, row[5:_CASE_AT])
        if actor is None:
            return False
        case = self._case(row)
        basis = access.basis_for(actor, case)
        if row[1] is not None:
            if row[3] != wish.text or row[2] == Message.Kind.IMAGE:
                return False
            self.facts[wish.number] = {"seq": row[1], "at": row[4]}
            return True
        once = (case.pk, actor.key, wish.client_id)
        if once in self._seen:
            return False
        chat._require_open(case, basis)  # noqa: SLF001
        self._send(wish, case, actor, now())
        self._seen.add(once)
        return True

    def _send(self, wish: _Wish, case: Case, actor: AnyActor, at: datetime) -> None:
        before = {name: getattr(case, name) for name in sending.COUNTERS}
        try:
            facts = chat._facts(actor, wish.client_id, wish.text)  # noqa: SLF001
            message = count_message(case, **facts, kind=Message.Kind.TEXT, at=at)
            event = chat._event(case, message, actor)  # noqa: SLF001
            token = request_id.set(uuid.uuid4().hex)
            try:
                line = sending.Line(case, message, event, row_of(event, actor=actor))
            finally:
                request_id.reset(token)
        except BaseException:
            case.__dict__.update(before)
            raise
        self.lines.append(line)
        self.facts[wish.number] = {"seq": message.seq, "at": at}

    def _case(self, row: Sequence[Any]) -> Case:
        at, (wide, patient_wide, holder_wide) = _CASE_AT, _WIDTHS
        pk = row[at]
        case = self._cases.get(pk)
        if case is None:
            patient_at, holder_at = at + wide, at + wide + patient_wide
            patient = made_of(Person, row[patient_at:holder_at])
            held = row[holder_at] is not None
            holder = made_of(User, row[holder_at : holder_at + holder_wide], _HOLDER) if held else None
            case = self._cases[pk] = made_of(Case, row[at:patient_at], patient=patient, holder=holder)
        return case

    def fresh(self, versions: dict[str, int], numbered: dict[str, list[Any]]) -> list[Fresh]:
        """What readers of the chats see anew, as ``ChatSource`` would read it."""
        by_feed: dict[str, list[sending.Line]] = {}
        for line in self.lines:
            by_feed.setdefault(names.patient_chat_feed(line.case.public_id), []).append(line)
        counts = dict(zip(numbered["feeds"], numbered["counts"], strict=True))
        at: dict[str, dict[str, int]] = {}
        for feed, back, name in zip(numbered["of"], numbered["backs"], numbered["objects"], strict=True):
            at.setdefault(feed, {})[name] = versions[feed] - back
        return [_news(feed, lines, versions[feed], counts[feed], at[feed]) for feed, lines in by_feed.items()]


def _news(feed: str, lines: list[sending.Line], version: int, count: int, at: dict[str, int]) -> Fresh:
    case = lines[-1].case

    def write() -> str:
        items = [(_item(line.message, case), at[names.message_object(line.message.seq)]) for line in lines]
        items.append((Item(names.HEADER, "", queries.header(case).data()), at[names.HEADER]))
        return fresh_frame(feed, version, sorted(items, key=lambda item: item[1]))

    return Fresh(feed, version - count, version, write)


def _item(message: Message, case: Case) -> Item:
    """As ``feeds`` makes it."""
    data = {
        "seq": message.seq,
        "author": message.author,
        "from": message.author_key,
        "client_id": message.client_id,
        "at": message.sent_at,
    }
    html = chat_line.line_html(shown.message_context(message, case.public_id))
    return Item(names.message_object(message.seq), html, data, f"{message.seq:09d}")
