"""The one statement that stores a text message does what the plain way does, row for row."""

from __future__ import annotations

from typing import Any

import pytest

from cases import commands, rules, sending
from cases.commands import chat
from cases.messages import append_message, count_message
from cases.models import Case, Message
from direkt1177.accounts.actors import AnyActor, StaffActor
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.record import command, record
from direkt1177.outbox.models import Effect
from direkt1177.realtime.models import FeedChange, FeedHead
from direkt1177.units.clock import now
from tests import factories


@command
def _plainly(actor: AnyActor, case: Case, client_id: str, text: str) -> None:
    """The reference: one ORM call for each row."""
    locked = Case.objects.select_for_update().get(pk=case.pk)
    facts = chat._facts(actor, client_id, text)
    message = append_message(locked, **facts, kind=Message.Kind.TEXT, at=now())
    record(chat._event(locked, message, actor), actor=actor)


def _hotly(actor: AnyActor, case: Case, client_id: str, text: str) -> None:
    commands.send_message(actor=actor, case_id=case.public_id, client_id=client_id, text=text)


def _rows(case: Case, actor: AnyActor) -> dict[str, Any]:
    """Everything that a message touches, without what differs between two cases: keys, times, names of feeds."""
    case.refresh_from_db()

    def anonymous(value: Any) -> Any:
        text = str(value).replace(str(case.public_id), "CASE").replace(actor.key, "ACTOR")
        return text.replace(f"person:{case.patient_id}", "PATIENT").replace(f"staff:{case.holder_id}", "HOLDER")

    hidden = {"id", "case_id", "at", "sent_at", "created_at", "due_at", "patient_id", "unit_id", "provider_id"}

    def shown(found: Any) -> list[dict[str, str]]:
        return [{k: anonymous(v) for k, v in row.items() if k not in hidden} for row in found.values()]

    ident = str(case.public_id)
    feeds = [
        f"chat:{ident}:patient",
        f"chat:{ident}:staff",
        f"me:person:{case.patient_id}",
        f"me:staff:{case.holder_id}",
    ]
    counters = (
        "state",
        "version",
        "last_seq",
        "last_patient_seq",
        "last_staff_seq",
        "staff_seen_seq",
        "patient_seen_seq",
    )
    return {
        "messages": shown(Message.objects.filter(case=case).order_by("seq")),
        "case": {name: getattr(case, name) for name in counters} | {"answered": case.first_reply_at is not None},
        "log": shown(ChangeLog.objects.filter(object_id=ident).order_by("id")),
        "outbox": shown(Effect.objects.filter(aggregate=f"case:{ident}:unread").order_by("id")),
        "heads": shown(FeedHead.objects.filter(feed__in=feeds).order_by("feed")),
        "changes": shown(FeedChange.objects.filter(feed__in=feeds).order_by("feed", "version")),
    }


@pytest.mark.req("CHT-01")
@pytest.mark.parametrize("by_staff", [True, False])
def test_one_statement_stores_what_the_plain_way_stores(db: None, by_staff: bool) -> None:
    """Same rows in messages, case, log, outbox and feeds, for both sides, first reply and later ones."""
    results = []
    for way in (_plainly, _hotly):
        nurse = _nurse()
        case = factories.make_started_case(nurse, patient=factories.make_person(first_name="Bo"))
        actor: AnyActor = nurse if by_staff else factories.resident(case.patient)
        for number in range(3):  # seen each time: every line of staff then asks for an SMS of its own
            commands.mark_seen(actor=factories.resident(case.patient), case_id=case.public_id, seq=number + 1)
            way(actor, case, f"client-{number}", f"rad {number} med 100 % åäö 'citat' \\ och {{klamrar}}")
        results.append(_rows(case, actor))
    plain, hot = results
    assert plain["messages"] and plain["log"] and plain["changes"]
    assert len(plain["outbox"]) == (4 if by_staff else 1), "the welcome message asks for one too"
    for part, rows in plain.items():
        assert hot[part] == rows, part


@pytest.mark.req("NOT-01")
def test_due_time_of_the_sms_follows_the_message(db: None) -> None:
    """The SMS about an unread line is due as long after the line as the rule says."""
    nurse = _nurse()
    case = factories.make_started_case(nurse)
    commands.mark_seen(actor=factories.resident(case.patient), case_id=case.public_id, seq=1)
    sent = commands.send_message(actor=nurse, case_id=case.public_id, client_id="a", text="Hej")
    effect = Effect.objects.filter(aggregate=f"case:{case.public_id}:unread").latest("id")
    assert effect.due_at == sent.at + rules.UNREAD_SMS_AFTER
    assert Message.objects.get(case=case, client_id="a").sent_at == sent.at
    case.refresh_from_db()
    assert case.first_reply_at == sent.at


def test_a_failing_statement_leaves_nothing(db: None) -> None:
    """A number that is taken already undoes the counters, the log and the feeds with it."""
    nurse = _nurse()
    case = factories.make_started_case(nurse)
    before = _rows(case, nurse)
    message = count_message(case, **chat._facts(nurse, "a", "Hej"), kind=Message.Kind.TEXT, at=now())
    event = chat._event(case, message, nurse)
    message.seq = 1  # of the welcome message

    @command
    def again() -> None:
        sending.store(case=case, message=message, event=event, actor=nurse)

    with pytest.raises(Exception, match="message_seq_once"):
        again()
    assert _rows(case, nurse) == before


def _nurse() -> StaffActor:
    return factories.make_staff(factories.make_unit(region=factories.make_region()), first_name="Anna")
