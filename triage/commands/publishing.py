"""Publishing protocol versions."""

from __future__ import annotations

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command
from triage import steps
from triage.engine.loader import bundled
from triage.models import ProtocolVersion


@command
def publish_bundled(*, actor: Actor, approved_by: str = steps.BUNDLED_APPROVER) -> list[ProtocolVersion]:
    """Publish the protocols that ship with the project; what is published already stays as it is (TRI-17).

    Args:
        actor: who does it.
        approved_by: the named approver.
    """
    return [steps.publish(actor=actor, protocol=item, approved_by=approved_by) for item in bundled().values()]
