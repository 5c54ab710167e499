"""What administrators do in Manage: users, care roles, administrative permissions, units (ORG-12..16, ADM-01)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from direkt1177.accounts import queries, steps
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.errors import AlreadyHeld, HsaIdTaken, NotYourUnit, RegionAdminNeeded
from direkt1177.accounts.events import (
    PermissionEnded,
    PermissionGranted,
    RoleEnded,
    RoleGranted,
    UserActivated,
    UserChanged,
    UserCreated,
    UserDeactivated,
)
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.audit.record import command, record
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole

_PROFILE = ("first_name", "last_name", "title", "mobile")


@command
def create_user(*, actor: ManageActor, hsa_id: str, reason: str = "", **profile: str) -> User:
    """Add a user by HSA-id (ORG-15).

    Args:
        actor: a user administrator at some unit.
        hsa_id: mandatory; stored in capitals.
        reason: why, for the log.
        profile: ``first_name``, ``last_name``, ``title``, ``mobile``; the user can fill them in later (AUTH-11).

    Raises:
        HsaIdTaken: there is one already.
        NotYourUnit: the actor is user administrator nowhere.
    """
    _must_administer_somewhere(actor)
    try:
        with transaction.atomic():
            user = User.objects.create_user(hsa_id.strip(), **{k: v for k, v in profile.items() if k in _PROFILE})
    except IntegrityError as error:
        raise HsaIdTaken from error
    record(UserCreated(user.pk, ("hsa_id", *profile), reason), actor=actor)
    return user


@command
def update_user(*, actor: ManageActor, user_id: int, reason: str = "", **profile: str) -> User:
    """Change a user's name, title or mobile number; the HSA-id stays."""
    _must_administer_somewhere(actor)
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    fields = tuple(k for k, v in profile.items() if k in _PROFILE and getattr(user, k) != v)
    for name in fields:
        setattr(user, name, profile[name])
    if fields:
        user.save(update_fields=fields)
        record(UserChanged(user.pk, fields, reason), actor=actor)
    return user


@command
def set_user_active(*, actor: ManageActor, user_id: int, active: bool, reason: str) -> User:
    """Let a user in or keep them out; nobody is ever deleted (ORG-16). Deactivating ends sessions and shifts."""
    _must_administer_somewhere(actor)
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if user.is_active == active:
        return user
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        steps.raise_epoch(user.pk)
        _end_shifts(actor, user.pk)
    event = UserActivated if active else UserDeactivated
    record(event(user.pk, ("is_active",), reason), actor=actor)
    return user


@command
def grant_role(*, actor: ManageActor, user_id: int, unit_id: int, role_id: int, reason: str) -> Membership:
    """Give a care role at a unit; another role there is replaced (ORG-06).

    Raises:
        NotYourUnit: the actor is not user administrator at the unit.
        AlreadyHeld: the user has that role there.
    """
    _must_administer(actor, unit_id)
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    role = CareRole.objects.get(pk=role_id)
    old = Membership.objects.filter(user_id=user_id, unit_id=unit_id, ended_at__isnull=True).first()
    if old is not None and old.role_id == role_id:
        raise AlreadyHeld
    if old is not None:
        _end(actor, old, f"replaced: {reason}"[:200])
    membership = Membership.objects.create(user_id=user_id, unit_id=unit_id, role=role, granted_by_id=actor.user_id)
    record(RoleGranted(user_id, unit_id, role.code, reason), actor=actor)
    return membership


@command
def end_membership(*, actor: ManageActor, membership_id: int, reason: str) -> Membership:
    """Remove a care role: sessions end at once, the shift at the unit too; the row and the name stay (ORG-16)."""
    # The user first, then the membership, as in grant_role: the other way round the two would wait for each other.
    user_id = Membership.objects.values_list("user_id", flat=True).get(pk=membership_id)
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    _must_administer(actor, membership.unit_id)
    if membership.ended_at is None:
        _end(actor, membership, reason)
    return membership


@command
def grant_admin_permission(
    *, actor: ManageActor, user_id: int, unit_id: int, kind: str, reason: str
) -> AdminPermission:
    """Give an administrative permission at a unit, independent of any care role (ORG-12, ORG-13).

    Raises:
        NotYourUnit: the actor is not user administrator at the unit.
        AlreadyHeld: the user has it there.
        RegionAdminNeeded: its holders change settings of the whole region, so only one of them gives it.
    """
    _must_administer(actor, unit_id)
    if kind == AdminPermission.Kind.REGION_ADMIN:
        held = queries.units_with_permission(actor.user_id, [kind])
        if not held.filter(provider__region__providers__units=unit_id).exists():
            raise RegionAdminNeeded
    try:
        with transaction.atomic():
            row = AdminPermission.objects.create(
                user_id=user_id, unit_id=unit_id, kind=AdminPermission.Kind(kind), granted_by_id=actor.user_id
            )
    except IntegrityError as error:
        raise AlreadyHeld from error
    record(PermissionGranted(user_id, unit_id, kind, reason), actor=actor)
    return row


@command
def end_admin_permission(*, actor: ManageActor, permission_id: int, reason: str) -> AdminPermission:
    """Remove an administrative permission; the row stays (ORG-16)."""
    row = AdminPermission.objects.select_for_update(no_key=True).get(pk=permission_id)
    _must_administer(actor, row.unit_id)
    if row.ended_at is None:
        row.ended_at = now()
        row.save(update_fields=["ended_at"])
        steps.raise_epoch(row.user_id)
        record(PermissionEnded(row.user_id, row.unit_id, row.kind, reason), actor=actor)
    return row


def _end(actor: ManageActor, membership: Membership, reason: str) -> None:
    membership.ended_at = now()
    membership.save(update_fields=["ended_at"])
    steps.raise_epoch(membership.user_id)
    _end_shifts(actor, membership.user_id, unit_id=membership.unit_id)
    record(
        RoleEnded(membership.user_id, membership.unit_id, membership.role.code, reason),
        actor=actor,
    )


def _end_shifts(actor: ManageActor, user_id: int, **where: Any) -> None:
    for shift in Shift.objects.filter(user_id=user_id, ended_at__isnull=True, **where).order_by("pk"):
        steps.end_shift(actor=actor, shift_id=shift.pk)


def _must_administer(actor: ManageActor, unit_id: int) -> None:
    held = queries.units_with_permission(actor.user_id, [AdminPermission.Kind.USER_ADMIN])
    if not held.filter(pk=unit_id).exists():
        raise NotYourUnit


def _must_administer_somewhere(actor: ManageActor) -> None:
    if not queries.units_with_permission(actor.user_id, [AdminPermission.Kind.USER_ADMIN]).exists():
        raise NotYourUnit
