"""Masking (ENT-26..29), the register, SMS without a trace of health or names (NOT-04, NOT-06, NOT-07)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from direkt1177.audit.models import ChangeLog
from direkt1177.outbox.models import Effect, SimulatedSms
from direkt1177.realtime.changes import Change
from direkt1177.realtime.models import FeedChange
from direkt1177.residents import shown
from direkt1177.residents.commands import ask_register, set_protected, store_register_answer
from direkt1177.residents.effects import look_up_person, send_resident_sms
from direkt1177.residents.errors import RegisterSaysProtected
from direkt1177.residents.models import Guardianship, Person, SimulatedAnswer
from direkt1177.residents.queries import person_view
from direkt1177.residents.register import RegisterActor, RegisterUnavailableError, SimulatorRegister
from tests.factories import make_child, make_person, make_staff, make_unit, set_policy
from tests.signing_in import resident_client

pytestmark = pytest.mark.django_db
CANARY = {
    "first_name": "Kanariefågel",
    "last_name": "Hemligsson",
    "email": "kanarie@example.se",
    "mobile": "+46701740699",
}
LEAKS = ("Kanariefågel", "Hemligsson", "kanarie@", "701740699", "174 06 99")


@pytest.mark.req("ENT-26")
@pytest.mark.parametrize(
    ("protected", "by_hand", "cleared", "masked"),
    [
        ("no", False, False, False),
        ("no", True, False, True),
        ("unknown", False, False, True),
        ("unknown", False, True, False),
        ("unknown", True, False, True),
        ("yes", False, False, True),
    ],
)
def test_masked_unless_known_to_be_no(protected: str, by_hand: bool, cleared: bool, masked: bool) -> None:
    person = make_person(protected=protected, protected_by_hand=by_hand, cleared_by_hand=cleared, **CANARY)
    view = person_view(person)
    assert view.masked is masked
    text = repr(view)
    if masked:
        assert (view.name, view.mobile, view.email) == ("SKYDDAD IDENTITET", "SKYDDAD", "SKYDDAD")
        assert not [leak for leak in LEAKS if leak in text]
        assert not view.sms_possible
    else:
        assert (view.name, view.mobile) == ("Kanariefågel Hemligsson", "070-174 06 99")


@pytest.mark.req("ENT-29")
def test_database_never_clears_a_yes() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(protected="yes", cleared_by_hand=True)


@pytest.mark.req("ENT-29")
def test_yes_by_hand_masks_at_once_and_redraws_where_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    nurse, person = make_staff(), make_person()
    monkeypatch.setattr(shown, "_sources", [lambda pk: [Change("queue:1:1", f"case:{pk}")]])
    set_protected(actor=nurse, person_id=person.pk, value=True)
    person.refresh_from_db()
    assert person.is_masked
    assert FeedChange.objects.filter(feed="queue:1:1", object=f"case:{person.pk}").count() == 1
    row = ChangeLog.objects.get(event="protection_changed")
    assert (row.actor_key, row.patient_id, row.to_state) == (nurse.key, person.pk, "masked")
    set_protected(actor=nurse, person_id=person.pk, value=False)
    person.refresh_from_db()
    assert not person.is_masked


@pytest.mark.req("ENT-29")
def test_no_against_the_registers_yes_is_refused() -> None:
    person = make_person(protected="yes")
    with pytest.raises(RegisterSaysProtected):
        set_protected(actor=make_staff(), person_id=person.pk, value=False)


@pytest.mark.req("ENT-28")
def test_no_by_hand_counts_while_the_register_is_silent() -> None:
    person = make_person(protected="unknown")
    set_protected(actor=make_staff(), person_id=person.pk, value=False)
    person.refresh_from_db()
    assert not person.is_masked
    SimulatedAnswer.objects.create(personal_number=person.personal_number, answer={"protected": "yes"})
    _look_up(person)
    assert person.is_masked


@pytest.mark.req("ENT-24", "ENT-25")
def test_protection_ends_sessions_of_the_guardians() -> None:
    parent = make_person()
    child = make_child(parent)
    client = resident_client(parent)
    set_protected(actor=make_staff(), person_id=child.pk, value=True)
    assert FeedChange.objects.filter(feed=f"me:person:{parent.pk}", object="authz").exists()
    assert client.get("/min-profil/")["Location"].startswith("/logga-in/")


def _look_up(person: Person) -> None:
    look_up_person(Effect(key="k", kind="register_lookup", payload={"person": person.pk}))
    person.refresh_from_db()


@pytest.mark.req("ENT-26")
def test_person_the_register_does_not_know_is_masked() -> None:
    person = make_person()
    SimulatedAnswer.objects.create(personal_number=person.personal_number, answer={})
    _look_up(person)
    assert person.protected == "unknown"
    assert person.is_masked


def test_register_that_does_not_answer_changes_nothing() -> None:
    person = make_person()
    SimulatedAnswer.objects.create(personal_number=person.personal_number, answer={"unavailable": True})
    with pytest.raises(RegisterUnavailableError):
        _look_up(person)
    person.refresh_from_db()
    assert person.protected == "no"


@pytest.mark.req("ENT-18", "ENT-21")
def test_guardianships_follow_the_register() -> None:
    parent, other = make_person(), make_person()
    child, adopted = make_child(parent), make_child(other)
    SimulatedAnswer.objects.create(
        personal_number=parent.personal_number,
        answer={
            "protected": "no",
            "children": [
                {"personal_number": child.personal_number, "blocked": True},
                {"personal_number": adopted.personal_number},
            ],
        },
    )
    before = parent.authz_epoch
    _look_up(parent)
    links = {link.child_id: link.blocked for link in Guardianship.objects.filter(guardian=parent)}
    assert links == {child.pk: True, adopted.pk: False}
    assert parent.authz_epoch == before + 1


def test_unchanged_answer_leaves_no_trace_but_the_time() -> None:
    person = make_person()
    answer = SimulatorRegister().lookup(person.personal_number)
    store_register_answer(actor=RegisterActor(), person_id=person.pk, answer=answer)
    person.refresh_from_db()
    assert person.register_checked_at is not None
    assert not ChangeLog.objects.filter(object_type="person").exists()


@pytest.mark.req("ENT-18")
def test_sign_in_asks_the_register_once_an_hour() -> None:
    person = make_person()
    resident_client(person)
    resident_client(person)
    assert Effect.objects.filter(kind="register_lookup", payload={"person": person.pk}).count() == 1
    assert ask_register(person=person) is False


def _sms(person: Person, template: str = "case_received", **fields: Any) -> str | None:
    unit = fields.pop("unit", None) or make_unit()
    return send_resident_sms(
        Effect(
            key=f"sms:{person.pk}:{template}",
            kind="resident_sms",
            payload={"person": person.pk, "template": template, "unit": unit.pk},
        )
    )


@pytest.mark.req("NOT-04")
@pytest.mark.parametrize("template", ["case_received", "new_message", "reminder"])
def test_sms_has_no_names_numbers_or_text(template: str) -> None:
    person = make_person(**CANARY)
    nurse = make_staff()
    assert _sms(person, template) is None
    sms = SimulatedSms.objects.get()
    assert sms.to == "+46701740699"
    assert not [word for word in (*LEAKS, nurse.name, person.personal_number, "halsont") if word in sms.text]


def test_sms_text_is_the_regions() -> None:
    unit = make_unit()
    set_policy(unit, "receipt_sms", "Ditt ärende är mottaget. Logga in och läs.")
    _sms(make_person(), unit=unit)
    assert SimulatedSms.objects.get().text == "Ditt ärende är mottaget. Logga in och läs."


@pytest.mark.req("ENT-14", "NOT-06")
def test_no_number_no_sms() -> None:
    assert _sms(make_person(mobile="")) == "no_number"
    assert not SimulatedSms.objects.exists()


@pytest.mark.req("NOT-07")
@pytest.mark.parametrize("protected", ["yes", "unknown"])
def test_protected_person_gets_no_sms(protected: str) -> None:
    assert _sms(make_person(protected=protected)) == "masked"
    assert not SimulatedSms.objects.exists()
