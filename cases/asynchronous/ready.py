"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases import follow_ups
from cases.access import OpenCase
from cases.asynchronous import queries, steps
from cases.slots import case_menu
from direkt1177.audit.record import subscribe


def _begun(opened: OpenCase) -> bool:
    return opened.case.started_at is not None


def register() -> None:
    """Marks count as answers, closing sets one, and *Nytt* on the case page begins another case (CAS-17)."""
    follow_ups.register(queries.handled_seq)
    subscribe("visit_closed", steps.visit_closed)
    case_menu.register(_("New: asynchronous case"), "asynchronous:from_case", _begun, icon="messages-square", order=22)
