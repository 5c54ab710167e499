"""What colleagues tell the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import names, slots
from cases.access import OpenCase
from cases.colleagues import feeds, leaving, queries
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import subscribe
from direkt1177.realtime import sources


def register() -> None:
    """The feed, the section of *Startsida*, the pane in previews of an offer, and when guests leave."""
    sources.register(feeds.InternalSource())
    slots.slots.register(slots.START, "colleagues:mine", title=_("Visits as guest"), feed=_me, order=35)
    slots.slots.register(slots.PREVIEW, "colleagues:pane", title=_("Internal chat"), when=_addressed, order=20)
    subscribe("visit_closed", leaving.visit_closed)
    subscribe("case_put_back", leaving.let_go)
    for code in ("offer_taken", "case_received", "case_received_anyway", "case_resumed"):
        subscribe(code, leaving.taken)


def _me(actor: StaffActor) -> str:
    return names.me_feed(actor.key)


def _addressed(opened: OpenCase) -> bool:
    return opened.case.offered_at is not None and queries.takes_part(opened.basis, opened.case)
