"""Finding a contact reason by free text, and red-flag words (TRI-01)."""

from __future__ import annotations

import pytest

from triage.engine.loader import bundled
from triage.search import areas, reasons, red_flags, search

pytestmark = pytest.mark.req("TRI-01")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ont i halsen", "sore_throat"),
        ("jag har ont i halsn sedan i går", "sore_throat"),
        ("HALSONT", "sore_throat"),
        ("halsfl", "sore_throat"),
        ("Tryck över bröstet", "chest_pain"),
        ("ont i brostet", "chest_pain"),
        ("knäont", "limb_joint"),
        ("ont i knät", "limb_joint"),
        ("huvudvark", "headache"),
        ("min dotter har feber sedan i lördags", "fever_child"),
        ("hostar mycket", "cough"),
        ("sjukintyg", "sick_note"),
        ("förnya recept", "medication_renewal"),
    ],
)
def test_the_best_suggestion(text: str, reason: str) -> None:
    assert search(text)[0].reason.id == reason


@pytest.mark.parametrize("text", ["", "   ", "?!", "xyzq", "och", "\x00", "a" * 100_000])
def test_nothing_found_is_no_error(text: str) -> None:
    assert search(text) == []
    assert red_flags(text) == {}


def test_red_flag_words_are_found_anywhere_and_name_their_reason() -> None:
    assert red_flags("Jag har ont i halsen och får ingen luft") == {"får ingen luft": "breathlessness"}
    assert set(red_flags("jag vill inte leva längre").values()) == {"mental_health"}
    assert red_flags("ont i halsen sedan i går") == {}


def test_all_39_reasons_stand_in_the_list_and_lead_to_a_protocol() -> None:
    listed = [item.id for area in areas() for item in area.reasons]
    assert len(listed) == len(set(listed)) == 39
    assert {item.protocol for item in reasons().values()} == set(bundled())
    assert reasons()["limb_joint"].protocol == "general"
    assert reasons()["sore_throat"].protocol == "sore_throat"


@pytest.mark.parametrize("text", ["Undrar om jag ska vara hemma från jobbet", "Jag ska vila mig", "Sitter vid skärm"])
def test_common_words_are_no_red_flags(text: str) -> None:
    assert red_flags(text) == {}


def test_short_red_flags_need_all_their_words() -> None:
    assert "skär mig" in red_flags("Ibland skär jag mig")
    assert "slår mig" in red_flags("Han slår mig")
    assert "slår mig" not in red_flags("Hjärtat slår snabbt")
