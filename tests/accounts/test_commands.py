"""Roles, permissions, profile and epochs: what commands do and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from direkt1177.accounts import commands, leaving, manage_commands, queries
from direkt1177.accounts.actors import ManageActor, StaffActor
from direkt1177.accounts.errors import AlreadyHeld, HsaIdTaken, NotYourUnit, OngoingCases
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import Invalid
from direkt1177.realtime.models import FeedChange
from direkt1177.units.models import Unit
from tests.factories import make_role, make_staff, make_unit
from tests.signing_in import staff_client

pytestmark = pytest.mark.django_db


def make_admin(unit: Unit, *kinds: str) -> ManageActor:
    """Somebody with administrative permissions and no care role."""
    user = User.objects.create_user(f"SE2321000000-A{User.objects.count():04d}", first_name="Ada", last_name="Admin")
    for kind in kinds or ("user_admin",):
        AdminPermission.objects.create(user=user, unit=unit, kind=kind)
    return ManageActor(user_id=user.pk, name=user.full_name)


def _authz_bells(actor: StaffActor) -> int:
    return FeedChange.objects.filter(feed=f"me:{actor.key}", object="authz").count()


@pytest.mark.req("ORG-06", "ORG-14")
def test_another_role_replaces_the_first() -> None:
    actor = make_staff()
    unit = Unit.objects.get(pk=actor.unit_id)
    admin = make_admin(unit)
    grant: dict[str, Any] = {"actor": admin, "user_id": actor.user_id, "unit_id": unit.pk, "reason": "ny tjänst"}
    manage_commands.grant_role(role_id=make_role("doctor").pk, **grant)
    rows = Membership.objects.filter(user_id=actor.user_id).order_by("id")
    assert [(row.role.code, row.ended_at is None) for row in rows] == [("nurse", False), ("doctor", True)]
    assert rows[1].granted_by_id == admin.user_id
    with pytest.raises(AlreadyHeld):
        manage_commands.grant_role(role_id=make_role("doctor").pk, **grant)


@pytest.mark.req("ORG-06")
def test_database_holds_one_role_per_unit() -> None:
    actor = make_staff()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user_id=actor.user_id, unit_id=actor.unit_id, role=make_role("doctor"))


@pytest.mark.req("ORG-14")
def test_granter_acts_only_at_own_units() -> None:
    actor, admin = make_staff(), make_admin(make_unit())
    with pytest.raises(NotYourUnit):
        manage_commands.end_membership(actor=admin, membership_id=actor.membership_id, reason="x")
    with pytest.raises(NotYourUnit):
        manage_commands.grant_admin_permission(
            actor=admin, user_id=admin.user_id, unit_id=actor.unit_id, kind="user_admin", reason="x"
        )
    assert Membership.objects.get(pk=actor.membership_id).ended_at is None


@pytest.mark.req("ORG-13")
def test_configuration_administrator_grants_nothing() -> None:
    actor = make_staff()
    admin = make_admin(Unit.objects.get(pk=actor.unit_id), "configuration_admin")
    with pytest.raises(NotYourUnit):
        manage_commands.end_membership(actor=admin, membership_id=actor.membership_id, reason="x")


@pytest.mark.req("ORG-16")
def test_ended_role_signs_out_ends_shift_and_rings() -> None:
    actor = make_staff()
    client = staff_client(actor)
    admin = make_admin(Unit.objects.get(pk=actor.unit_id))
    before = _authz_bells(actor)
    manage_commands.end_membership(actor=admin, membership_id=actor.membership_id, reason="slutat")
    assert _authz_bells(actor) == before + 1
    assert queries.actor_from_session(client.session) is None
    assert client.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")
    assert Shift.objects.get(user_id=actor.user_id).ended_at is not None
    row = ChangeLog.objects.get(event="role_ended")
    assert (row.actor_name, row.data["reason"]) == ("Ada Admin", "slutat")


@pytest.mark.req("ORG-16")
def test_deactivated_user_is_out_and_the_name_stays() -> None:
    actor = make_staff()
    client = staff_client(actor)
    admin = make_admin(Unit.objects.get(pk=actor.unit_id))
    manage_commands.set_user_active(actor=admin, user_id=actor.user_id, active=False, reason="slutat")
    assert client.get("/personal/installningar/")["Location"].startswith("/personal/logga-in/")
    assert User.objects.get(pk=actor.user_id).full_name == actor.name


@pytest.mark.req("ORG-15")
def test_hsa_id_is_one_user() -> None:
    admin = make_admin(make_unit())
    manage_commands.create_user(actor=admin, hsa_id="se2321000000-x1", first_name="Bo")
    assert User.objects.get(hsa_id="SE2321000000-X1").first_name == "Bo"
    with pytest.raises(HsaIdTaken):
        manage_commands.create_user(actor=admin, hsa_id="SE2321000000-x1")


@pytest.mark.req("ORG-12")
def test_either_kind_of_permission_exists_alone() -> None:
    unit = make_unit()
    admin = User.objects.get(pk=make_admin(unit).user_id)
    nurse = User.objects.get(pk=make_staff(unit).user_id)
    assert admin.is_staff
    assert queries.memberships_of(admin.pk) == []
    assert not nurse.is_staff


@pytest.mark.req("ORG-13")
def test_neither_administrative_permission_includes_the_other() -> None:
    users = User.objects.get(pk=make_admin(make_unit()).user_id)
    configuration = User.objects.get(pk=make_admin(make_unit(), "configuration_admin").user_id)
    assert (users.has_perm("accounts.change_user"), users.has_perm("units.change_unit")) == (True, False)
    assert (configuration.has_perm("accounts.change_user"), configuration.has_perm("units.change_unit")) == (
        False,
        True,
    )
    assert not users.has_perm("accounts.delete_user")
    statistics = User.objects.get(pk=make_admin(make_unit(), "statistics").user_id)
    assert not statistics.is_staff


@pytest.mark.req("AUTH-11")
def test_profile_needs_name_and_title() -> None:
    actor = make_staff(title="")
    assert not actor.profile_complete
    facts: dict[str, Any] = {"actor": actor, "last_name": "Ek", "mobile": "", "load_balancer": False}
    with pytest.raises(Invalid):
        commands.update_profile(first_name="Eva", title=" ", **facts)
    commands.update_profile(first_name="Eva", title="Läkare", **facts)
    again = queries.staff_actor(user_id=actor.user_id, membership_id=actor.membership_id)
    assert again is not None
    assert (again.name, again.title, again.profile_complete) == ("Eva Ek", "Läkare", True)


@pytest.mark.req("SHF-05", "HOV-11")
def test_unit_with_held_cases_cannot_be_left(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = make_staff()
    other = Membership.objects.create(user_id=actor.user_id, unit=make_unit(), role=make_role())
    monkeypatch.setattr(leaving, "_holdings", [lambda user, unit: 2 if unit == actor.unit_id else 0])
    with pytest.raises(OngoingCases) as refused:
        commands.change_unit(actor=actor, membership_id=other.pk)
    assert "2 besök" in str(refused.value.message)
    assert Shift.objects.get(user_id=actor.user_id).ended_at is None


@pytest.mark.req("SHF-01")
def test_one_active_shift_per_user_and_unit() -> None:
    actor = make_staff()
    again = commands.start_shift(actor=actor, shift_type="primary_on_call")
    assert again.pk == actor.shift_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(
            user_id=actor.user_id, unit_id=actor.unit_id, role_id=actor.role_id,
            shift_type="primary_on_call", started_at=again.started_at,
        )  # fmt: skip


def test_on_duty_lists_active_shifts_only() -> None:
    unit = make_unit()
    present, _absent = make_staff(unit), make_staff(unit, on_shift=False)
    assert [person.user_id for person in queries.on_duty(unit.pk)] == [present.user_id]
    assert {u.pk for u in queries.staff_with_role(unit.pk, present.role_id)} == {present.user_id, _absent.user_id}


def test_nothing_is_deleted_in_manage() -> None:
    from direkt1177.accounts.manage import site

    for admin in site._registry.values():
        assert not admin.has_delete_permission(None)  # type: ignore[arg-type]
        with pytest.raises(PermissionDenied):
            admin.delete_model(None, None)  # type: ignore[arg-type]
