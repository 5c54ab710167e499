"""What this part shows on pages of the errand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.finding.access import is_coordinator
from cases.slots import START, VISITS, slots


def register() -> None:
    """Other visits in *Alla besök*, and what the coordinator looks at every day (ORG-22)."""
    slots.register(VISITS, "finding:other_visits", title=_("Other visits"), when=lambda opened: opened.works)
    slots.register(START, "finding:oversight", title=_("Today's check"), when=is_coordinator, order=70)
