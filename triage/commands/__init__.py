"""Everything a resident does on the way in; each one is a durable transaction (design §2)."""

from __future__ import annotations

from triage.commands.answering import (
    accept_fee,
    answer_gate,
    answer_more,
    answer_question,
    choose_contact_after_112,
    continue_after_result,
    describe_complaint,
    give_consents,
    save_words,
    write_admin_question,
)
from triage.commands.ending import abandon_drafts, end_with_112, end_with_self_care, send_interview
from triage.commands.publishing import publish_bundled
from triage.commands.starting import start_interview, warn_unstaffed

__all__ = [
    "abandon_drafts",
    "accept_fee",
    "answer_gate",
    "answer_more",
    "answer_question",
    "choose_contact_after_112",
    "continue_after_result",
    "describe_complaint",
    "end_with_112",
    "end_with_self_care",
    "give_consents",
    "publish_bundled",
    "save_words",
    "send_interview",
    "start_interview",
    "warn_unstaffed",
    "write_admin_question",
]
