"""Whether a chosen receiver may be offered a case at this moment (HOV-03, HOV-13..20)."""

from __future__ import annotations

from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership, Shift
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.picker import picker_state
from direkt1177.units.policies import policy
from handover.offers import rules
from handover.offers.errors import (
    ColleagueNotOffered,
    NobodyHasRole,
    NoReceiver,
    OfferToSelf,
    OnlyYou,
    ReceiverClosed,
    RoleNotOffered,
    TicketInstead,
)
from handover.offers.picker import Choice, place_of
from handover.offers.rules import Way


def check(actor: StaffActor, case: Case, to: Choice) -> Unit:
    """The receiving unit, when a case may be offered there.

    Args:
        actor: the giver.
        case: the giver's.
        to: role at a unit, or a colleague.

    Raises:
        OfferRefused and its kin: why it may not.
    """
    unit = Unit.objects.select_related("provider__region").filter(pk=to.unit_id, active=True).first()
    own = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    if unit is None or unit.provider.region_id != own.provider.region_id:
        raise NoReceiver
    setting, giver, place = policy(own), place_of(own), place_of(unit)
    if rules.way_to(setting, giver, place) is Way.TICKET:
        raise TicketInstead
    state = picker_state(unit)
    if not state.open:
        raise ReceiverClosed(state.words)
    if to.role_id is None:
        _check_colleague(actor, to, may=rules.may_name_colleague(setting, giver, place))
        return unit
    role = CareRole.objects.filter(pk=to.role_id).first()
    if role is None:
        raise NoReceiver
    allowed = rules.offered_roles(setting, giver, place, case.kind)
    if allowed is not None and role.code not in allowed:
        raise RoleNotOffered
    holders = set(
        Membership.objects.filter(
            unit=unit, role=role, ended_at__isnull=True, user__is_active=True
        ).values_list("user_id", flat=True)
    )  # fmt: skip
    if not holders:
        raise NobodyHasRole
    if holders == {actor.user_id}:
        raise OnlyYou
    return unit


def _check_colleague(actor: StaffActor, to: Choice, *, may: bool) -> None:
    if to.user_id == actor.user_id:
        raise OfferToSelf
    on_duty = Shift.objects.filter(
        user_id=to.user_id or 0, unit_id=to.unit_id, ended_at__isnull=True, user__is_active=True,
        user__memberships__unit_id=to.unit_id, user__memberships__ended_at__isnull=True,
    )  # fmt: skip
    if not may or not on_duty.exists():
        raise ColleagueNotOffered
