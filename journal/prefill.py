"""Where the text of a new note comes from: the triage result, or the patient's own question."""

from __future__ import annotations

from cases.calls.queries import modes_used
from cases.models import Case
from direkt1177.units.policy_model import Policy
from journal.rules import Prefill
from triage.queries import anamnesis_for

# Data in the note, not words of the interface: the record system gets them as they are.
_BY_PATIENT = "Patienten"
_NO_REPLY = "Patienten har inte svarat trots kontaktförsök. Ärendet avslutat utan svar."


def prefill_for(case: Case, policy: Policy) -> Prefill:
    """What a new note of this case starts with (JOU-01).

    Args:
        case: opened through the door.
        policy: of its unit; its ``contact_type_map`` names the contact by the mode used (VID-05).
    """
    anamnesis = anamnesis_for(case) or case.free_text
    if case.close_kind == Case.CloseKind.NO_REPLY:  # a short note from a phrase (INA-06)
        anamnesis = f"{anamnesis}\n{_NO_REPLY}".strip()
    return Prefill(
        anamnesis=anamnesis,
        contact_reason=case.contact_reason,
        contact_mode=_contact_mode(case, policy),
        initiative=_BY_PATIENT,
    )


def _contact_mode(case: Case, policy: Policy) -> str:
    """The region's words for the way in which they met; empty where it names none, as for voice: chosen by hand."""
    modes = modes_used(case)
    if "video" in modes:
        return policy.contact_type_map.get("video", "")
    return "" if "voice" in modes else policy.contact_type_map.get("chat", "")
