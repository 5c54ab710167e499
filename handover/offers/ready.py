"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases import slots
from cases.access import OpenCase
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.realtime import sources
from direkt1177.units import leftovers
from handover import names
from handover.offers import acceptance, feeds, queries, timing

_OFFERABLE = frozenset({CaseState.STARTED, CaseState.PAUSED, CaseState.ASYNCHRONOUS})


def register() -> None:
    """Feeds of the desks, acceptance, escalation, and the places on pages of the errand."""
    for source in (feeds.DeskSource(), feeds.CoordinatorSource()):
        sources.register(source)
    acceptance.register()
    timing.register()
    leftovers.register(_left)
    slots.case_menu.register(
        _("Hand over visit"),
        "handover:offer",
        _may_offer,
        icon="arrow-right-left",
        shortcut="l",
        order=10,
        dialog=True,
    )
    for place in (slots.PREVIEW, slots.HEAD):
        slots.slots.register(place, "handover:offer_panel", title=_("Sync handover"), when=_is_offered, order=10)
    start = slots.START
    slots.slots.register(start, "handover:offers_to_me", title=_("Handovers to me and my role"), feed=_desk, order=10)
    slots.slots.register(
        start,
        "handover:unit_offers",
        title=_("Handovers that nobody has accepted"),
        feed=lambda actor: names.coordinator_feed(actor.unit_id),
        when=lambda actor: "coordinator" in actor.permissions,
        order=40,
    )
    slots.slots.register(
        start, "handover:my_offers", title=pgettext_lazy("handover", "My handovers that wait"), feed=_desk, order=30
    )


def _left(unit_id: int) -> list[leftovers.Leftover]:
    """A unit with offers from or to it is not wound up (UCH-02)."""
    return [leftovers.Leftover(_("handovers that nobody has accepted"), queries.pending_at(unit_id))]


def _desk(actor: StaffActor) -> str:
    return names.desk_feed(actor.unit_id, actor.role_id)


def _may_offer(opened: OpenCase) -> bool:
    return opened.case.state in _OFFERABLE and opened.case.offered_at is None


def _is_offered(opened: OpenCase) -> bool:
    return opened.case.offered_at is not None or opened.basis == "offer"
