"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import slots
from cases.access import OpenCase
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import subscribe
from direkt1177.units.policies import policy
from handover import names
from handover.acknowledgements import steps
from handover.acknowledgements.access import is_coordinator
from handover.acknowledgements.rules import kinds_offered


def _desk(actor: StaffActor) -> str:
    return names.desk_feed(actor.unit_id, actor.role_id)


def _coordinator(actor: StaffActor) -> str:
    return names.coordinator_feed(actor.unit_id)


def _offered(opened: OpenCase) -> bool:
    return bool(kinds_offered(policy(opened.case.unit)))


def register() -> None:
    """*Vidimera* on *Startsida*, and in the menu of a case."""
    for code in ("offer_taken", "fallen_offer_taken"):
        subscribe(code, steps.case_has_moved)
    slots.slots.register(slots.START, "handover:acknowledgements", title=_("Acknowledge"), feed=_desk, order=40)
    slots.slots.register(
        slots.START,
        "handover:unit_acknowledgements",
        title=_("The unit's acknowledgements"),
        feed=_coordinator,
        when=is_coordinator,
        order=60,
    )
    slots.case_menu.register(
        _("Ask for acknowledgement"),
        "handover:new_acknowledgement",
        _offered,
        icon="badge-check",
        order=70,
        dialog=True,
    )
