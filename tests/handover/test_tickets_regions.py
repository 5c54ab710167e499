"""Tickets and acknowledgements under the settings that the four regions ship with (requirements §29)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.commands import load_region
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.region_files import read_region_file
from handover.acknowledgements.rules import kinds_offered
from handover.offers.rules import Way, way_to
from handover.tickets.errors import TicketIncomplete
from tests.factories import make_person, make_staff, make_started_case, make_unit
from tests.handover.tickets import Scene

pytestmark = pytest.mark.django_db
ROLES = ("nurse", "doctor", "physiotherapist", "medical_admin")


@dataclass(frozen=True)
class Says:
    """What a region's documents say."""

    care: set[str]
    rehab: set[str]
    admin_from_advice_line: set[str]
    book_time: bool
    same_provider: Way
    expired_to: str
    kinds: list[str]


EVERYBODY = set(ROLES)
REGIONS = {
    "jonkoping": Says(
        {"nurse"}, {"physiotherapist"}, {"nurse"}, False, Way.OFFER, "addressed_unit", ["follow_up", "information"]
    ),
    "kalmar": Says(
        EVERYBODY, {"physiotherapist"}, EVERYBODY, True, Way.OFFER, "addressed_unit", ["follow_up", "information"]
    ),
    "uppsala": Says(
        {"nurse"}, {"physiotherapist"}, {"nurse", "medical_admin"}, False, Way.TICKET, "addressed_unit", []
    ),
    "skane": Says(
        {"nurse"}, {"physiotherapist"}, {"nurse"}, False, Way.OFFER, "addressed_unit", ["follow_up", "information"]
    ),
}


@pytest.mark.req("TIK-03", "TIK-04", "TIK-13", "HOV-16", "HOV-19", "HOV-20", "REH-05", "ACK-04")
@pytest.mark.parametrize("code", REGIONS)
def test_each_region_has_its_own_rules(code: str) -> None:
    says = REGIONS[code]
    region = load_region(actor=SYSTEM, file=read_region_file(code))
    own = make_unit(region=region)
    advice = make_unit(region=region, provider=own.provider, type=Unit.Type.ADVICE_LINE)
    health, rehab = make_unit(region=region), make_unit(region=region, type=Unit.Type.REHAB)
    assert _sent(own, health) == says.care
    assert _sent(own, rehab) == says.rehab
    assert _sent(advice, health, kind="admin_question") == says.admin_from_advice_line
    # Ordinary units never reach another unit's administrative queue where the region names the role.
    if "medical_admin" not in says.care:
        assert "medical_admin" not in _sent(own, health, kind="admin_question")
    rule = policy(own)
    assert rule.allow_book_time_ticket is says.book_time
    assert rule.ticket_expiry_ack_target == says.expired_to
    assert [kind.value for kind in kinds_offered(rule)] == says.kinds
    from handover.offers.picker import place_of

    sibling = make_unit(region=region, provider=own.provider)
    assert way_to(rule, place_of(own), place_of(sibling)) is says.same_provider
    # Across care providers there is only the ticket, everywhere.
    assert way_to(rule, place_of(own), place_of(health)) is Way.TICKET


def _sent(giver: Unit, to: Unit, *, kind: str = "seek_care") -> set[str]:
    """Roles at a unit to which a ticket can be sent."""
    nurse, patient = make_staff(giver), make_person()
    case = make_started_case(nurse, patient=patient, kind=kind, urgency=None if kind == "admin_question" else 3)
    found = set()
    for role in ROLES:
        there = make_staff(to, role)
        scene = Scene(giver.provider.region, nurse, there, to, case, patient)
        try:
            scene.send()
        except TicketIncomplete as refusal:
            assert {problem.code for problem in refusal.problems} == {"ticket_role_not_allowed"}
            continue
        found.add(role)
    return found
