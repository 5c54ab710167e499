"""Danger, and nobody there: 112 with two ways on, unknown answers, unstaffed hours, computed urgency off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from cases.models import Case
from direkt1177.audit.models import ChangeLog
from direkt1177.residents.models import Person
from direkt1177.units.models import Unit
from tests import factories
from tests.factories import set_policy
from tests.signing_in import staff_client
from tests.triage.material import calm, throat
from tests.triage.walking import Walk
from triage.engine.loader import bundled

pytestmark = pytest.mark.django_db
THROAT = bundled()["sore_throat"]
CHEST = bundled()["chest_pain"]


def test_gate_yes_shows_112_and_calling_ends_without_a_case(walk: Walk, person: Person) -> None:
    walk.get("/sok-vard/")
    walk.post(who=str(person.public_id), key=walk.key())
    walk.post(answer="yes")
    assert walk.page == "112"
    assert 'href="tel:112"' in walk.html and "Lås upp dörren" in walk.html
    walk.post(choice="called")
    assert walk.page == "klart" and 'href="tel:112"' in walk.html
    assert (walk.interview.outcome, Case.objects.count()) == ("called_112", 0)
    assert ChangeLog.objects.filter(event="emergency_advice_shown").count() == 1


def test_gate_yes_and_staff_all_the_same_is_a_case_with_urgency_1(walk: Walk, person: Person) -> None:
    walk.get("/sok-vard/")
    walk.post(who=str(person.public_id), key=walk.key())
    walk.post(answer="yes")
    walk.post(choice="contact")
    assert walk.page == "beratta"
    walk.describe("Det trycker över bröstet", "chest_pain")
    walk.consent_and_fee()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.computed_urgency) == (1, 1)
    assert case.advice_112_shown_at is not None


def test_a_rule_of_urgency_1_stops_the_questions_and_keeps_the_answers(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe("Ont i bröstet", "chest_pain")
    answered = walk.answer_all({**calm(CHEST), "with_pain": ["sweat"]})
    assert (answered, walk.page) == (1, "112")
    assert walk.interview.answers == {"with_pain": ["sweat"]}
    walk.post(choice="contact")
    walk.consent_and_fee()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert case.urgency == 1 and case.advice_112_shown_at is not None


def test_a_mis_tap_can_be_put_right_from_the_112_page(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe("Ont i bröstet", "chest_pain")
    walk.answer_all({**calm(CHEST), "with_pain": ["sweat"]})
    back = f"/sok-vard/{walk.interview.public_id}/fraga/1/"
    assert back in walk.html
    walk.get(back)
    assert walk.page == "1"
    walk.post(question="with_pain", q_with_pain="none")
    assert walk.page == "2"


def test_unknown_alone_becomes_2_with_the_112_advice_and_the_mark(walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(airway="unknown", airway_control="unknown"))
    assert "Ring 112" in walk.html and "inom några timmar" in walk.html
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.could_not_answer) == (2, "svårt att andas eller svälja saliv")
    assert case.advice_112_shown_at is not None


def test_nobody_there_before_the_target_needs_an_explicit_choice(
    sunday: None, walk: Walk, person: Person, unit: Unit
) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    url = walk.url
    walk.post(key=walk.key())
    assert Case.objects.count() == 0
    assert "Ingen läser ditt ärende före måndag 2 mars kl. 08.00" in walk.html
    assert 'href="tel:1177"' in walk.html and 'href="tel:112"' in walk.html
    walk.post(url, key=walk.key(), unstaffed="send")
    case = Case.objects.get()
    assert case.unstaffed_warned_at is not None
    assert case.unstaffed_next_at == datetime.fromisoformat("2026-03-02T08:00:00+01:00")
    panel = staff_client(factories.make_staff(unit)).get(f"/personal/triage/{case.public_id}/").content.decode()
    assert "Fick veta 1 mars kl. 03.00 att ingen läser" in panel
    assert "Besked: måndag 2 mars kl. 08.00." in panel


def test_sending_past_the_warning_without_having_seen_it_is_not_possible(
    sunday: None, walk: Walk, person: Person
) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    walk.post(key=walk.key(), unstaffed="send")
    assert Case.objects.count() == 0 and "Ingen läser ditt ärende före" in walk.html


def test_the_region_can_refuse_sending_then(sunday: None, walk: Walk, person: Person, unit: Unit) -> None:
    set_policy(unit, "unstaffed_urgent_action", "refuse")
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat(dry="yes"))
    walk.to_summary()
    url, key = walk.url, walk.key()
    walk.post(url, key=key, unstaffed="send")
    walk.post(url, key=key, unstaffed="send")
    assert (Case.objects.count(), walk.response.status_code) == (0, 409)
    assert "Ja, skicka ändå" not in walk.html


def test_urgency_5_waits_without_a_warning(sunday: None, walk: Walk, person: Person) -> None:
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    walk.to_summary()
    walk.post(key=walk.key())
    assert Case.objects.get().unstaffed_warned_at is None


def test_without_computed_urgency_everything_is_not_assessed(settings: Any, walk: Walk, person: Person) -> None:
    settings.COMPUTED_URGENCY = False
    walk.begin(person)
    walk.describe()
    walk.answer_all(throat())
    assert "Personalen behöver läsa dina svar" in walk.html and "hemma" not in walk.html
    walk.post(choice="satisfied")
    assert walk.response.status_code == 422
    walk.to_summary()
    walk.post(key=walk.key())
    case = Case.objects.get()
    assert (case.urgency, case.computed_urgency) == (None, None)
