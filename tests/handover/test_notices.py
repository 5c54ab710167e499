"""Notices to staff: who is told of what, by which way, and how the centre shows it (NOT-01..08)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import commands
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import AdminPermission, Shift, User
from direkt1177.audit.models import ReadLog
from direkt1177.audit.record import command
from direkt1177.audit.refusals import NotFound
from direkt1177.outbox import effects_run
from direkt1177.outbox.models import Effect, SimulatedSms
from direkt1177.residents.models import Person
from direkt1177.units import clock
from direkt1177.units.models import Unit
from handover.models import Notice, NoticeChoice
from handover.notices import commands as notice_commands
from handover.notices import kinds, queries, rules, steps
from handover.notices.commands import choose_notices, open_notice, read_all
from handover.notices.errors import ChoiceUnknown, NoMobile
from handover.notices.feeds import NoticesSource
from handover.timers import sweep
from tests import factories
from tests.signing_in import admin_client, staff_client

pytestmark = pytest.mark.django_db
MOBILE = "+46701740605"
notify = command(steps.notify)


@pytest.fixture
def unit() -> Unit:
    """A unit whose region lets any number be used."""
    made = factories.make_unit()
    factories.set_policy(made, "work_phone_notifications", "any_number")
    return made


def _nurse(unit: Unit, choice: str = "sms", kind: str = kinds.NEW_CASE, **fields: Any) -> StaffActor:
    actor = factories.make_staff(unit, **{"mobile": MOBILE, **fields})
    if choice != "none":
        choose_notices(actor=actor, choices={kind: choice})
    return actor


def _told(actor: StaffActor) -> list[str]:
    return list(Notice.objects.filter(user_id=actor.user_id).order_by("pk").values_list("kind", flat=True))


def _sms() -> list[tuple[str, str]]:
    effects_run.run_due()
    return list(SimulatedSms.objects.order_by("pk").values_list("to", "text"))


@pytest.mark.req("NOT-01", "NOT-02")
def test_a_new_patient_in_the_queue_is_told_to_those_who_chose_it(unit: Unit) -> None:
    sms, app, nothing = _nurse(unit), _nurse(unit, "app"), _nurse(unit, "none")
    doctor, elsewhere = _nurse(unit, role="doctor"), _nurse(factories.make_unit())
    factories.make_case(unit)
    sweep.sweep()
    sweep.sweep()
    assert [_told(one) for one in (sms, app, nothing, doctor, elsewhere)] == [
        [kinds.NEW_CASE],
        [kinds.NEW_CASE],
        [],
        [],
        [],
    ]
    assert _sms() == [(MOBILE, "Det finns ett nytt ärende i din kö.")]


@pytest.mark.req("NOT-03")
def test_the_shift_decides_and_not_the_session(unit: Unit) -> None:
    """Card pulled: told on. Shift ended, or a shift at another unit: quiet."""
    signed_out, ended, moved = _nurse(unit), _nurse(unit), _nurse(unit)
    Shift.objects.filter(user_id__in=[ended.user_id, moved.user_id]).update(ended_at=clock.now())
    Shift.objects.create(
        user_id=moved.user_id, unit=factories.make_unit(), role_id=moved.role_id, started_at=clock.now()
    )
    factories.make_case(unit)
    sweep.sweep()
    assert [_told(one) for one in (signed_out, ended, moved)] == [[kinds.NEW_CASE], [], []]
    assert len(_sms()) == 1


@pytest.mark.req("NOT-03")
def test_quiet_when_the_shift_ended_before_the_sms_went_out(unit: Unit) -> None:
    nurse = _nurse(unit)
    factories.make_case(unit)
    sweep.sweep()
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=clock.now())
    assert _sms() == []
    assert Effect.objects.get(kind="staff_sms").note == "quiet"


@pytest.mark.req("NOT-01")
def test_a_case_already_taken_is_no_news_and_what_was_told_is_read(unit: Unit) -> None:
    nurse, other = _nurse(unit), _nurse(unit)
    first, second = factories.make_case(unit), factories.make_case(unit)
    commands.receive_case(actor=other, case_id=first.public_id, key=factories.key())
    sweep.sweep()
    assert list(Notice.objects.filter(user_id=nurse.user_id).values_list("case_id", flat=True)) == [second.pk]
    assert queries.unread_count(nurse.user_id, unit.pk) == 1
    commands.receive_case(actor=other, case_id=second.public_id, key=factories.key())
    sweep.sweep()
    assert queries.unread_count(nurse.user_id, unit.pk) == 0


@pytest.mark.req("NOT-01")
def test_a_message_in_a_follow_up_is_told_to_its_holder_once_until_they_look(unit: Unit) -> None:
    nurse = _nurse(unit, kind=kinds.ASYNC_MESSAGE)
    case = factories.make_closed_case(nurse, follow_up_days=3)
    patient = factories.resident(case.patient)
    for text in ("Hej", "Är du där?"):
        commands.send_message(actor=patient, case_id=case.public_id, client_id=factories.key(), text=text)
        sweep.sweep()
    assert _told(nurse) == [kinds.ASYNC_MESSAGE]
    assert [text for to, text in _sms() if to == MOBILE] == ["Du har ett nytt asynkront meddelande att läsa."]
    case.refresh_from_db()
    commands.mark_seen(actor=nurse, case_id=case.public_id, seq=case.last_seq)
    sweep.sweep()
    assert queries.unread_count(nurse.user_id, unit.pk) == 0
    commands.send_message(actor=patient, case_id=case.public_id, client_id=factories.key(), text="Igen")
    sweep.sweep()
    assert _told(nurse) == [kinds.ASYNC_MESSAGE] * 2


@pytest.mark.req("NOT-08", "INA-09", "NOT-01")
def test_an_open_visit_gives_its_holder_an_sms_signed_in_or_not(unit: Unit) -> None:
    factories.set_policy(unit, "unclosed_sms_minutes", 60)
    nurse = _nurse(unit, "none")
    start = clock.now()
    with clock.moved(start):
        case = factories.make_started_case(nurse)
        sweep.sweep()
    Shift.objects.filter(user_id=nurse.user_id).update(ended_at=start)
    Effect.objects.filter(kind__in=["resident_sms", "case_unread_sms"]).delete()
    with clock.moved(start + timedelta(minutes=59)):
        sweep.sweep()
        assert "unclosed" not in _told(nurse)
    with clock.moved(start + timedelta(minutes=61)):
        sweep.sweep()
        sweep.sweep()
    assert _told(nurse).count("unclosed") == 1
    assert _sms() == [
        (MOBILE, "Du har ett pågående ärende som inte är avslutat. Logga in och avsluta eller lämna över.")
    ]
    case.refresh_from_db()
    assert case.state == "started", "nothing closes by itself"


@pytest.mark.req("NOT-08")
@pytest.mark.parametrize("left", ["closed", "follow_up", "paused"])
def test_no_sms_about_a_visit_that_was_dealt_with(unit: Unit, left: str) -> None:
    nurse = _nurse(unit, "none")
    start = clock.now()
    with clock.moved(start):
        case = (
            factories.make_started_case(nurse)
            if left == "paused"
            else factories.make_closed_case(nurse, follow_up_days=left == "follow_up")
        )
        if left == "paused":
            Case.objects.filter(pk=case.pk).update(state="paused", resume_at=start + timedelta(days=2))
    with clock.moved(start + timedelta(hours=5)):
        sweep.sweep()
    assert "unclosed" not in _told(nurse)


@pytest.mark.req("NOT-05")
@pytest.mark.parametrize(("region", "own", "sent"), [
    ("any_number", None, 1), ("manager_decides", None, 0), ("manager_decides", True, 1),
])  # fmt: skip
def test_work_phones_are_a_managers_decision(region: str, own: bool | None, sent: int) -> None:
    unit = factories.make_unit()
    factories.set_policy(unit, "work_phone_notifications", region)
    if own is not None:
        factories.set_policy(unit, "work_phone_allowed", own)
    nurse = _nurse(unit)
    factories.make_case(unit)
    sweep.sweep()
    assert _told(nurse) == [kinds.NEW_CASE], "the centre is no phone"
    assert len(_sms()) == sent


@pytest.mark.parametrize("by_choice", [True, False])
@pytest.mark.parametrize("chosen", [True, False])
@pytest.mark.parametrize("on_shift", [True, False])
@pytest.mark.parametrize("work_phones", [True, False])
@pytest.mark.parametrize("active", [True, False])
@pytest.mark.req("NOT-01", "NOT-03")
def test_who_gets_an_sms(by_choice: bool, chosen: bool, on_shift: bool, work_phones: bool, active: bool) -> None:
    expected = active if not by_choice else all([active, chosen, on_shift, work_phones])
    found = rules.may_get_sms(
        by_choice=by_choice, chosen=chosen, on_shift=on_shift, active=active, work_phones=work_phones
    )
    assert found is expected


@pytest.mark.req("NOT-01")
def test_no_sms_without_a_number_but_a_notice(unit: Unit) -> None:
    nurse = _nurse(unit)
    factories.make_case(unit)
    sweep.sweep()
    User.objects.filter(pk=nurse.user_id).update(mobile="")
    assert _sms() == []
    assert Effect.objects.get(kind="staff_sms").note == "no_number"
    assert _told(nurse) == [kinds.NEW_CASE]


@pytest.mark.req("NOT-07", "NOT-04")
def test_the_log_of_sms_says_nothing_of_a_protected_person(unit: Unit) -> None:
    nurse = _nurse(unit)
    person = factories.make_person(
        protected=Person.Protected.YES, first_name="Kanarina", last_name="Hemlig", mobile="+46701740699"
    )
    case = factories.make_case(unit, patient=person)
    sweep.sweep()
    commands.receive_case(actor=nurse, case_id=case.public_id, key=factories.key())
    commands.start_visit(actor=nurse, case_id=case.public_id, key=factories.key())
    with clock.moved(clock.now() + timedelta(minutes=5)):
        sweep.sweep()
        effects_run.run_due()
    everything = " ".join(
        [f"{e.key} {e.payload} {e.note} {e.last_error}" for e in Effect.objects.all()]
        + [f"{s.to} {s.text} {s.reference}" for s in SimulatedSms.objects.all()]
    )
    for secret in ("Kanarina", "Hemlig", "46701740699", person.personal_number):
        assert secret not in everything
    assert SimulatedSms.objects.filter(to=MOBILE).exists()


@pytest.mark.req("NOT-01")
def test_the_same_thing_is_told_once_and_a_role_nobody_works_in_is_told_whole(unit: Unit) -> None:
    on, off = factories.make_staff(unit), factories.make_staff(unit, on_shift=False)
    asked: dict[str, Any] = {
        "kind": "handover_offered",
        "key": "offer:1",
        "unit_id": unit.pk,
        "role_at": (unit.pk, on.role_id),
    }
    assert (notify(**asked), notify(**asked)) == (1, 0)
    assert (_told(on), _told(off)) == (["handover_offered"], [])
    Shift.objects.filter(user_id=on.user_id).update(ended_at=clock.now())
    assert notify(**(asked | {"key": "offer:2"})) == 2
    assert _told(off) == ["handover_offered"]


def test_coordinators_and_managers_of_the_unit(unit: Unit) -> None:
    people = [factories.make_staff(unit) for _ in range(3)]
    for person, kind in zip(people, ("coordinator", "statistics", "user_admin"), strict=True):
        AdminPermission.objects.create(user_id=person.user_id, unit=unit, kind=kind)
    notify(kind="target_escalated", key="x", unit_id=unit.pk, coordinators=unit.pk, managers=unit.pk)
    assert [len(_told(one)) for one in people] == [1, 1, 0]


@pytest.mark.req("NOT-02")
def test_choices_are_ones_own_and_sms_needs_a_number(unit: Unit) -> None:
    nurse = factories.make_staff(unit)
    with pytest.raises(NoMobile):
        choose_notices(actor=nurse, choices={kinds.NEW_CASE: "sms"})
    with pytest.raises(ChoiceUnknown):
        choose_notices(actor=nurse, choices={"unclosed": "none"})
    with pytest.raises(ChoiceUnknown):
        choose_notices(actor=nurse, choices={kinds.NEW_CASE: "post"})
    choose_notices(actor=nurse, choices={kinds.NEW_CASE: "app", kinds.ASYNC_MESSAGE: "app"})
    choose_notices(actor=nurse, choices={kinds.NEW_CASE: "none"})
    assert queries.choices_of(nurse.user_id) == {kinds.ASYNC_MESSAGE: "app"}
    assert NoticeChoice.objects.count() == 1


@pytest.mark.req("NOT-02")
def test_the_settings_page_saves_and_says_what_is_missing(unit: Unit) -> None:
    nurse = factories.make_staff(unit)
    client = staff_client(nurse)
    url = reverse("handover:notice_choices")
    assert "mobilnummer" in client.get(url).content.decode()
    answer = client.post(url, {kinds.NEW_CASE: "sms", kinds.ASYNC_MESSAGE: "none"})
    assert answer.status_code == 422
    assert 'value="sms"' in answer.content.decode()
    User.objects.filter(pk=nurse.user_id).update(mobile=MOBILE)
    assert client.post(url, {kinds.NEW_CASE: "sms", kinds.ASYNC_MESSAGE: "none"}).status_code == 302
    assert queries.choices_of(nurse.user_id) == {kinds.NEW_CASE: "sms"}
    assert client.post(url, {kinds.NEW_CASE: "sms"}).status_code == 422


def _client_with(unit: Unit, n: int) -> tuple[StaffActor, Client]:
    nurse = factories.make_staff(unit)
    for number in range(n):
        notify(kind="handover_declined", key=f"o:{number}", unit_id=unit.pk, users=[nurse.user_id])
    return nurse, staff_client(nurse)


@pytest.mark.req("NOT-01")
def test_the_centre_lists_the_latest_first_and_marks_what_is_unread(unit: Unit) -> None:
    nurse, client = _client_with(unit, 2)
    case = factories.make_started_case(nurse)
    notify(kind="inactivity", key="i:1", unit_id=unit.pk, users=[nurse.user_id], case=case)
    text = client.get(reverse("handover:notices")).content.decode()
    assert text.index("svarat i tid") < text.index("avböjdes")
    assert text.count('class="unread"') == 3
    assert case.patient.first_name in text
    shown = ReadLog.objects.filter(action="list", object_id="notices").get()
    assert shown.patients == [case.patient_id]
    assert "3" in client.get(reverse("handover:notices_counter")).content.decode()
    notice = Notice.objects.get(kind="inactivity")
    answer = client.post(reverse("handover:notice", args=[notice.public_id]))
    assert answer["Location"] == reverse("cases:case", args=[case.public_id])
    assert queries.unread_count(nurse.user_id, unit.pk) == 2
    assert client.post(reverse("handover:notices_read")).status_code == 302
    assert queries.unread_count(nurse.user_id, unit.pk) == 0
    empty = staff_client(factories.make_staff(unit)).get(reverse("handover:notices")).content.decode()
    assert "Inga notiser" in empty


def test_the_centre_names_no_patient_of_somebody_elses_case(unit: Unit) -> None:
    nurse, client = _client_with(unit, 0)
    case = factories.make_started_case(factories.make_staff(unit))
    notify(kind="released", key="r:1", unit_id=unit.pk, users=[nurse.user_id], case=case)
    assert case.patient.first_name not in client.get(reverse("handover:notices")).content.decode()
    assert not ReadLog.objects.filter(object_id="notices").exists()


def test_pages_of_fifty_and_nonsense_begins_at_the_top(unit: Unit) -> None:
    nurse, client = _client_with(unit, 51)
    first = queries.page_of(nurse)
    assert (len(first.lines), len(queries.page_of(nurse, before=first.before).lines)) == (50, 1)
    for nonsense in ("x", "9" * 40, "-1"):
        assert client.get(reverse("handover:notices"), {"fore": nonsense}).status_code == 200


@pytest.mark.req("NOT-03")
def test_another_unit_shows_its_own_notices_and_what_concerns_managers_everywhere(unit: Unit) -> None:
    nurse, _client = _client_with(unit, 1)
    other = factories.make_unit()
    notify(kind="load", key="load:1", unit_id=unit.pk, users=[nurse.user_id], data={"waiting": 12})
    assert queries.unread_count(nurse.user_id, unit.pk) == 2
    assert queries.unread_count(nurse.user_id, other.pk) == 1


def test_notices_and_feed_of_somebody_else_do_not_exist(unit: Unit) -> None:
    nurse, other = factories.make_staff(unit), factories.make_staff(unit)
    notify(kind="released", key="r:1", unit_id=unit.pk, users=[nurse.user_id])
    [notice] = Notice.objects.all()
    for ident in (notice.public_id, uuid.uuid4()):
        with pytest.raises(NotFound):
            open_notice(actor=other, public_id=ident)
    assert read_all(actor=other) == 0
    with pytest.raises(NotFound):
        NoticesSource().authorize(other, f"notices:{nurse.user_id}")
    with pytest.raises(NotFound):
        NoticesSource().authorize(factories.resident(factories.make_person()), f"notices:{nurse.user_id}")
    assert NoticesSource().authorize(nurse, f"notices:{nurse.user_id}").basis == "self"
    [item] = NoticesSource().first_page(f"notices:{nurse.user_id}")
    assert item.data == {"unread": {str(unit.pk): 1}}
    assert item.html == ""
    assert notice_commands.read_all(actor=nurse) == 1


@pytest.mark.req("HRS-20")
def test_a_manager_without_a_care_role_reads_of_units_and_not_of_patients(unit: Unit) -> None:
    boss = User.objects.create_user("SE2321000000-M00001", first_name="Maj", last_name="Chef")
    AdminPermission.objects.create(user=boss, unit=unit, kind="statistics")
    case = factories.make_case(unit)
    notify(kind="load", key="load:1", unit_id=unit.pk, managers=unit.pk, data={"waiting": 12})
    notify(kind="target_escalated", key="t:1", unit_id=unit.pk, managers=unit.pk, case=case)
    client = admin_client(boss)
    text = client.get(reverse("handover:manager_notices")).content.decode()
    assert "Många väntar: 12 patienter i kö." in text
    assert unit.name in text
    assert case.patient.first_name not in text
    assert client.post(reverse("handover:manager_read")).status_code == 302
    assert not Notice.objects.filter(user=boss, seen_at__isnull=True).exists()
    assert reverse("handover:manager_notices") in client.get("/statistik/").content.decode()
    assert staff_client(factories.make_staff(unit)).get(reverse("handover:manager_notices")).status_code in (
        302,
        403,
        404,
    )
