"""Who may be offered a case, how, and what must be said and written first: pure functions (HOV, CAS-14, REH)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from direkt1177.units.policy_model import Policy

MESSAGE_LIMIT = 2000
REASON_LIMIT = 300
NURSE, PHYSIOTHERAPIST, MEDICAL_ADMIN = "nurse", "physiotherapist", "medical_admin"
REHAB, ADVICE_LINE = "rehab", "advice_line"
ADMIN_QUESTION = "admin_question"


class Way(StrEnum):
    """How a case gets from one unit to another."""

    OFFER = "offer"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Place:
    """What the rules need of a unit."""

    unit_id: int
    provider_id: int
    type: str


def way_to(policy: Policy, giver: Place, to: Place) -> Way:
    """Offer within the unit and, where the region says so, the care provider; else a ticket (HOV-12, HOV-16, HOV-19).

    Args:
        policy: of the giving unit.
        giver, to: the two units.
    """
    if giver.unit_id == to.unit_id:
        return Way.OFFER
    if giver.provider_id != to.provider_id or policy.interunit_mechanism == "ticket_for_all":
        return Way.TICKET
    return Way.OFFER


def offered_roles(policy: Policy, giver: Place, to: Place, kind: str) -> frozenset[str] | None:
    """Codes of the roles that may be offered a case; None is any role (HOV-10, HOV-13, HOV-20, ORG-20, REH-04).

    Args:
        policy: of the giving unit.
        giver, to: the two units.
        kind: of the case: ``seek_care`` or ``admin_question``.
    """
    if giver.unit_id == to.unit_id:
        return None
    if to.type == REHAB:
        return frozenset({PHYSIOTHERAPIST})
    if policy.interunit_handover_role == "any":
        return None
    if policy.interunit_handover_role == "nurse_or_medical_admin":
        return _nurse_or_admin(giver, kind)
    return frozenset({NURSE})


def ticket_roles(policy: Policy, giver: Place, to: Place, kind: str) -> frozenset[str] | None:
    """The same of a ticket (TIK-03, HOV-20, REH-05); None is any role.

    Args:
        policy: of the issuing unit.
        giver, to: issuing and receiving unit.
        kind: of the ticket.
    """
    if to.type == REHAB:
        return frozenset({PHYSIOTHERAPIST})
    if policy.ticket_role == "nurse_or_medical_admin":
        return _nurse_or_admin(giver, kind)
    return None if policy.ticket_role == "rehab_physiotherapist" else frozenset({NURSE})


def may_name_colleague(policy: Policy, giver: Place, to: Place) -> bool:
    """Whether a colleague on duty may be chosen by name, within the unit (HOV-03)."""
    return giver.unit_id == to.unit_id and "signed_in_colleague" in policy.handover_target


def must_document_first(policy: Policy, giver: Place, to: Place) -> bool:
    """Whether the note must be confirmed before sending, since access ends with acceptance (HOV-15)."""
    return giver.unit_id != to.unit_id and policy.giver_access_after_acceptance == "none"


def giver_reads_on(policy: Policy) -> bool:
    """Whether the giver may go on reading after acceptance (HOV-15)."""
    return policy.giver_access_after_acceptance == "read"


def must_tell_patient(policy: Policy) -> bool:
    """Whether the form refuses to send without words to the patient (CAS-14)."""
    return policy.inform_patient_on_handover == "must"


def tells_reply_time(policy: Policy, to: Place) -> bool:
    """Whether the phrase says when they answer (REH-03)."""
    return to.type == REHAB and policy.rehab_expected_reply_time


def phrase(policy: Policy, *, to: Place | None, to_words: str, reply_words: str) -> str:
    """What the patient is told, filled in; editable before it is sent (CAS-14, CAS-15, REH-03).

    Args:
        policy: of the giving unit.
        to: the receiving unit, None while nobody is chosen.
        to_words: "en läkare hos oss" or the unit's name.
        reply_words: when they answer.
    """
    with_time = to is not None and tells_reply_time(policy, to)
    text = policy.handover_rehab_text if with_time else policy.handover_text
    return text.replace("{to}", to_words).replace("{reply}", reply_words)


def stays_in_queue_of_giver(*, from_unit_id: int, to_unit_id: int) -> bool:
    """At the giver's end of shift: whether the case falls back to the own unit instead of going to the addressee."""
    return from_unit_id != to_unit_id


def _nurse_or_admin(giver: Place, kind: str) -> frozenset[str]:
    """Administrative cases go to *Medicinsk admin* only from the advice line (HOV-20)."""
    if kind == ADMIN_QUESTION and giver.type == ADVICE_LINE:
        return frozenset({NURSE, MEDICAL_ADMIN})
    return frozenset({NURSE})
