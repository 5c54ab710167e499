"""The first regional administrator of an installation: somebody has to be let in before anybody can let others in."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.accounts.actors import SystemActor
from direkt1177.accounts.events import PermissionGranted, UserCreated
from direkt1177.accounts.models import AdminPermission, User
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.units.models import Region, Unit


class AlreadyAdministered(Refusal):
    """The region has an administrator: permissions are granted in Manage from there on (ORG-14)."""

    code = "already_administered"
    message = _("The region already has an administrator. Permissions are granted in Manage.")


@command
def let_in_first_admin(
    *, actor: SystemActor, hsa_id: str, first_name: str, last_name: str, unit_slug: str, reason: str
) -> User:
    """Create a user if need be and make them regional and user administrator at a unit.

    Args:
        actor: whoever has the command line of the installation; the log says so.
        hsa_id: of the person's card (AUTH-02).
        first_name, last_name: used when the user is new.
        unit_slug: of a unit in the region.
        reason: who decided; stands in the log.

    Returns:
        The user.

    Raises:
        NotFound: no such unit.
        AlreadyAdministered: somebody administers the region already.
    """
    unit = Unit.objects.select_related("provider").filter(slug=unit_slug, active=True).first()
    if unit is None:
        raise NotFound
    # Two at once: the second waits here and is then refused.
    Region.objects.select_for_update(no_key=True).get(pk=unit.provider.region_id)
    kinds = AdminPermission.Kind
    held = AdminPermission.objects.filter(
        unit__provider__region_id=unit.provider.region_id,
        kind=kinds.REGION_ADMIN,
        ended_at__isnull=True,
        user__is_active=True,
    )
    if held.exists():
        raise AlreadyAdministered
    user, created = User.objects.get_or_create(
        hsa_id=hsa_id.strip().upper(), defaults={"first_name": first_name, "last_name": last_name}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        record(UserCreated(user.pk, ("hsa_id", "first_name", "last_name"), reason), actor=actor)
    for kind in _KINDS:
        _row, new = AdminPermission.objects.get_or_create(user=user, unit=unit, kind=kind, ended_at=None)
        if new:
            record(PermissionGranted(user.pk, unit.pk, kind, reason), actor=actor)
    return user


_KINDS: tuple[str, ...] = (AdminPermission.Kind.REGION_ADMIN, AdminPermission.Kind.USER_ADMIN)
