"""Effects of the errand: the SMS about an unread message (NOT-01 k, l)."""

from __future__ import annotations

from django.db import transaction

from cases.models import Case
from cases.states import CaseState
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.outbox.models import Effect
from direkt1177.units import policies


def send_unread_sms(effect: Effect) -> str | None:
    """Ask for an SMS unless the patient has seen the message meanwhile; done twice it asks once.

    One SMS per unread stretch; in the asynchronous phase policy ``async_sms`` may want one for every message.

    Returns:
        A note for the effect's row when no SMS was needed.
    """
    payload = effect.payload
    with transaction.atomic():
        case = Case.objects.select_related("unit__provider").filter(public_id=payload["case"]).first()
        if case is None or case.patient_seen_seq >= payload["seq"]:
            return "seen"
        enqueue(
            EffectSpec(
                kind="resident_sms",
                key=f"new_message:{case.public_id}:{payload['stretch']}",
                aggregate=f"case:{case.public_id}",
                payload={"person": case.started_by_id, "template": "new_message", "unit": case.unit_id},
            )
        )
    return None


def stretch_of(case: Case) -> int:
    """What one SMS stands for: everything since the patient last looked, or this very message.

    Args:
        case: with the new message already counted.
    """
    if case.state == CaseState.ASYNCHRONOUS and policies.policy(case.unit).async_sms == "every_message":
        return case.last_seq
    return case.patient_seen_seq
