"""All regions that ship, in the database: inheritance, validity, what pages say, texts for residents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from direkt1177.accounts.actors import SYSTEM
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.clock import moved
from direkt1177.units.commands import load_region, set_policy_value
from direkt1177.units.models import CareProvider, PolicyValue, Region, Unit
from direkt1177.units.policies import check_value, policy, region_policy, shown
from direkt1177.units.policy_model import Policy, default_of, setting_of
from direkt1177.units.queries import redirect_target
from direkt1177.units.region_files import RegionFile, codes, read_region_file
from direkt1177.units.staffed_time import STOCKHOLM

TODAY = datetime(2026, 3, 2, 10, 0, tzinfo=STOCKHOLM)
ALLOWED_WRONG: dict[str, Any] = {
    "launch_points": "everywhere",
    "record_system": "paper",
    "care_service_rule": {"rule": "by_taste"},
    "acknowledgement_use": ["gossip"],
    "unstaffed_urgent_action": "ignore",
    "guardian_upper_age_rule": "maybe",
    "urgency_targets": {"1": -5},
    "phone_fallback": {"urgencies": [6], "when": "always"},
    "fee_rule": {"rule": "qualified_fixed", "amount_kronor": -100},
    "procedure_code_rule": {"rule": "optional", "additional_code": "051"},
    "same_day_response": "soon",
    "closure_lead_time": 99,
}


@dataclass
class Tree:
    """A region with a health centre and its branch."""

    region: Region
    centre: Unit
    branch: Unit


@pytest.fixture
def trees(db: None) -> dict[str, Tree]:
    """All regions that ship, each with two units."""
    found = {}
    for number, code in enumerate(codes()):
        region = load_region(actor=SYSTEM, file=read_region_file(code))
        provider = CareProvider.objects.create(
            region=region, name=f"Vård {code}", organisation_number=f"55600000{number:02d}", kind="public"
        )
        centre = Unit.objects.create(
            provider=provider, slug=code, name=code, type=Unit.Type.PRIMARY_CARE, hsa_id=f"SE{number}-1"
        )
        branch = Unit.objects.create(
            provider=provider, slug=f"{code}-filial", name=f"{code} filial", type=Unit.Type.BRANCH, parent=centre,
            hsa_id=f"SE{number}-2",
        )  # fmt: skip
        found[code] = Tree(region, centre, branch)
    return found


@pytest.mark.parametrize("key", sorted(ALLOWED_WRONG))
def test_only_allowed_values_are_taken(key: str) -> None:
    with pytest.raises(ValidationError):
        check_value(key, ALLOWED_WRONG[key])
    file = read_region_file("kalmar").model_dump()
    file["policies"][key] = {"value": ALLOWED_WRONG[key], "source": "x"}
    with pytest.raises(ValidationError):
        RegionFile.model_validate(file)


def test_every_key_refuses_something() -> None:
    for key in Policy.model_fields:
        with pytest.raises(ValidationError):
            check_value(key, object())


@pytest.mark.req("ORG-03", "ADM-07")
def test_every_region_has_its_own_values_and_nobody_elses(trees: dict[str, Tree]) -> None:
    for code, tree in trees.items():
        stated = read_region_file(code).stated()
        current = policy(tree.centre)
        for key in Policy.model_fields:
            expected = check_value(key, stated[key][0]) if key in stated else default_of(key)
            assert getattr(current, key) == expected, f"{key} of {code}"
    assert policy(trees["skane"].centre).record_system == "pmo"
    assert policy(trees["jonkoping"].centre).response_clock_stop == "reply"
    assert policy(trees["uppsala"].centre).response_clock_stop == "received"


@pytest.mark.req("TRI-03", "QUE-14")
def test_pages_say_of_every_key_whether_it_is_stated_and_by_whom(trees: dict[str, Tree]) -> None:
    for code, tree in trees.items():
        file = read_region_file(code)
        stated = file.stated()
        rows = shown(tree.centre)
        assert [row.key for row in rows] == list(Policy.model_fields)
        for row in rows:
            assert not re.search(r"[a-z]_[a-z]", row.words), row
            assert row.stated == (row.key in stated)
            if row.stated:
                assert row.source == stated[row.key][1]
                assert row.source.startswith(file.document.title)
                assert row.valid_from == file.document.valid_from
            else:
                assert row.words.startswith("ej angivet, standard: ")
                assert setting_of(row.key).why
    skane = {row.key: row for row in shown(trees["skane"].centre)}
    assert skane["record_system"].source.endswith("gällde till och med 11 april 2024")


@pytest.mark.req("HRS-02", "ORG-21")
def test_a_unit_inherits_until_it_has_a_value_of_its_own(trees: dict[str, Tree]) -> None:
    tree = trees["jonkoping"]
    assert redirect_target(tree.branch) == tree.centre
    set_policy_value(
        actor=SYSTEM,
        region_id=tree.region.pk,
        unit_id=tree.branch.pk,
        key="staffed_tail_minutes",
        value=45,
        source="Verksamhetschefens beslut",
        valid_from=date(2026, 1, 1),
    )
    with moved(datetime(2025, 12, 30, 9, 0, tzinfo=STOCKHOLM)):
        decide_branch(
            actor=SYSTEM, unit_id=tree.branch.pk, own_cases=True, decided_by="Vera Chef",
            decided_on=date(2025, 12, 30), valid_from=date(2026, 1, 1), condition="Sjuksköterska varje dag",
        )  # fmt: skip
    branch = Unit.objects.get(pk=tree.branch.pk)
    with moved(TODAY):
        assert redirect_target(branch) == branch
        own = {row.key: row for row in shown(branch)}["staffed_tail_minutes"]
        assert (own.own, own.stated, own.source) == (True, True, "Verksamhetschefens beslut")
        # Its other settings, its parent and the other regions stay as they were.
        assert policy(branch).response_target == policy(tree.centre).response_target
        assert policy(tree.centre).staffed_tail_minutes == 0
        assert region_policy(tree.region).branch_redirect_default is True
        for other in ("kalmar", "uppsala", "skane"):
            assert redirect_target(trees[other].branch) == trees[other].centre
    with moved(datetime(2025, 12, 31, 23, 30, tzinfo=STOCKHOLM)):
        assert redirect_target(Unit.objects.get(pk=tree.branch.pk)) == tree.centre


def test_values_begin_and_end_on_their_days(trees: dict[str, Tree]) -> None:
    centre = trees["kalmar"].centre
    assert policy(centre, on=date(2024, 11, 10)).staffed_tail_minutes == 0
    assert policy(centre, on=date(2024, 11, 11)).staffed_tail_minutes == 30
    # A document that ends: from its first day after, the standard holds and is shown as one.
    file = read_region_file("kalmar").model_dump()
    file["document"] |= {"valid_from": date(2027, 1, 1), "valid_to": date(2028, 1, 1)}
    PolicyValue.objects.filter(region=trees["kalmar"].region).delete()
    load_region(actor=SYSTEM, file=RegionFile.model_validate(file))
    tails = [policy(centre, on=day).staffed_tail_minutes for day in (date(2027, 12, 31), date(2028, 1, 1))]
    assert tails == [30, 0]
    with moved(datetime(2028, 1, 1, 9, 0, tzinfo=STOCKHOLM)):
        row = {row.key: row for row in shown(centre)}["staffed_tail_minutes"]
        assert (row.stated, row.words) == (False, "ej angivet, standard: 0")


def test_values_of_an_expired_document_hold_until_a_newer_one(trees: dict[str, Tree]) -> None:
    tree = trees["skane"]
    assert policy(tree.centre, on=date(2023, 4, 10)).record_system == "other"
    for day in (date(2023, 4, 11), date(2024, 4, 11), date(2024, 4, 12), date(2026, 3, 2)):
        assert policy(tree.centre, on=day).record_system == "pmo"
    set_policy_value(
        actor=SYSTEM, region_id=tree.region.pk, key="record_system", value="cosmic", source="Nytt beslut",
        valid_from=date(2027, 1, 1),
    )  # fmt: skip
    assert policy(tree.centre, on=date(2026, 12, 31)).record_system == "pmo"
    assert policy(tree.centre, on=date(2027, 1, 1)).record_system == "cosmic"


@pytest.mark.req("NOT-04", "ENT-02", "ENT-37")
@pytest.mark.parametrize("code", codes())
def test_texts_for_residents(code: str) -> None:
    settings = Policy.model_validate({key: value for key, (value, _s) in read_region_file(code).stated().items()})
    for text in settings.sms_texts.values():
        assert "BankID" in text
        assert not re.search(r"\d|symtom|besvär|vård|sjuk|läkare|hälso", text, re.IGNORECASE)
    assert "ingen medicinsk bedömning" in settings.entrance_texts["admin_question"]
    assert settings.fee_text_version.startswith(code)
    assert "112" in settings.emergency_text
    assert "1177" in settings.too_young_text
    texts = [settings.welcome_message, settings.closing_message, settings.fee_text, *settings.entrance_texts.values()]
    for text in texts:
        assert not re.search(r"\b(tyvärr|dessvärre|kanske|borde)\b", text, re.IGNORECASE)
        assert max(len(sentence.split()) for sentence in re.split(r"[.!?\n]", text)) <= 22, text
