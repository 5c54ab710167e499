"""What lines, guests and the list of visits say; nothing depends on who looks (design §3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from cases.colleagues.models import Guest, InternalMessage
from cases.colleagues.queries import Visit


def line_context(line: InternalMessage) -> dict[str, Any]:
    """Context ``line`` of ``colleagues/_line.html``; the browser marks what is its own."""
    return {
        "object": f"line:{line.seq}",
        "seq": line.seq,
        "system": line.kind == InternalMessage.Kind.NOTICE,
        "author": line.author_key,
        "name": line.author_name,
        "title": line.author_title,
        "at": line.sent_at,
        "text": line.text,
    }


def render_line(line: InternalMessage) -> str:
    """One line of the internal chat."""
    return render_to_string("colleagues/_line.html", {"line": line_context(line)})


def guest_context(guests: Iterable[Guest]) -> list[dict[str, Any]]:
    """Rows of ``colleagues/_guests.html``."""
    return [
        {
            "guest_id": str(guest.public_id),
            "user_id": guest.user_id,
            "name": guest.user.full_name or guest.user.hsa_id,
            "title": guest.user.title,
            "unit": guest.unit.name,
            "mode": str(guest.mode),
            "other_mode": "consult" if guest.mode == Guest.Mode.PARTICIPATE else "participate",
            "at": guest.invited_at,
        }
        for guest in guests
    ]


def visit_context(visits: Iterable[Visit]) -> list[dict[str, Any]]:
    """Rows of *Besök som gäst*."""
    return [
        {
            "url": reverse("cases:case", args=[visit.case.public_id]),
            "name": visit.person.name,
            "protected": visit.person.masked,
            "age": visit.person.age_text,
            "reason": visit.case.contact_reason,
            "invited_by": visit.invited_by,
            "at": visit.invited_at,
            "mode": visit.mode,
            "unread": visit.unread,
        }
        for visit in visits
    ]
