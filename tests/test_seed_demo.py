"""The demo data: complete, consistent, harmless, the same for the same seed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import F

from cases.models import Case, Message, Phrase, UrgencyChange
from cases.states import HELD_STATES, CaseState
from direkt1177.accounts.models import AdminPermission, Membership, Shift, User
from direkt1177.demo.files import official_numbers, read, read_region
from direkt1177.demo.people import infant_number
from direkt1177.demo.plan import plan
from direkt1177.outbox.models import Effect, SimulatedSms
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.numbers import parse_personal_number
from direkt1177.residents.queries import age_of
from direkt1177.units.clock import moved
from direkt1177.units.models import CareProvider, CareRole, Unit
from direkt1177.units.staffed_time import STOCKHOLM
from journal.models import Note
from triage.models import Interview

MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=STOCKHOLM)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Generator[None, None, None]:
    """60 errands, seeded once for this module and rolled back after it; the clock stands at 11.00 on a Monday."""
    with django_db_blocker.unblock(), moved(MONDAY):
        around = transaction.atomic()
        around._from_testcase = True  # type: ignore[attr-defined]
        with around:
            call_command("seed_demo", seed=1, cases=60, verbosity=0)
            yield
            transaction.set_rollback(True)


@pytest.mark.req("ORG-01", "ORG-02", "ORG-08")
def test_a_public_and_a_private_provider_three_health_centres_and_a_rehab_unit(demo: None) -> None:
    assert Counter(CareProvider.objects.values_list("kind", flat=True)) == {"public": 1, "private": 1}
    assert Counter(Unit.objects.values_list("type", flat=True)) == {"primary_care": 3, "rehab": 1}
    assert Unit.objects.filter(type="primary_care", provider__kind="private").count() == 1
    assert list(CareRole.objects.order_by("order").values_list("name", flat=True)) == [
        "Sjuksköterska", "Läkare", "Kurator", "Fysioterapeut", "Medicinsk admin", "Administratör",
    ]  # fmt: skip


@pytest.mark.req("ORG-06", "ORG-10", "ORG-12")
def test_a_dozen_staff_with_roles_and_permissions_apart(demo: None) -> None:
    assert User.objects.count() >= 12
    assert set(Membership.objects.values_list("role__code", flat=True)) == {
        "nurse", "doctor", "counsellor", "physiotherapist", "medical_admin", "administrator",
    }  # fmt: skip
    assert set(AdminPermission.objects.values_list("kind", flat=True)) == set(AdminPermission.Kind)
    assert User.objects.filter(admin_permissions__isnull=False, memberships__isnull=True).exists()
    titles = set(User.objects.filter(memberships__role__code="physiotherapist").values_list("title", flat=True))
    assert titles == {"Fysioterapeut", "Arbetsterapeut"}
    assert [u.first_name for u in User.objects.all() if not u.profile_complete] == ["Saga"]
    assert all(re.fullmatch(r"TSTNMT\d{10}-\w+", h) for h in User.objects.values_list("hsa_id", flat=True))


@pytest.mark.req("ENT-14", "ENT-15", "ENT-16", "ENT-17", "ENT-21", "ENT-24", "ENT-25")
def test_families_and_everyone_the_rules_of_the_entrance_speak_of(demo: None) -> None:
    ages = {p.first_name: age_of(p.birth_date) for p in Person.objects.filter(guardians__isnull=False)}
    assert ages["Hugo"] == 0
    assert ages["Alma"] == 4
    assert ages["Tove"] == 13
    assert Guardianship.objects.filter(blocked=True).count() == 1
    assert Person.objects.filter(protected="yes", guardian_of__isnull=False).exists()
    assert Person.objects.filter(protected="yes", guardians__isnull=False).exists()
    assert Person.objects.filter(protected="unknown").count() == 1
    assert Person.objects.get(first_name="Gösta").mobile == ""


def test_nobody_real_can_be_meant(demo: None) -> None:
    for person in Person.objects.all():
        number = parse_personal_number(person.personal_number)
        assert (number.birth_date, number.sex) == (person.birth_date, person.sex)
        assert person.personal_number in official_numbers() or age_of(person.birth_date) < 1
        # The range that PTS has set aside for books and films.
        assert not person.mobile or re.fullmatch(r"\+467017406(0[5-9]|[1-9]\d)", person.mobile), person.mobile
        assert not person.email or person.email.endswith("@example.org")


def test_an_infants_number_has_a_right_check_digit() -> None:
    for days in range(0, 400, 13):
        born = (MONDAY - timedelta(days=days)).date()
        for sex in ("female", "male"):
            number = parse_personal_number(infant_number(born, sex))
            assert (number.birth_date, number.sex) == (born, sex)


@pytest.mark.req("QUE-05", "QUE-20")
def test_errands_in_every_state_and_a_full_queue(demo: None) -> None:
    assert Case.objects.count() == 60
    states = Counter(Case.objects.values_list("state", flat=True))
    assert set(states) == {"waiting", "received", "started", "asynchronous", "closed"}
    queue = Case.objects.filter(unit__slug="exempelby", role__code="nurse", state="waiting")
    assert queue.count() >= 20
    assert set(queue.values_list("urgency", flat=True)) == {1, 2, 3, 4, 5, None}
    assert Case.objects.filter(kind="admin_question", role__code="medical_admin", state="waiting").count() == 6
    assert queue.filter(patient__protected="yes").exists()
    assert set(queue.filter(listed_elsewhere=True).values_list("patient__first_name", flat=True)) == {"Birgit"}
    assert not Case.objects.exclude(unit__slug="exempelby").filter(listed_elsewhere=True).exists()
    assert queue.filter(advice_112_shown_at__isnull=False, urgency=1).exists()
    assert queue.filter(patient__mobile="", started_by=F("patient")).exists()
    assert queue.exclude(started_by=F("patient")).exists()  # a guardian wrote


def test_every_open_errand_has_somebody_who_is_responsible(demo: None) -> None:
    for case in Case.objects.filter(state__in=list(HELD_STATES)):
        on_shift = Shift.objects.filter(user=case.holder, unit=case.unit, ended_at__isnull=True).exists()
        assert on_shift or case.follow_up_until
    for case in Case.objects.filter(state=CaseState.WAITING):
        assert Membership.objects.filter(unit=case.unit, role=case.role, ended_at__isnull=True).exists()


def test_times_follow_each_other_and_none_is_ahead(demo: None) -> None:
    for case in Case.objects.all():
        steps = [case.arrived_at, case.received_at, case.started_at, case.closed_at]
        times = [moment for moment in steps if moment is not None]
        assert times == sorted(times)
        assert times[-1] <= MONDAY
        sent = list(case.messages.order_by("seq").values_list("sent_at", flat=True))
        assert sent == sorted(sent)
        assert all(moment <= MONDAY for moment in sent)
        assert case.last_seq == len(sent)


@pytest.mark.req("TRI-02", "TRI-05", "TRI-09")
def test_the_interviews_went_through_the_engine(demo: None) -> None:
    assessed = Interview.objects.filter(kind="seek_care", outcome="case").select_related("case")
    assert assessed.count() == Case.objects.filter(kind="seek_care").count()
    for interview in assessed:
        assert interview.assessment is not None
        assert interview.case is not None
        if not interview.contact_after_112:
            assert interview.assessment["urgency"] == interview.case.computed_urgency
    assert Interview.objects.filter(outcome="open").count() == 1
    assert UrgencyChange.objects.filter(reason="").count() == 0
    assert UrgencyChange.objects.exists()


def test_chats_begin_with_the_welcome_and_some_wait_for_an_answer(demo: None) -> None:
    for case in Case.objects.filter(started_at__isnull=False):
        first = case.messages.order_by("seq").first()
        assert first is not None
        assert first.kind == Message.Kind.WELCOME
    anna = Case.objects.filter(holder__first_name="Anna", state="started")
    assert anna.count() == 3
    assert any(case.staff_seen_seq < case.last_seq for case in anna)
    assert {case.patient.first_name for case in anna} >= {"Sara"}
    assert Note.objects.filter(state=Note.State.SIGNED).exists()
    unsigned = Case.objects.filter(closed_at__isnull=False, closed_by__first_name="Anna").exclude(note__state="signed")
    assert unsigned.exists()


@pytest.mark.req("NOT-04")
def test_sms_are_out_and_say_nothing(demo: None) -> None:
    assert SimulatedSms.objects.exists()
    names = set(User.objects.exclude(last_name="").values_list("last_name", flat=True))
    for text in SimulatedSms.objects.values_list("text", flat=True):
        assert not any(name in text for name in names)
        assert not re.search(r"\d", text)
    assert not Effect.objects.filter(state=Effect.State.DEAD).exists()


@pytest.mark.req("CHT-07", "CHT-12")
def test_phrases_for_every_situation(demo: None) -> None:
    unit = Unit.objects.get(slug="exempelby")
    categories = set(Phrase.objects.filter(unit=unit).values_list("category", flat=True))
    assert categories >= {"Stänger", "Överlämning", "Paus", "Påminnelse", "Akut", "Rehab", "Anteckning"}
    for text in Phrase.objects.values_list("text", flat=True):
        assert not re.search(r"\d:\d", text)
        assert not re.search(r"\b(tyvärr|dessvärre|kanske|borde)\b", text, re.IGNORECASE)
    assert Phrase.objects.filter(user__first_name="Anna", level="personal").count() == 2


def test_a_second_time_nothing_is_changed(demo: None) -> None:
    before = (User.objects.count(), Person.objects.count(), Case.objects.count())
    call_command("seed_demo", seed=2, cases=9, verbosity=0)
    assert (User.objects.count(), Person.objects.count(), Case.objects.count()) == before


def facts() -> list[Any]:
    """What the same seed must give again."""
    return [
        list(Person.objects.order_by("personal_number").values_list("personal_number", "first_name", "public_id")),
        list(Case.objects.order_by("pk").values_list("patient__personal_number", "contact_reason", "arrived_at")),
        list(Message.objects.order_by("case_id", "seq").values_list("text", "sent_at")),
    ]


def seeded(seed: int, moment: datetime) -> list[Any]:
    """Seed a few errands, look, take them back."""
    point = transaction.savepoint()
    with moved(moment):
        call_command("seed_demo", seed=seed, cases=5, verbosity=0)
        found = facts()
    transaction.savepoint_rollback(point)
    return found


def test_the_same_seed_gives_the_same_people_texts_and_times(db: None) -> None:
    once = seeded(3, MONDAY)
    assert seeded(3, MONDAY) == once
    assert seeded(4, MONDAY) != once


@pytest.mark.req("HRS-04")
def test_at_three_on_a_sunday_the_urgent_were_told_that_nobody_reads(db: None) -> None:
    with moved(datetime(2026, 3, 1, 3, 0, tzinfo=STOCKHOLM)):
        call_command("seed_demo", seed=1, cases=8, verbosity=0)
        urgent = Case.objects.filter(urgency__lte=2, state="waiting", computed_urgency__isnull=False)
        assert urgent.exists()
        for case in urgent:
            assert case.unstaffed_next_at == datetime(2026, 3, 2, 8, 0, tzinfo=STOCKHOLM)


def test_any_number_of_errands_has_some_of_everything() -> None:
    rows = read_region("kalmar").errands["plan"]
    assert len(plan(rows, 0)) == 0
    assert {slot.end for slot in plan(rows, 30)} == {"waiting", "received", "started", "followed", "closed"}
    assert len({(s.unit, s.kind, s.end, s.by, s.days_ago, s.number) for s in plan(rows, 180)}) == 180
    stories = read("stories_care")
    assert sum("chat" in story for story in stories) >= 8
