"""What the pages of a call share, whichever side they are for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from cases.access import OpenCase
from cases.calls import queries
from cases.calls.models import Call
from cases.calls.names import call_feed
from cases.calls.words import call_words
from cases.forms import new_form_key
from cases.views.frame import versions_of
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.queries import person_view


def call_of(opened: OpenCase, call_id: UUID) -> Call:
    """The call, of a case that may be worked in.

    Raises:
        NotFound: another case's, or the actor only reads this one.
    """
    call = queries.call_by_id(call_id)
    if call is None or call.case_id != opened.case.pk or not opened.works:
        raise NotFound
    return call


def version_of_call(call_id: UUID) -> int:
    """Version of the call's feed; taken before its state is read."""
    (version,) = versions_of(call_feed(call_id))
    return version


def call_context(opened: OpenCase, call: Call, *, side: str, after: int) -> dict[str, Any]:
    """Context of ``calls/call.html``.

    Args:
        opened, call: as the door gave them.
        side: ``staff`` or ``resident``.
        after: version of the feed, taken before the call was read.
    """
    both = [call.case.public_id, call.public_id]
    facts = queries.facts_of(call)
    staff = side == "staff"
    person = person_view(opened.case.patient)
    return {
        "side": side,
        "call": facts,
        "case_id": str(call.case.public_id),
        "feed": call_feed(call.public_id),
        "after": after,
        "other_name": person.name if staff else facts.requested_by,
        "other_title": "" if staff else facts.requested_title,
        "protected": person.masked,
        "facts": facts.data(),
        "texts": call_words(),
        "form_key": new_form_key(),
        "join_url": reverse("calls:join", args=both),
        "leave_call_url": reverse("calls:leave", args=both),
        "end_url": reverse("calls:end", args=both),
        "case_url": reverse("cases:case" if staff else "cases:mine_case", args=both[:1]),
    }


def phone_context(opened: OpenCase) -> dict[str, Any]:
    """How staff reach whoever wrote by telephone; a protected person's number is never shown (NOT-07, VID-08)."""
    starter = person_view(opened.case.started_by)
    number = "" if starter.masked else starter.mobile
    return {"phone": number, "phone_hidden": starter.masked, "phone_url": f"tel:{number.replace(' ', '')}"}
