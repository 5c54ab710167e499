"""What tests of calls need: a patient who is in the service, a call in each state."""

from __future__ import annotations

import uuid

from cases import names
from cases.calls import commands
from cases.calls.models import Call
from cases.feeds import ChatSource
from cases.models import Case
from direkt1177.accounts.actors import ResidentActor, StaffActor
from tests.factories import key, make_staff, make_started_case, resident


def come_online(case: Case, person: ResidentActor | None = None) -> uuid.UUID:
    """The patient (or somebody else of the family) opens the chat: the interval of that reading begins."""
    actor = person or resident(case.started_by)
    feed, interval = names.patient_chat_feed(case.public_id), uuid.uuid4()
    source = ChatSource()
    source.log_start(actor, feed, source.authorize(actor, feed), interval)
    return interval


def go_offline(case: Case, interval: uuid.UUID) -> None:
    """The page is closed."""
    actor, feed = resident(case.started_by), names.patient_chat_feed(case.public_id)
    source = ChatSource()
    source.log_end(actor, feed, source.authorize(actor, feed), interval)


def ask(nurse: StaffActor, case: Case, kind: str = "video") -> Call:
    """A request for a call; the patient is in the service."""
    come_online(case)
    done = commands.request_call(actor=nurse, case_id=case.public_id, kind=kind, key=key())
    return Call.objects.get(public_id=done.call_id)


def fee_version(case: Case) -> str:
    """Version of the information on fees that holds for the case."""
    from cases.calls.access import policy_of

    return policy_of(case).fee_text_version


def accept(case: Case, call: Call) -> Call:
    """The patient accepts."""
    commands.accept_call(
        actor=resident(case.started_by), case_id=case.public_id, call_id=call.public_id,
        fee_version=fee_version(case), key=key(),
    )  # fmt: skip
    call.refresh_from_db()
    return call


def visit() -> tuple[StaffActor, Case, ResidentActor]:
    """A nurse, a started case of hers, its patient."""
    nurse = make_staff()
    case = make_started_case(nurse)
    return nurse, case, resident(case.patient)
