"""Where an administrator may act: each right by itself, and neither includes another (ORG-13, ORG-14)."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from direkt1177.accounts import queries
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.errors import NotYourSettings
from direkt1177.accounts.models import AdminPermission
from direkt1177.units.closures import REGIONS_ACTS, Act
from direkt1177.units.models import Closure, Region, Unit


def must_configure(actor: ManageActor, unit_id: int) -> None:
    """Refuse whoever is not configuration administrator at the unit.

    Raises:
        NotYourSettings: also when there is no such unit.
    """
    held = queries.units_with_permission(actor.user_id, [AdminPermission.Kind.CONFIGURATION_ADMIN])
    if not held.filter(pk=unit_id).exists():
        raise NotYourSettings


def regions_of(user_id: int) -> list[Region]:
    """Regions whose settings a user may change, by name (ADM-07)."""
    held = queries.units_with_permission(user_id, [AdminPermission.Kind.REGION_ADMIN])
    return list(Region.objects.filter(providers__units__in=held).distinct().order_by("name"))


def must_configure_region(actor: ManageActor, region_id: int) -> None:
    """Refuse whoever is not regional administrator there.

    Raises:
        NotYourSettings: also when there is no such region.
    """
    if region_id not in {region.pk for region in regions_of(actor.user_id)}:
        raise NotYourSettings


def units_configured(user_id: int) -> QuerySet[Unit]:
    """Units where a user is configuration administrator: the unit's management in Manage."""
    return queries.units_with_permission(user_id, [AdminPermission.Kind.CONFIGURATION_ADMIN])


def units_managed(user_id: int) -> QuerySet[Unit]:
    """Units that a user configures, and all of the regions that they administer, by name."""
    mine = Q(pk__in=units_configured(user_id)) | Q(provider__region__in=regions_of(user_id))
    return Unit.objects.filter(mine).order_by("name")


def may_decide_for(user_id: int, unit: Unit) -> bool:
    """Whether a user is regional administrator where the unit lies."""
    return unit.provider.region_id in {region.pk for region in regions_of(user_id)}


def must_decide_for(actor: ManageActor, unit: Unit) -> None:
    """Refuse whoever is not regional administrator where the unit lies.

    Raises:
        NotYourSettings: neither there nor elsewhere.
    """
    if not may_decide_for(actor.user_id, unit):
        raise NotYourSettings


def must_manage(actor: ManageActor, unit_id: int) -> None:
    """Refuse whoever neither configures the unit nor administers its region.

    Raises:
        NotYourSettings: also when there is no such unit.
    """
    if not units_managed(actor.user_id).filter(pk=unit_id).exists():
        raise NotYourSettings


def closure_acts(user_id: int, closure: Closure, acts: tuple[Act, ...]) -> tuple[Act, ...]:
    """Which of the possible acts a user may do (HRS-10).

    Regional administration answers, the unit's management orders, and both may take back, open again and look after
    the contact card.
    """
    region = may_decide_for(user_id, closure.unit)
    own = units_configured(user_id).filter(pk=closure.unit_id).exists()
    return tuple(act for act in acts if (region if act in REGIONS_ACTS else own if act is Act.ORDER else region or own))
