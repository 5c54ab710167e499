"""What rows, messages and own lists say, for the page and for the feeds alike: the contexts of their templates.

Nothing here depends on who looks (design §3): the browser sets "mine", unread and selected from ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cases import names, rules
from cases.errors import clock_text
from cases.models import Case, Message
from cases.queries import OwnRow, QueueRow, ResidentRow
from cases.states import CaseState

ROW_TEMPLATE = "cases/_queue_row.html"
MESSAGE_TEMPLATE = "cases/_message.html"
OWN_TEMPLATE = "cases/_own_cases.html"
MINE_TEMPLATE = "cases/_mine_item.html"


def status_word(state: str) -> str:
    """The state in staff's word."""
    words = {
        CaseState.WAITING: pgettext("case state", "Waiting"),
        CaseState.RECEIVED: pgettext("case state", "Received"),
        CaseState.STARTED: pgettext("case state", "Ongoing"),
        CaseState.PAUSED: pgettext("case state", "Paused"),
        CaseState.ASYNCHRONOUS: pgettext("case state", "Asynchronous"),
        CaseState.CLOSED: pgettext("case state", "Closed"),
        CaseState.CANCELLED: pgettext("case state", "Cancelled"),
    }
    return words[CaseState(state)]


def row_status(row: QueueRow) -> str:
    """The status word of a row: *Synk Överlämning* while it is offered (QUE-17)."""
    if row.offered_at is not None:
        return pgettext("case state", "Sync handover")
    return status_word(row.state)


def row_context(row: QueueRow, *, own: bool = False) -> dict[str, Any]:
    """Context ``row`` of ``cases/_queue_row.html``, or of ``cases/_held_row.html`` in a list of own cases.

    Args:
        row: as read.
        own: it stands in a list of the user's own cases and leads to the case, whoever it is offered to.
    """
    queued = row.lies_in is not None and not own
    return {
        "object": row.object,
        "public_id": row.public_id,
        "sort": row.sort,
        "url": reverse("cases:preview" if queued else "cases:case", args=[row.public_id]),
        "take_url": reverse("cases:receive", args=[row.public_id]) if queued else "",
        "queued": queued,
        "giver_id": row.holder_id if row.offered_at is not None else None,
        "offered_at": row.offered_at,
        "offered_to": row.offered_to_name,
        "offered_from": ", ".join(filter(None, (row.holder_name, row.offered_from_unit))) if row.offered_at else "",
        "running": row.running,
        "resume_at": row.resume_at,
        "role_id": row.role_id,
        "urgency": row.urgency,
        "urgency_word": row.urgency_label,
        "assessed": row.assessed,
        "kind": row.kind,
        "arrived_at": row.arrived_at,
        "due_at": row.response_due_at,
        "stopped_at": row.response_stopped_at,
        "late": row.response_late,
        "name": row.person.name,
        "protected": row.person.protected,
        "age": row.person.age_text,
        "reason": row.contact_reason,
        "entrance": row.entrance,
        "flags": row_flags(row),
        "unread": row.unread,
        "role_name": row.role_name,
        "unit_name": row.unit_name,
        "holder_id": row.holder_id,
        "holder_name": row.holder_name,
        "holder_since": row.received_at,
        "closed_at": row.closed_at,
        "follow_up_until": row.follow_up_until,
        "last_day": rules.last_day(row.follow_up_until),
        "status": row.state,
        "status_word": row_status(row),
    }


def row_flags(row: QueueRow) -> list[dict[str, str]]:
    """Markers of QUE-24, the most pressing first."""
    flags = []
    if row.ownerless_since and row.lies_in is not None:
        title = _("Without a holder since %(time)s") % {"time": clock_text(row.ownerless_since)}
        if row.released_from_name:
            title = _("%(title)s; %(name)s had it before") % {"title": title, "name": row.released_from_name}
        flags.append(_flag("circle-alert", _("No owner"), title, "read"))
    if row.unread:
        text = ngettext("%(n)s unread", "%(n)s unread", row.unread) % {"n": row.unread}
        flags.append(_flag("message-circle", text, _("Unread messages from the patient"), "unread"))
    if row.read_now:
        flags.append(_flag("eye", _("Read now"), _("A word in the free text may need quick reading"), "read"))
    if row.advice_112_shown_at:
        at = clock_text(row.advice_112_shown_at)
        flags.append(_flag("siren", _("112 advice"), _("112 advice shown at %(time)s") % {"time": at}, "read"))
    if row.could_not_answer:
        flags.append(_flag("circle-help", _("Could not answer"), row.could_not_answer))
    if row.unstaffed_warned_at:
        flags.append(_flag("moon", _("Sent unstaffed"), _("Sent although nobody reads before the target")))
    if row.listed_elsewhere:
        flags.append(_flag("map-pin", _("Listed elsewhere"), _("The patient is listed at another unit")))
    flags += _handover_flags(row)
    return flags


def _handover_flags(row: QueueRow) -> list[dict[str, str]]:
    flags = []
    if row.offered_at:
        title = _("Handed over by %(name)s at %(time)s, not taken yet") % {
            "name": row.holder_name, "time": clock_text(row.offered_at),
        }  # fmt: skip
        if row.offered_from_unit:
            title = f"{title} ({row.offered_from_unit})"
        flags.append(_flag("arrow-right-left", pgettext("case state", "Sync handover"), title))
    elif row.running and row.lies_in is not None and not row.ownerless_since:  # which says as much
        flags.append(_flag("messages-square", _("Chat open"), _("The visit has begun; the patient can write")))
    if row.from_ticket:
        flags.append(_flag("ticket", _("Ticket"), _("The case came by a ticket")))
    if row.guests:
        flags.append(_flag("users", _("Guest"), _("A colleague takes part as a guest")))
    return flags


def own_status(row: OwnRow) -> str:
    """The state of an own case in words: offered to whom, paused until when."""
    if row.offered_at is not None:
        return _("Handed over to %(name)s") % {"name": row.offered_to_name}
    if row.resume_due:
        return _("Time to go on")
    if row.state == CaseState.PAUSED and row.resume_at is not None:
        local = timezone.localtime(row.resume_at)
        return _("Paused until %(time)s") % {"time": f"{date_format(local, 'j b')} {local:%H.%M}"}
    return status_word(row.state)


def message_context(message: Message, case_id: UUID | str) -> dict[str, Any]:
    """Context ``message`` of ``cases/_message.html``; ``author`` is the key of whoever wrote."""
    image = message.upload
    text, link_url = _with_link(message)
    return {
        "object": names.message_object(message.seq),
        "seq": message.seq,
        "case_id": str(case_id),
        "author": message.author_key if message.author != Message.Author.SYSTEM else "",
        "author_name": _author_name(message),
        "author_title": message.author_title,
        "sent_at": message.sent_at,
        "kind": "system" if message.kind == Message.Kind.NOTICE else str(message.kind),
        "text": text,
        "link_url": link_url,
        "image_url": reverse("cases:image", args=[image.public_id]) if image else "",
        "image_alt": _("Image sent in the chat"),
        "image_state": "ready" if image else "",
        "image_width": image.width if image else 0,
        "image_height": image.height if image else 0,
        "client_id": message.client_id,
    }


# The one page that a line of staff may lead to (TIK-05); whatever a patient writes stays text.
_TICKET_LINK = re.compile(r"\s*Öppna biljetten: (/mina-arenden/biljett/[0-9a-f-]{36}/)$")


def _with_link(message: Message) -> tuple[str, str]:
    """The text, and the address that a notice of staff leads to."""
    if message.kind != Message.Kind.NOTICE or message.author == Message.Author.PATIENT:
        return message.text, ""
    found = _TICKET_LINK.search(message.text)
    return (message.text[: found.start()], found[1]) if found else (message.text, "")


def own_context(rows: Iterable[OwnRow]) -> list[dict[str, Any]]:
    """Context ``own_cases`` of ``cases/_own_cases.html``."""
    return [
        {
            "public_id": str(row.public_id),
            "url": reverse("cases:case", args=[row.public_id]),
            "urgency": row.urgency,
            "urgency_word": row.urgency_label,
            "name": row.person.name,
            "protected": row.person.protected,
            "age": row.person.age_text,
            "reason": row.contact_reason,
            "state": own_status(row),
            "status": row.state,
            "waits_for_me": bool(row.unread),
            "unread": row.unread,
            "offered_at": row.offered_at,
            "offered_to": row.offered_to_name,
            "resume_at": row.resume_at,
            "resume_due": row.resume_due,
            "guests": row.guests,
        }
        for row in rows
    ]


def mine_context(row: ResidentRow) -> dict[str, Any]:
    """Context ``item`` of ``cases/_mine_item.html`` (ENT-13)."""
    kind, icon, word = _mine_tag(row)
    text = _("%(unit)s, sent %(time)s") % {"unit": row.unit_name, "time": clock_text(row.arrived_at)}
    if row.relation != "self":
        text = f"{row.person.name}. {text}"
    return {
        "url": reverse("cases:mine_case", args=[row.public_id]),
        "public_id": str(row.public_id),
        "heading": row.contact_reason,
        "text": text,
        "tag": {"kind": kind, "icon": icon, "word": word},
        "new": bool(row.unread),
        "unread": row.unread,
        "state": row.state,
        "closed": row.state in (CaseState.CLOSED, CaseState.CANCELLED),
        "relation": row.relation,
    }


def render_row(row: QueueRow) -> str:
    """One row of the queue."""
    return render_to_string(ROW_TEMPLATE, {"row": row_context(row)})


def render_message(message: Message, case: Case) -> str:
    """One line of the chat."""
    return render_to_string(MESSAGE_TEMPLATE, {"message": message_context(message, case.public_id)})


def at_the_left(rows: Iterable[OwnRow]) -> list[OwnRow]:
    """Own cases for the list at the left: a follow-up comes there when the patient has written (QUE-08)."""
    return [row for row in rows if row.state != CaseState.ASYNCHRONOUS or row.unread]


def render_own(rows: Sequence[OwnRow]) -> str:
    """The list at the left."""
    return render_to_string(OWN_TEMPLATE, {"own_cases": own_context(at_the_left(rows)), "current_case": ""})


def render_mine(rows: Sequence[ResidentRow]) -> str:
    """The items of *Mina ärenden*."""
    return "".join(render_to_string(MINE_TEMPLATE, {"item": mine_context(row)}) for row in rows)


def _author_name(message: Message) -> str:
    if message.author == Message.Author.STAFF:
        return message.author_name
    if message.author == Message.Author.SYSTEM:
        return ""
    return _("The patient") if message.author_name == "" else message.author_name


def _mine_tag(row: ResidentRow) -> tuple[str, str, str]:
    if row.unread:
        return "warm", "message-circle", _("New message")
    if row.state == CaseState.WAITING and row.open:
        return "warm", "messages-square", _("Being taken over")
    return {
        CaseState.WAITING: ("", "hourglass", pgettext("case state", "Waiting")),
        CaseState.RECEIVED: ("", "user", _("Received by care staff")),
        CaseState.STARTED: ("warm", "messages-square", pgettext("case state", "Ongoing")),
        CaseState.PAUSED: ("", "pause", pgettext("case state", "Paused")),
        CaseState.ASYNCHRONOUS: ("", "messages-square", _("You can write")),
        CaseState.CLOSED: ("off", "check", pgettext("case state", "Closed")),
        CaseState.CANCELLED: ("off", "x", pgettext("case state", "Cancelled")),
    }[CaseState(row.state)]


def _flag(icon: str, word: str, title: str, kind: str = "") -> dict[str, str]:
    return {"icon": icon, "word": word, "title": title, "kind": kind}
