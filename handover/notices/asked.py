"""What colleagues do about a case that somebody else holds: the holder is told (QUE-16)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.finding import rules
from cases.models import Case
from direkt1177.audit.actor import Actor
from direkt1177.audit.record import subscribe
from direkt1177.units.clock import now
from handover.notices import kinds
from handover.notices.kinds import Kind
from handover.notices.steps import notify

ASKED, OPENED = "handover_asked", "emergency_opened"
_KINDS = (
    Kind(ASKED, _("%(by)s asks you to hand over a case."), "hand", hot=True),
    Kind(OPENED, _("%(by)s has opened a case of yours in an emergency and given a reason."), "siren", hot=True),
)


def register() -> None:
    """Kinds of notices, and the events that bring them about."""
    for kind in _KINDS:
        kinds.register(kind)
    subscribe("handover_asked", _asked)
    subscribe("emergency_opened", _opened)


def _asked(event: Any, actor: Actor) -> None:
    """Once an hour at most, however often the colleague presses."""
    _tell(ASKED, f"asked:{actor.key}:{event.public_id}:{rules.asked_again(now())}", event, actor)


def _opened(event: Any, actor: Actor) -> None:
    _tell(OPENED, f"emergency:{event.opening_id}", event, actor)


def _tell(kind: str, key: str, event: Any, actor: Actor) -> None:
    """The name in the words is the colleague's, never a patient's."""
    case = Case.objects.get(public_id=event.public_id)
    notify(kind=kind, key=key, unit_id=event.unit_id, users=[event.holder_id], case=case, data={"by": actor.name})
