"""Where an administrator may act: each right by itself, and neither includes another (ORG-13, ORG-14)."""

from __future__ import annotations

from direkt1177.accounts import queries
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.errors import NotYourSettings
from direkt1177.accounts.models import AdminPermission
from direkt1177.units.models import Region


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
