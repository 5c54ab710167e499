"""Audience × address: every address is classified, and closed to everybody else, by GET and by POST."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from direkt1177.accounts.models import User
from tests.accounts.test_commands import make_admin
from tests.factories import make_person, make_staff, make_unit
from tests.permissions import addresses as known
from tests.permissions.addresses import Address, addresses, audience_of
from tests.signing_in import admin_client, resident_client, staff_client

pytestmark = pytest.mark.django_db
ADDRESSES = addresses()
VISITORS: dict[str, Callable[[], Client]] = {
    "nobody": Client,
    "resident": lambda: resident_client(make_person()),
    "nurse": lambda: staff_client(make_staff()),
    "doctor": lambda: staff_client(make_staff(role="doctor")),
    "medical_admin": lambda: staff_client(make_staff(role="medical_admin")),
    "nurse without unit": lambda: admin_client(User.objects.get(pk=make_staff().user_id)),
    "user administrator": lambda: admin_client(User.objects.get(pk=make_admin(make_unit()).user_id)),
    "manager": lambda: admin_client(User.objects.get(pk=make_admin(make_unit(), "statistics").user_id)),
}
CARE = {"nurse", "doctor", "medical_admin"}
STAFF = set(VISITORS) - {"nobody", "resident"}
LET_IN = {
    known.PUBLIC: set(VISITORS),
    known.DEMO: set(VISITORS),
    known.RESIDENT: {"resident"},
    known.STAFF: CARE,
    known.SESSION: STAFF,
    known.STATISTICS: {"manager"},
    known.EITHER: CARE | {"resident"},
}
ENTRIES = ("/logga-in/", "/personal/logga-in/", "/personal/enhet/")


def test_every_address_is_classified() -> None:
    assert [address.name for address in ADDRESSES if audience_of(address.name) is None] == []


def test_no_classification_is_left_over() -> None:
    assert sorted(set(known.AUDIENCE) - {address.name for address in ADDRESSES}) == []


@pytest.mark.req("AUTH-03", "AUTH-07")
@pytest.mark.parametrize("visitor", VISITORS)
def test_closed_to_everybody_else(visitor: str) -> None:
    """A visitor who is not meant gets an entry page, 401, 403 or 404, and never the page."""
    wrong: list[str] = []
    client = VISITORS[visitor]()
    for address in ADDRESSES:
        audience = audience_of(address.name)
        if audience is None or visitor in LET_IN[audience]:
            continue
        for method in ("get", "post"):
            wrong += _not_closed(client, method, address)
    assert wrong == []


def _not_closed(client: Client, method: str, address: Address) -> list[str]:
    response = getattr(client, method)(address.path)
    # The twins of the socket look at the shape of a request first: 400 shows nothing either.
    closed = response.status_code in (400, 401, 403, 404, 405) or (
        response.status_code == 302 and response["Location"].startswith(ENTRIES)
    )
    return [] if closed else [f"{method} {address.name}: {response.status_code}"]


@pytest.mark.parametrize("visitor", VISITORS)
def test_nothing_breaks_on_ids_that_do_not_exist(visitor: str) -> None:
    """Whoever asks for whatever does not exist gets an answer, never a 500."""
    client = VISITORS[visitor]()
    broken: list[str] = []
    for address in ADDRESSES:
        if address.name.endswith("sign_out"):
            continue
        for method in ("get", "post"):
            status = getattr(client, method)(address.path).status_code
            if status >= 500:
                broken.append(f"{method} {address.name}: {status}")
    assert broken == []
