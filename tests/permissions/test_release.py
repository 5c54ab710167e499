"""*Frigör* by everybody around a case: only its unit's coordinator and manager, each at their own address (QUE-16)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import key
from tests.permissions.relations import RELATIONS, Cast, make_cast

pytestmark = pytest.mark.django_db
MAY = {"handover:release": {"coordinator"}, "handover:manager_release": {"statistics"}}
ALL_OF = {"handover:release_all": {"coordinator"}, "handover:manager_release_all": {"statistics"}}


@pytest.mark.req("QUE-16")
@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("relation", RELATIONS)
def test_one_case(relation: str, name: str) -> None:
    cast = make_cast(relation, "started")
    _post(cast, relation, reverse(name, args=[cast.case.public_id]), allowed=relation in MAY[name])


@pytest.mark.parametrize("name", ALL_OF)
@pytest.mark.parametrize("relation", RELATIONS)
def test_all_of_one_holder(relation: str, name: str) -> None:
    cast = make_cast(relation, "started")
    _post(cast, relation, reverse(name, args=[cast.holder.user_id]), allowed=relation in ALL_OF[name])


def _post(cast: Cast, relation: str, url: str, *, allowed: bool) -> None:
    case = cast.case
    answer = cast.client(relation).post(url, {"reason": "Gick hem sjuk", "key": key()})
    case.refresh_from_db()
    assert (case.state == "waiting") == allowed, (relation, url)
    assert answer.status_code in ({302} if allowed else {302, 401, 403, 404})
    assert "KANARIE" not in answer.content.decode()
