"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import slots
from cases.access import OpenCase
from direkt1177.audit.record import subscribe
from direkt1177.units import changed, leftovers
from handover.tickets import entrance, following, queries
from handover.timers import fire, plans
from triage import tickets


def _left(unit_id: int) -> list[leftovers.Leftover]:
    return [leftovers.Leftover(_("tickets that can still be used"), queries.live_at(unit_id))]


def _came_with_ticket(opened: OpenCase) -> bool:
    return opened.case.from_ticket


def _started(opened: OpenCase) -> bool:
    return opened.case.started_at is not None


def register() -> None:
    """Tickets follow visits and notes, have timers, are an entrance of triage, and hold a winding up (UCH-02)."""
    for place in (slots.FACTS, slots.PREVIEW):
        slots.slots.register(place, "handover:case_ticket", title=_("From ticket"), when=_came_with_ticket, order=10)
    slots.slots.register(slots.TICKETS, "handover:case_tickets", title=_("Tickets"))
    slots.case_menu.register(
        _("New: ticket"), "handover:new_ticket", _started, icon="ticket", shortcut="n", order=20, dialog=True
    )
    subscribe("visit_closed", following.visit_closed)
    subscribe("follow_up_ended", following.case_over)
    subscribe("visit_started", following.visit_started)
    subscribe("note_signed", following.note_signed)
    plans.register(plans.TICKET, following.plan)
    fire.register(following.EXPIRES, following.expire)
    fire.register(following.WAITS, following.warn_issuer)
    fire.register(following.UNUSED, following.alarm_unused)
    tickets.register(entrance.Book())
    leftovers.register(_left)
    changed.register(following.units_changed)
