"""Letting the first administrator of a region in."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from direkt1177.accounts.models import AdminPermission, User
from direkt1177.audit.models import ChangeLog
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def let_in(hsa_id: str, unit_slug: str) -> None:
    call_command(
        "first_admin", hsa_id, unit=unit_slug, first_name="Ada", last_name="Admin", reason="Beslut av regionen 2026"
    )


def test_the_first_administrator_is_let_in_once_and_it_is_logged() -> None:
    unit = factories.make_unit()
    let_in("se2321000000-x1", unit.slug)
    user = User.objects.get(hsa_id="SE2321000000-X1")
    held = set(AdminPermission.objects.filter(user=user, unit=unit).values_list("kind", flat=True))
    assert held == {"region_admin", "user_admin"}
    assert user.is_staff
    assert not user.has_usable_password()
    reasons = ChangeLog.objects.filter(event="permission_granted").values_list("data__reason", flat=True)
    assert list(reasons) == ["Beslut av regionen 2026"] * 2
    with pytest.raises(CommandError, match=r"already has|har redan"):
        let_in("SE2321000000-X2", unit.slug)
    assert not User.objects.filter(hsa_id="SE2321000000-X2").exists()


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(CommandError):
        let_in("SE2321000000-X3", "finns-inte")
    assert not User.objects.filter(hsa_id="SE2321000000-X3").exists()
