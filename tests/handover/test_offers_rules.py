"""Rules of offers, case by case, over the settings of all four regions (requirements §12, §27, §29)."""

from __future__ import annotations

from typing import Any

import pytest

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.commands import load_region
from direkt1177.units.policies import region_policy
from direkt1177.units.policy_model import Policy
from direkt1177.units.region_files import codes, read_region_file
from handover.offers import rules
from handover.offers.rules import Place, Way
from tests import factories

OWN = Place(1, 10, "primary_care")
SAME = Place(2, 10, "primary_care")
BRANCH = Place(3, 10, "branch")
REHAB = Place(4, 10, "rehab")
OTHER = Place(5, 20, "primary_care")
OTHER_REHAB = Place(6, 20, "rehab")
ADVICE = Place(7, 10, "advice_line")
NURSE = frozenset({"nurse"})
PHYSIO = frozenset({"physiotherapist"})
NURSE_OR_ADMIN = frozenset({"nurse", "medical_admin"})
ANY = None
CARE, ADMIN = "seek_care", "admin_question"


@pytest.fixture
def policies(db: None) -> dict[str, Policy]:
    """The settings that ship with the system."""
    return {
        code: region_policy(load_region(actor=SYSTEM, file=read_region_file(code)))
        for code in ("jonkoping", "kalmar", "uppsala", "skane")
    }


def standard(**values: Any) -> Policy:
    """What holds where no region says anything, with some values set."""
    region = factories.make_region()
    return region_policy(region).model_copy(update=values)


def test_the_tables_below_speak_of_every_region_that_ships() -> None:
    assert set(codes()) == {"jonkoping", "kalmar", "uppsala", "skane"}


@pytest.mark.req("HOV-12", "HOV-16", "HOV-19")
@pytest.mark.parametrize(
    ("region", "same_provider"),
    [("jonkoping", Way.OFFER), ("kalmar", Way.OFFER), ("uppsala", Way.TICKET), ("skane", Way.OFFER)],
)
def test_way_between_units(policies: dict[str, Policy], region: str, same_provider: Way) -> None:
    policy = policies[region]
    assert rules.way_to(policy, OWN, OWN) is Way.OFFER
    for to in (SAME, BRANCH, REHAB):
        assert rules.way_to(policy, OWN, to) is same_provider
    for to in (OTHER, OTHER_REHAB):
        assert rules.way_to(policy, OWN, to) is Way.TICKET


@pytest.mark.req("HOV-10", "HOV-13", "ORG-20", "REH-04")
@pytest.mark.parametrize(
    ("region", "giver", "to", "kind", "roles"),
    [
        ("jonkoping", OWN, OWN, CARE, ANY),
        ("jonkoping", OWN, SAME, CARE, NURSE),
        ("jonkoping", OWN, SAME, ADMIN, NURSE),
        ("kalmar", OWN, OWN, CARE, ANY),
        ("kalmar", OWN, SAME, CARE, ANY),
        ("kalmar", OWN, REHAB, CARE, PHYSIO),
        ("kalmar", OWN, REHAB, ADMIN, PHYSIO),
        ("uppsala", OWN, OWN, ADMIN, ANY),
        ("uppsala", OWN, SAME, CARE, NURSE),
        ("uppsala", OWN, SAME, ADMIN, NURSE),
        ("skane", OWN, OWN, CARE, ANY),
        ("skane", OWN, SAME, CARE, ANY),
        ("skane", OWN, BRANCH, ADMIN, ANY),
    ],
)
def test_roles_that_may_be_offered_a_case(
    policies: dict[str, Policy], region: str, giver: Place, to: Place, kind: str, roles: frozenset[str] | None
) -> None:
    assert rules.offered_roles(policies[region], giver, to, kind) == roles


@pytest.mark.req("HOV-20")
@pytest.mark.parametrize(
    ("giver", "kind", "roles"),
    [(ADVICE, ADMIN, NURSE_OR_ADMIN), (ADVICE, CARE, NURSE), (OWN, ADMIN, NURSE), (OWN, CARE, NURSE)],
)
def test_only_the_advice_line_sends_administrative_cases_to_medical_admin(
    policies: dict[str, Policy], giver: Place, kind: str, roles: frozenset[str]
) -> None:
    assert rules.ticket_roles(policies["uppsala"], giver, SAME, kind) == roles
    assert rules.ticket_roles(policies["uppsala"], giver, OTHER, kind) == roles
    assert rules.offered_roles(policies["uppsala"], giver, SAME, kind) == roles


@pytest.mark.req("HOV-20")
@pytest.mark.parametrize(
    ("region", "to", "roles"),
    [
        ("jonkoping", OTHER, NURSE), ("kalmar", OTHER, ANY), ("kalmar", OTHER_REHAB, PHYSIO),
        ("skane", OTHER, NURSE), ("jonkoping", OTHER_REHAB, PHYSIO),
    ],
)  # fmt: skip
def test_roles_of_tickets(policies: dict[str, Policy], region: str, to: Place, roles: frozenset[str] | None) -> None:
    assert rules.ticket_roles(policies[region], OWN, to, CARE) == roles


@pytest.mark.req("HOV-03")
@pytest.mark.parametrize(
    ("region", "named"), [("jonkoping", False), ("kalmar", False), ("uppsala", True), ("skane", False)]
)
def test_a_colleague_by_name(policies: dict[str, Policy], region: str, named: bool) -> None:
    assert rules.may_name_colleague(policies[region], OWN, OWN) is named
    assert rules.may_name_colleague(policies[region], OWN, SAME) is False


@pytest.mark.req("HOV-15")
@pytest.mark.parametrize("region", ["jonkoping", "kalmar", "uppsala", "skane"])
def test_the_note_comes_first_for_another_unit(policies: dict[str, Policy], region: str) -> None:
    assert rules.must_document_first(policies[region], OWN, SAME)
    assert not rules.must_document_first(policies[region], OWN, OWN)
    assert not rules.giver_reads_on(policies[region])


@pytest.mark.req("HOV-15")
def test_where_the_giver_reads_on_no_confirmation_is_asked(db: None) -> None:
    policy = standard(giver_access_after_acceptance="read")
    assert rules.giver_reads_on(policy)
    assert not rules.must_document_first(policy, OWN, SAME)


@pytest.mark.req("CAS-14")
@pytest.mark.parametrize(
    ("region", "must"), [("jonkoping", True), ("kalmar", False), ("uppsala", True), ("skane", True)]
)
def test_telling_the_patient(policies: dict[str, Policy], region: str, must: bool) -> None:
    assert rules.must_tell_patient(policies[region]) is must


@pytest.mark.req("CAS-15")
@pytest.mark.parametrize("region", ["jonkoping", "kalmar", "uppsala", "skane"])
def test_the_phrase_says_to_whom_and_where_to_turn_if_it_gets_worse(policies: dict[str, Policy], region: str) -> None:
    text = rules.phrase(policies[region], to=OWN, to_words="läkare hos oss", reply_words="")
    assert "läkare hos oss" in text
    assert "1177" in text
    assert "112" in text
    assert "{" not in text


@pytest.mark.req("REH-03")
@pytest.mark.parametrize("region", ["jonkoping", "kalmar", "uppsala", "skane"])
def test_the_phrase_to_rehab_says_when_they_answer(policies: dict[str, Policy], region: str) -> None:
    when = "i morgon mellan kl. 10.00 och 12.00"
    text = rules.phrase(policies[region], to=REHAB, to_words="Rehabenheten", reply_words=when)
    assert when in text
    assert "Rehabenheten" in text
    assert when not in rules.phrase(policies[region], to=SAME, to_words="Granbacken", reply_words=when)


@pytest.mark.req("REH-03")
def test_a_region_may_leave_out_the_reply_time(db: None) -> None:
    policy = standard(rehab_expected_reply_time=False)
    assert "i dag" not in rules.phrase(policy, to=REHAB, to_words="Rehab", reply_words="i dag")


@pytest.mark.req("SHF-05")
def test_only_an_offer_to_another_unit_falls_back_at_the_end_of_the_shift() -> None:
    assert rules.stays_in_queue_of_giver(from_unit_id=1, to_unit_id=2)
    assert not rules.stays_in_queue_of_giver(from_unit_id=1, to_unit_id=1)
