"""Who is signed in, who is on duty, who holds which role or permission."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.audit.models import ChangeLog
from direkt1177.realtime.prepared import Prepared
from direkt1177.residents.entrance import REGION
from direkt1177.residents.models import Person
from direkt1177.residents.names import MASKED_NAME
from direkt1177.units.models import CareRole, Unit

# Keys of the session. `staff` and `person` exclude each other: one session, one kind of actor.
EPOCH, MEMBERSHIP, SEEN, PERSON = "authz_epoch", "membership", "seen", "person"
STAFF_IDLE = timedelta(minutes=60)


# Asked at every frame of every socket and every page.
_MEMBERSHIP = Prepared(
    lambda membership, user: (
        Membership.objects.filter(
            pk=membership, user_id=user, ended_at__isnull=True, user__is_active=True, unit__active=True
        )
        .select_related("user", "role", "unit__provider__region")
        .annotate(
            shift=FilteredRelation(
                "user__shifts",
                condition=Q(user__shifts__ended_at__isnull=True, user__shifts__unit=F("unit")),
            ),
            shift_pk=F("shift__id"),
            shift_since=F("shift__started_at"),
            kinds=ArraySubquery(
                AdminPermission.objects.filter(
                    user=OuterRef("user"), unit=OuterRef("unit"), ended_at__isnull=True
                ).values("kind")
            ),
        )
    ),
    1_999_999_991,
    1_999_999_993,
)
_PERSON = Prepared(
    lambda person: Person.objects.select_related("listed_unit__provider__region").filter(pk=person), 1_999_999_991
)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A colleague with an active shift at a unit."""

    user_id: int
    name: str
    title: str
    role_id: int
    role: str
    since: datetime
    open_cases: int | None = None
    away: bool = False


@dataclass(frozen=True, slots=True)
class ActiveShift:
    """A shift not ended, as shown at sign-in and in Manage (SHF-04)."""

    shift_id: int
    unit_id: int
    unit: str
    role: str
    since: datetime


def staff_user_id(session: SessionBase) -> int | None:
    """The member of staff whose session this is, without asking whether they may still be there."""
    value = session.get(SESSION_KEY)
    return int(value) if value and session.get(PERSON) is None else None


def person_id(session: SessionBase) -> int | None:
    """The resident whose session this is, without asking whether they may still be there."""
    value = session.get(PERSON)
    return int(value) if value else None


def actor_from_session(session: SessionBase) -> StaffActor | ResidentActor | None:
    """Who acts in a session: one query; None when nobody, no unit is chosen, or it is no longer allowed (§3).

    Staff: user and membership active, same ``authz_epoch``, not idle. Residents: same ``authz_epoch``.
    """
    if (resident := person_id(session)) is not None:
        return _resident(session, resident)
    user, membership = staff_user_id(session), session.get(MEMBERSHIP)
    if user is None or membership is None:
        return None
    actor = staff_actor(user_id=user, membership_id=int(membership), session_key=session.session_key or "")
    if actor is None or actor.authz_epoch != session.get(EPOCH) or is_idle(session, actor.key):
        return None
    return actor


def staff_from_session(session: SessionBase) -> User | None:
    """The signed-in member of staff, before or without a chosen unit (choose unit, Manage, statistics)."""
    user_id = staff_user_id(session)
    if user_id is None:
        return None
    user = User.objects.filter(pk=user_id, is_active=True, authz_epoch=int(session.get(EPOCH, -1))).first()
    if user is None or is_idle(session, f"staff:{user_id}"):
        return None
    return user


def staff_actor(*, user_id: int, membership_id: int, session_key: str = "") -> StaffActor | None:
    """The actor of a membership with the active shift at its unit, in one query; None when it has ended."""
    row = _MEMBERSHIP.first(membership_id, user_id)
    if row is None:
        return None
    facts: Any = row
    provider = row.unit.provider
    return StaffActor(
        user_id=user_id,
        name=row.user.full_name or row.user.hsa_id,
        title=row.user.title,
        unit_id=row.unit_id,
        unit_name=row.unit.name,
        region_id=provider.region_id,
        region_name=provider.region.name,
        role_id=row.role_id,
        role_code=row.role.code,
        role_name=row.role.name,
        provider_id=provider.pk,
        shift_id=facts.shift_pk,
        session_key=session_key,
        authz_epoch=row.user.authz_epoch,
        profile_complete=row.user.profile_complete,
        permissions=frozenset(facts.kinds),
        membership_id=row.pk,
        since=facts.shift_since,
    )


def _resident(session: SessionBase, pk: int) -> ResidentActor | None:
    person = _PERSON.first(pk)
    if person is None or person.authz_epoch != session.get(EPOCH):
        return None
    region = session.get(REGION)  # set by a link that carries a unit (ENT-06)
    if region is None and person.listed_unit is not None:
        own = person.listed_unit.provider.region
        region = [own.pk, own.name]
    name = MASKED_NAME if person.is_masked else f"{person.first_name} {person.last_name}".strip()
    actor = ResidentActor(
        person_id=pk, name=name, session_key=session.session_key or "", authz_epoch=person.authz_epoch
    )
    return replace(actor, region_id=region[0], region_name=region[1]) if region else actor


def is_idle(session: SessionBase, actor_key: str) -> bool:
    """Whether a member of staff has done nothing for an hour: neither opened a page nor changed anything (S-03)."""
    seen = session.get(SEEN)
    if seen is None:
        return False
    since = timezone.now() - STAFF_IDLE
    if datetime.fromisoformat(seen) > since:
        return False
    # Chat over the socket leaves no page view, but every change leaves its audit row.
    return not ChangeLog.objects.filter(actor_key=actor_key, at__gt=since).exists()


def memberships_of(user_id: int) -> list[Membership]:
    """Active memberships at active units, by unit name."""
    return list(
        Membership.objects.filter(user_id=user_id, ended_at__isnull=True, unit__active=True)
        .select_related("unit", "role")
        .order_by("unit__name", "id")
    )


def active_shifts(user_ids: Collection[int]) -> dict[int, list[ActiveShift]]:
    """Shifts not ended, by user, in one query (SHF-04)."""
    found: dict[int, list[ActiveShift]] = {}
    rows = Shift.objects.filter(user_id__in=user_ids, ended_at__isnull=True)
    for shift in rows.select_related("unit", "role").order_by("started_at"):
        found.setdefault(shift.user_id, []).append(
            ActiveShift(shift.pk, shift.unit_id, shift.unit.name, shift.role.name, shift.started_at)
        )
    return found


def on_duty(unit_id: int) -> list[OnDuty]:
    """Everyone with an active shift at a unit, by role and name; one query."""
    rows = (
        Shift.objects.filter(unit_id=unit_id, ended_at__isnull=True, user__is_active=True)
        .select_related("user", "role")
        .order_by("role__order", "user__first_name", "user__last_name", "id")
    )
    return [
        OnDuty(s.user_id, s.user.full_name or s.user.hsa_id, s.user.title, s.role_id, s.role.name, s.started_at)
        for s in rows
    ]


def staff_with_role(unit_id: int, role_id: int) -> QuerySet[User]:
    """Active users who hold a care role at a unit, whether on duty or not."""
    return User.objects.filter(
        is_active=True,
        memberships__unit_id=unit_id,
        memberships__role_id=role_id,
        memberships__ended_at__isnull=True,
    ).order_by("first_name", "last_name", "id")


def units_with_permission(user_id: int, kinds: Collection[str]) -> QuerySet[Unit]:
    """Units at which a user holds any of these administrative permissions (ORG-12, ORG-14)."""
    held = AdminPermission.objects.filter(
        user_id=user_id, kind__in=kinds, ended_at__isnull=True, user__is_active=True
    ).values("unit_id")
    return Unit.objects.filter(pk__in=held).order_by("name")


def care_roles() -> QuerySet[CareRole]:
    """The role catalogue in its order (ORG-08)."""
    return CareRole.objects.order_by("order", "name")
