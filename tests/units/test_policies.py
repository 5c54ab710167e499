"""The typed policy model, its defaults, its inheritance and the data file of Region Kalmar."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import ValidationError

from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import NotFound
from direkt1177.units.commands import load_region, set_policy_value
from direkt1177.units.errors import NoUnitOverride, PolicyValueRefused, UnknownPolicy
from direkt1177.units.models import PolicyValue, Unit
from direkt1177.units.policies import check_value, policies_of, policy, raw_value, region_policy, shown
from direkt1177.units.policy_model import Policy, default_of, setting_of
from direkt1177.units.policy_words import words_of
from direkt1177.units.region_files import RegionFile, codes, read_region_file
from tests.units.conftest import Place

# Every `[policy]` key of requirements §29 and of the requirements' text.
SECTION_29 = {
    "launch_points",
    "record_system",
    "permission_granter",
    "permission_end_triggers",
    "role_catalogue",
    "new_case_visibility",
    "branch_redirect_default",
    "staffed_hours",
    "staffed_tail_minutes",
    "accept_outside_hours",
    "closure_lead_time",
    "closure_approval",
    "closure_grounds",
    "allow_acute_closure",
    "listing_routing",
    "guardian_upper_age_rule",
    "protected_identity_source",
    "consent_scope",
    "language_support",
    "urgency_labels",
    "urgency_targets",
    "response_target",
    "inactivity_threshold",
    "inactivity_action",
    "min_contact_attempts",
    "phone_fallback",
    "end_of_day_options",
    "handover_target",
    "interunit_handover_role",
    "interunit_mechanism",
    "giver_access_after_acceptance",
    "documentation_timing",
    "allow_book_time_ticket",
    "ticket_expiry_ack_target",
    "acknowledgement_use",
    "inform_patient_on_handover",
    "phrase_maintainer",
    "work_phone_notifications",
    "response_clock_stop",
    "allow_sync_to_async_at_shift_end",
    "require_protected_check",
    "staff_support",
    "inactivity_warning",
    "rehab_hours",
    "fee_payment",
    "ticket_role",
    "note_keywords",
    "phrase_levels",
    "care_initiated_precondition",
    "async_sms",
    "booking_system",
    "note_template",
    "care_contact_required",
    "contact_type_map",
    "care_service_rule",
    "procedure_code_rule",
    "diagnosis_rule",
    "document_admin_cases",
    "fee_rule",
    "image_export",
    "retention",
    "deviation_system",
    "advice_support_variant",
    "resident_reads_call_notes",
    "unstaffed_urgent_action",
}


@pytest.mark.req("ADM-07")
def test_every_key_is_in_the_model_with_a_name_and_a_reason() -> None:
    assert set(Policy.model_fields) >= SECTION_29
    for key in Policy.model_fields:
        assert str(setting_of(key).label)
        assert setting_of(key).why


def test_every_default_is_itself_an_allowed_value_and_survives_storing() -> None:
    for key in Policy.model_fields:
        value = default_of(key)
        assert check_value(key, raw_value(key, value)) == value, key


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("staffed_tail_minutes", -1),
        ("staffed_hours", {"mon": ["8-16"]}),
        ("staffed_hours", {"monday": ["08.00-16.00"]}),
        ("response_clock_stop", "never"),
        ("urgency_labels", {"6": "Sex"}),
        ("retention", {"shortest": 10, "longest": 2}),
        ("receipt_sms", "x" * 161),
        ("emergency_text", "  "),
        ("inactivity_threshold", {"hours": 2, "counted_in": "staffed_time", "extra": 1}),
        ("new_case_visibility", {"seek_care": ["janitor"]}),
    ],
)
def test_values_outside_the_type_are_refused(key: str, value: Any) -> None:
    with pytest.raises(ValidationError):
        check_value(key, value)


@pytest.mark.req("HRS-03", "ORG-19", "CHT-02")
def test_kalmar_as_its_document_says(place: Place) -> None:
    settings = policy(place.centre)
    assert settings.staffed_tail_minutes == 30
    assert settings.staffed_hours["fri"] == ("08.00-14.30",)
    assert settings.sees_new_cases("admin_question") == ("medical_admin", "nurse")
    assert settings.receiving_role("admin_question") == "medical_admin"
    assert settings.receiving_role("seek_care") == "nurse"
    assert settings.note_keywords[0] == "Initiativ till kontakt från"
    assert settings.note_template == "Telefonkontakt/Annan kontakt (primärvård)"
    assert settings.phrase_levels == ("unit", "personal")
    assert settings.allow_acute_closure is True
    assert settings.unstaffed_urgent_action == "warn"
    assert settings.fee_text_version == "kalmar-2024-11"


@pytest.mark.req("TRI-03", "TRI-04", "QUE-14", "QUE-15")
def test_what_kalmar_does_not_state_is_said_to_be_a_standard(place: Place) -> None:
    by_key = {row.key: row for row in shown(place.centre)}
    target = by_key["response_target"]
    assert (target.value, target.stated) == (15, False)
    assert target.words == "ej angivet, standard: 15"
    assert by_key["staffed_tail_minutes"].words == "30"
    assert by_key["staffed_tail_minutes"].source.startswith("Regional rutin 1177 direkt, Region Kalmar län 1.7")
    assert policy(place.centre).response_clock_stop == "reply"
    assert [policy(place.centre).assessment_minutes(u) for u in (1, 2, 3, 4, 5)] == [0, 120, 1440, 10080, None]
    assert policy(place.centre).assessment_minutes(None) == 1440


def test_every_value_of_every_shown_key_has_words(place: Place) -> None:
    for row in shown(place.centre):
        assert not re.search(r"[a-z]_[a-z]", row.words), row
    assert words_of(default_of("phone_fallback")) == "1, 2, alltid"


def test_one_query_for_all_settings_and_none_for_the_second_question(place: Place) -> None:
    unit = Unit.objects.get(pk=place.centre.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        policy(unit)
        policy(unit)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        found = policies_of([place.centre, place.branch, place.rehab])
    assert len(queries) == 1
    assert found[place.rehab.pk] == policy(place.rehab)


@pytest.mark.req("HRS-02", "ADM-07", "ADM-08")
def test_a_units_own_value_wins_where_it_may_and_is_logged(place: Place) -> None:
    set_policy_value(
        actor=SYSTEM,
        region_id=place.region.pk,
        unit_id=place.centre.pk,
        key="staffed_tail_minutes",
        value=0,
        source="Verksamhetschefens beslut",
        valid_from=date(2026, 1, 1),
        reason="Ingen kvällsbemanning",
    )
    assert policy(Unit.objects.get(pk=place.centre.pk)).staffed_tail_minutes == 0
    assert policy(place.rehab).staffed_tail_minutes == 30
    assert region_policy(place.region).staffed_tail_minutes == 30
    row = ChangeLog.objects.filter(event="policy_changed").latest("id")
    assert row.data["new"] == 0
    assert row.data["reason"] == "Ingen kvällsbemanning"
    own = {r.key: r.own for r in shown(Unit.objects.get(pk=place.centre.pk))}
    assert own["staffed_tail_minutes"] is True
    assert own["accept_outside_hours"] is False


def test_what_is_the_regions_alone_is_refused_for_a_unit(place: Place) -> None:
    common: dict[str, Any] = {
        "actor": SYSTEM,
        "region_id": place.region.pk,
        "source": "x",
        "valid_from": date(2026, 1, 1),
    }
    with pytest.raises(NoUnitOverride):
        set_policy_value(**common, unit_id=place.centre.pk, key="retention", value={"shortest": 1, "longest": 1})
    with pytest.raises(PolicyValueRefused):
        set_policy_value(**common, key="staffed_tail_minutes", value="many")
    with pytest.raises(UnknownPolicy):
        set_policy_value(**common, key="weather", value="rain")
    with pytest.raises(NotFound):
        set_policy_value(**common, key="staffed_tail_minutes", value=5, unit_id=10**6)


def test_values_follow_their_dates(place: Place) -> None:
    for value, first in ((10, date(2027, 1, 1)), (20, date(2028, 1, 1))):
        set_policy_value(
            actor=SYSTEM,
            region_id=place.region.pk,
            key="staffed_tail_minutes",
            value=value,
            source="beslut",
            valid_from=first,
        )
    tail = {day: policy(place.centre, on=day).staffed_tail_minutes for day in (date(2026, 12, 31), date(2027, 1, 1))}
    assert list(tail.values()) == [30, 10]
    assert policy(place.centre, on=date(2028, 6, 1)).staffed_tail_minutes == 20
    assert policy(place.centre, on=date(2020, 1, 1)).staffed_tail_minutes == 0  # before anything was stated


@pytest.mark.req("CAS-05")
def test_the_units_own_welcome_and_receipt_win(place: Place) -> None:
    place.centre.welcome_message = "Välkommen till Exempelby!"
    place.centre.receipt_message = "Ärendet är mottaget. Logga in med BankID."
    settings = policy(place.centre)
    assert settings.welcome_message == "Välkommen till Exempelby!"
    assert settings.sms_texts["case_received"] == "Ärendet är mottaget. Logga in med BankID."


def test_a_stored_value_that_is_no_longer_allowed_never_stops_care(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    PolicyValue.objects.filter(key="staffed_tail_minutes").update(value="half an hour")
    assert policy(place.centre).staffed_tail_minutes == 0
    assert "staffed_tail_minutes" in caplog.text


def test_loading_again_changes_nothing_and_a_changed_file_is_logged(place: Place) -> None:
    before = list(PolicyValue.objects.order_by("pk").values())
    logged = ChangeLog.objects.count()
    call_command("load_region", "kalmar", verbosity=0)
    assert list(PolicyValue.objects.order_by("pk").values()) == before
    assert ChangeLog.objects.count() == logged
    file = read_region_file("kalmar").model_dump()
    file["policies"]["staffed_tail_minutes"]["value"] = 45
    file["policies"]["deviation_system"] = "n/s"
    load_region(actor=SYSTEM, file=RegionFile.model_validate(file))
    assert ChangeLog.objects.latest("id").data["changed"] == ["deviation_system", "staffed_tail_minutes"]
    settings = policy(place.centre)
    assert (settings.staffed_tail_minutes, settings.deviation_system) == (45, "")


def test_a_file_with_a_missing_key_a_wrong_value_or_an_unknown_key_is_refused() -> None:
    file = read_region_file("kalmar").model_dump()
    for change in (
        {"launch_points": None},
        {"weather": {"value": 1, "source": "x"}},
        {"staffed_tail_minutes": {"value": "many", "source": "x"}},
    ):
        policies = {key: value for key, value in (file["policies"] | change).items() if value is not None}
        with pytest.raises(ValidationError):
            RegionFile.model_validate(file | {"policies": policies})
    with pytest.raises(FileNotFoundError):
        read_region_file("../settings")
    assert "kalmar" in codes()


@pytest.mark.req("NOT-04")
def test_sms_texts_say_nothing_about_health_or_people(place: Place) -> None:
    for text in policy(place.centre).sms_texts.values():
        assert len(text) <= 160
        assert "BankID" in text
        assert not re.search(r"\d|symtom|besvär|vård|sjuk|läkare|hälso", text, re.IGNORECASE)


@pytest.mark.req("ENT-02", "ENT-03", "ENT-37")
def test_entrance_and_fee_texts_of_kalmar(place: Place) -> None:
    settings = policy(place.centre)
    assert "när som helst dygnet runt" in settings.entrance_texts["seek_care"]
    assert "så fort vi kan" in settings.entrance_texts["seek_care"]
    assert "ingen medicinsk bedömning" in settings.entrance_texts["admin_question"]
    assert "Du betalar ingenting för rådgivande chatt" in settings.fee_text
    assert "112" in settings.emergency_text


def test_settings_are_shared_and_therefore_read_only(place: Place) -> None:
    first, second = policy(Unit.objects.get(pk=place.centre.pk)), policy(Unit.objects.get(pk=place.centre.pk))
    assert first is second
    with pytest.raises(TypeError):
        first.urgency_labels[1] = "Strax"
    with pytest.raises(ValidationError):
        first.accept_outside_hours = False  # type: ignore[misc]
