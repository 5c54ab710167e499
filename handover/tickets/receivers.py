"""To which unit and role a ticket goes: what the picker sent, checked against region, roles and closures (TIK-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.models import Case
from direkt1177.accounts.queries import staff_with_role
from direkt1177.units.models import CareRole, Closure, Unit
from direkt1177.units.picker import Opening, picker_state
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from handover.offers import picker
from handover.offers.errors import NoReceiver
from handover.offers.rules import ticket_roles
from handover.tickets import errors


@dataclass(frozen=True, slots=True)
class Receiver:
    """Unit and role, and what kind of case the ticket becomes there."""

    unit: Unit
    role: CareRole
    kind: str


def resolve(value: str, *, issuing: Unit, kind: str, rule: Policy) -> Receiver:
    """The receiver that the form chose.

    Args:
        value: of the resource picker.
        issuing: the unit that writes the ticket.
        kind: of the issuing case.
        rule: policy of the issuing unit.

    Raises:
        ReceiverMissing: none, the own unit, a colleague, or a unit that takes no cases of its own.
        RoleNotAllowed: the region names other roles there.
        NobodyHasRole: nobody would see it.
    """
    try:
        choice = picker.parse(value)
    except NoReceiver:
        raise errors.ReceiverMissing from None
    if choice.role_id is None or choice.unit_id == issuing.pk:
        raise errors.ReceiverMissing
    unit = Unit.objects.select_related("provider__region").filter(pk=choice.unit_id, active=True).first()
    role = CareRole.objects.filter(pk=choice.role_id).first()
    if unit is None or role is None or unit.provider.region_id != issuing.provider.region_id:
        raise errors.ReceiverMissing
    state = picker_state(unit, role)
    if state.kind is Opening.CLOSED and state.closure is None:
        raise errors.ReceiverMissing  # a branch whose cases go elsewhere, or closed for good
    allowed = ticket_roles(rule, picker.place_of(issuing), picker.place_of(unit), kind)
    if allowed is not None and role.code not in allowed:
        raise errors.RoleNotAllowed
    if not staff_with_role(unit.pk, role.pk).exists():
        raise errors.NobodyHasRole
    return Receiver(unit, role, kind_there(unit, role))


def kind_there(unit: Unit, role: CareRole) -> str:
    """Administrative when the role is the one for administrative questions alone (HOV-20)."""
    settings = policy(unit)
    admin = settings.receiving_role(Case.Kind.ADMIN_QUESTION)
    if role.code == admin and admin != settings.receiving_role(Case.Kind.SEEK_CARE):
        return Case.Kind.ADMIN_QUESTION
    return Case.Kind.SEEK_CARE


def closed_throughout(unit: Unit, start: datetime, end: datetime) -> bool:
    """Whether a decided closure covers all of the ticket's dates."""
    covering = Closure.objects.filter(unit=unit, status=Closure.Status.APPROVED, starts_at__lte=start, ends_at__gte=end)
    return covering.exists()


def closed_until(unit: Unit, role: CareRole) -> tuple[bool, datetime | None]:
    """Whether the unit takes no new cases now, and until when if it is known."""
    state = picker_state(unit, role)
    return state.kind is Opening.CLOSED, state.until
