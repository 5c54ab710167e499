"""Asking, answering, coming and going, the red handset; what the chat and the log say; refusals by name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from cases import commands as case_commands
from cases import steps
from cases.calls import commands, errors, queries, rules, tasks
from cases.calls.models import Call, CallMove
from cases.errors import CaseClosed, HeldByColleague, NotHolder, ReadOnly
from cases.locking import lock_case
from cases.models import Message
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.audit.record import command
from direkt1177.audit.refusals import Invalid, NotFound
from direkt1177.outbox.models import Effect
from direkt1177.residents.models import Guardianship
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from journal.prefill import prefill_for
from tests.calls.calling import accept, ask, come_online, fee_version, go_offline, visit
from tests.factories import (
    key,
    make_child,
    make_person,
    make_received_case,
    make_staff,
    make_started_case,
    release,
    resident,
    set_policy,
)

pytestmark = pytest.mark.django_db


def lines(case: Any) -> list[str]:
    return list(Message.objects.filter(case=case, kind="notice").order_by("seq").values_list("text", flat=True))


@pytest.mark.req("VID-03", "VID-05", "FEE-06")
def test_a_call_from_request_to_red_handset() -> None:
    nurse, case, patient = visit()
    call = ask(nurse, case)
    assert (call.state, call.kind, call.requested_by_id) == ("requested", "video", nurse.user_id)
    accept(case, call)
    assert (call.state, call.fee_text_version) == ("accepted", fee_version(case))
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    commands.join_call(actor=nurse, **ids, session="nurse-page-1")
    assert queries.modes_used(case) == ["chat"]  # nobody has met yet
    commands.join_call(actor=patient, **ids, session="patient-page-1")
    call.refresh_from_db()
    assert call.connected_at is not None
    assert queries.modes_used(case) == ["chat", "video"]
    assert commands.end_call(actor=nurse, **ids).state == "ended"
    assert commands.end_call(actor=patient, **ids).state == "ended"  # once more does no harm
    case.refresh_from_db()
    assert case.state == "started"
    assert lines(case) == [
        f"{nurse.name} vill prata med dig på video.", "Videosamtalet accepterades.", "Videosamtalet avslutades.",
    ]  # fmt: skip
    log = ChangeLog.objects.filter(object_type="call", object_id=str(call.public_id)).order_by("pk")
    assert [(row.event, row.from_state, row.to_state) for row in log] == [
        ("call_requested", "", "requested"),
        ("call_accepted", "requested", "accepted"),
        ("call_joined", "accepted", "accepted"),
        ("call_joined", "accepted", "accepted"),
        ("call_ended", "accepted", "ended"),
    ]
    assert log[0].patient_id == case.patient_id


@pytest.mark.req("VID-05")
@pytest.mark.parametrize(("kind", "words"), [("", "skriftlig"), ("video", "via video"), ("voice", "")])
def test_the_mode_used_names_the_contact_in_the_note(kind: str, words: str) -> None:
    nurse, case, patient = visit()
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    set_policy(unit, "contact_type_map", {"chat": "skriftlig", "video": "via video"})
    if kind:
        call = accept(case, ask(nurse, case, kind))
        for actor, session in ((nurse, "nurse-page"), (patient, "patient-page")):
            commands.join_call(actor=actor, case_id=case.public_id, call_id=call.public_id, session=session)
    assert prefill_for(case, policy(unit)).contact_mode == words


@pytest.mark.req("VID-04")
def test_leaving_and_coming_back_ends_nothing() -> None:
    nurse, case, patient = visit()
    call = accept(case, ask(nurse, case, "voice"))
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    for session in ("first-page", "first-page", "second-page"):
        commands.join_call(actor=patient, **ids, session=session)
    commands.leave_call(actor=patient, **ids, session="first-page")
    assert queries.facts_of(call).patient_here
    commands.leave_call(actor=patient, **ids, session="second-page")
    facts = queries.facts_of(call)
    assert (facts.patient_here, facts.state) == (False, "accepted")
    commands.join_call(actor=patient, **ids, session="third-page")
    assert queries.facts_of(call).patient_here
    case.refresh_from_db()
    assert case.state == "started"
    assert list(call.moves.order_by("pk").values_list("session", "op")) == [
        ("first-page", "join"), ("second-page", "join"), ("first-page", "leave"), ("second-page", "leave"),
        ("third-page", "join"),
    ]  # fmt: skip
    with pytest.raises(NotFound):
        commands.leave_call(actor=nurse, **ids, session="third-page")
    with pytest.raises(Invalid):
        commands.join_call(actor=patient, **ids, session="kort")


def test_moves_are_only_added() -> None:
    nurse, case, patient = visit()
    call = accept(case, ask(nurse, case))
    commands.join_call(actor=patient, case_id=case.public_id, call_id=call.public_id, session="first-page")
    with pytest.raises(DatabaseError):
        CallMove.objects.update(op="leave")


@pytest.mark.req("VID-02")
def test_only_a_patient_in_the_service_can_be_asked() -> None:
    nurse, case, _patient = visit()
    request: dict[str, Any] = {"actor": nurse, "case_id": case.public_id, "kind": "video"}
    with pytest.raises(errors.PatientNotOnline):
        commands.request_call(**request, key=key())
    stranger = make_person()
    assert not queries.is_online(case)
    interval = come_online(case)
    assert queries.is_online(case)
    go_offline(case, interval)
    assert queries.is_online(case)  # a page that is being loaded anew
    assert not ReadLog.objects.filter(actor_key=f"person:{stranger.pk}").exists()
    assert commands.request_call(**request, key=key()).state == "requested"


def test_a_patient_who_left_a_while_ago_is_not_online(monkeypatch: pytest.MonkeyPatch) -> None:
    nurse, case, _patient = visit()
    go_offline(case, come_online(case))
    monkeypatch.setattr(rules, "ONLINE_GRACE", -timedelta(seconds=1))
    assert not queries.is_online(case)
    with pytest.raises(errors.PatientNotOnline):
        commands.request_call(actor=nurse, case_id=case.public_id, kind="video", key=key())


@pytest.mark.req("VID-01")
def test_requests_that_are_refused() -> None:
    nurse, case, _patient = visit()
    colleague = make_staff(Unit.objects.get(pk=nurse.unit_id))
    first = key()
    come_online(case)
    done = commands.request_call(actor=nurse, case_id=case.public_id, kind="voice", key=first)
    assert commands.request_call(actor=nurse, case_id=case.public_id, kind="voice", key=first) == done
    with pytest.raises(errors.CallGoesOn):
        commands.request_call(actor=nurse, case_id=case.public_id, kind="video", key=key())
    with pytest.raises(Invalid):
        commands.request_call(actor=nurse, case_id=case.public_id, kind="hologram", key=key())
    with pytest.raises(HeldByColleague):
        commands.request_call(actor=colleague, case_id=case.public_id, kind="video", key=key())
    with pytest.raises(NotFound):
        commands.request_call(actor=make_staff(), case_id=case.public_id, kind="video", key=key())
    received = make_received_case(nurse)
    with pytest.raises(errors.CallNotPossible):
        commands.request_call(actor=nurse, case_id=received.public_id, kind="video", key=key())
    case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    with pytest.raises(CaseClosed):
        commands.request_call(actor=nurse, case_id=case.public_id, kind="video", key=key())


def test_accepting_after_hang_up_is_refused_by_name() -> None:
    nurse, case, patient = visit()
    call = ask(nurse, case)
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    assert commands.end_call(actor=nurse, **ids).state == "missed"
    with pytest.raises(errors.CallOver) as refusal:
        commands.accept_call(actor=patient, **ids, fee_version=fee_version(case), key=key())
    assert (refusal.value.status, refusal.value.code) == (409, "call_over")
    with pytest.raises(errors.CallOver):
        commands.decline_call(actor=patient, **ids, key=key())
    with pytest.raises(errors.NotInCall):
        commands.join_call(actor=patient, **ids, session="first-page")
    with pytest.raises(errors.CallOver):
        commands.join_call(actor=nurse, **ids, session="first-page")
    assert lines(case)[-1] == "Videosamtalet besvarades inte."


@pytest.mark.req("VID-03", "FEE-06")
def test_yes_counts_only_with_the_information_on_fees_that_holds() -> None:
    nurse, case, patient = visit()
    call = ask(nurse, case)
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    shown = fee_version(case)
    set_policy(Unit.objects.select_related("provider__region").get(pk=case.unit_id), "fee_text_version", "ny-2")
    with pytest.raises(errors.FeeTextChanged):
        commands.accept_call(actor=patient, **ids, fee_version=shown, key=key())
    assert commands.accept_call(actor=patient, **ids, fee_version="ny-2", key=key()).state == "accepted"
    # Once more, as a page loaded twice does.
    assert commands.accept_call(actor=patient, **ids, fee_version="ny-2", key=key()).state == "accepted"


def test_declining_and_asking_again() -> None:
    nurse, case, patient = visit()
    call = ask(nurse, case)
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    assert commands.decline_call(actor=patient, **ids, key=key()).state == "declined"
    assert commands.decline_call(actor=patient, **ids, key=key()).state == "declined"
    assert lines(case)[-1] == "Videosamtalet avböjdes."
    assert ask(nurse, case).public_id != call.public_id
    assert queries.modes_used(case) == ["chat"]


def test_only_who_works_in_the_case_answers_and_only_who_answered_joins() -> None:
    nurse = make_staff()
    guardian, other = make_person(), make_person()
    child = make_child(guardian)
    Guardianship.objects.create(guardian=other, child=child)
    case = make_started_case(nurse, patient=child, started_by=guardian)
    call = ask(nurse, case)
    ids: dict[str, Any] = {"case_id": case.public_id, "call_id": call.public_id}
    yes = {"fee_version": fee_version(case), "key": key()}
    with pytest.raises(ReadOnly):
        commands.accept_call(actor=resident(other), **ids, **yes)
    with pytest.raises(NotFound):
        commands.accept_call(actor=resident(make_person()), **ids, **yes)
    with pytest.raises(NotFound):
        commands.accept_call(actor=nurse, **ids, **yes)  # type: ignore[arg-type]
    with pytest.raises(errors.CallNotAnswered):
        commands.join_call(actor=nurse, **ids, session="first-page")
    accept(case, call)
    for nobody in (resident(other), resident(make_person())):
        with pytest.raises((errors.NotInCall, NotFound)):
            commands.join_call(actor=nobody, **ids, session="first-page")
        with pytest.raises((errors.NotInCall, NotFound)):
            commands.end_call(actor=nobody, **ids)
    with pytest.raises(NotFound):
        commands.end_call(actor=nurse, case_id=make_started_case(nurse).public_id, call_id=call.public_id)


def test_closing_the_visit_ends_the_call_and_a_handover_does_not() -> None:
    nurse, case, patient = visit()
    call = accept(case, ask(nurse, case))
    ids = {"case_id": case.public_id, "call_id": call.public_id}
    release(case)
    assert commands.end_call(actor=patient, **ids).state == "ended"  # the patient may hang up all the same
    with pytest.raises(NotHolder):
        commands.request_call(actor=nurse, case_id=case.public_id, kind="video", key=key())
    nurse, case, _patient = visit()
    asked, going = ask(nurse, case), None
    case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=0, key=key())
    asked.refresh_from_db()
    assert asked.state == "missed" and asked.ended_at is not None
    nurse, case, _patient = visit()
    going = accept(case, ask(nurse, case))
    case_commands.close_visit(actor=nurse, case_id=case.public_id, follow_up_days=2, key=key())
    going.refresh_from_db()
    assert (going.state, going.ended_by) == ("ended", nurse.key)


def test_the_tick_ends_what_nobody_answers_or_is_in() -> None:
    nurse, case, patient = visit()
    call = ask(nurse, case)
    assert tasks.end_calls() == 0
    with moved(now() + timedelta(minutes=6)):
        Call.objects.update(requested_at=now() - timedelta(minutes=6))
        assert commands.expire_call(call_pk=call.pk)
    assert not commands.expire_call(call_pk=call.pk)
    call.refresh_from_db()
    assert (call.state, call.ended_by) == ("missed", "system")
    again = accept(case, ask(nurse, case))
    Call.objects.filter(pk=again.pk).update(requested_at=now() - timedelta(minutes=31))
    assert tasks.end_calls() == 1
    assert lines(case)[-1] == "Videosamtalet avslutades."
    assert not commands.expire_call(call_pk=again.pk + 1000)
    del patient


def test_who_does_not_see_the_request_gets_one_sms() -> None:
    nurse, case, _patient = visit()
    ask(nurse, case)
    unread = Effect.objects.filter(kind="case_unread_sms", aggregate=f"case:{case.public_id}:unread")
    assert unread.count() == 1  # of the welcome message's stretch: nothing was read meanwhile


def test_a_paused_visit_has_no_request() -> None:
    nurse, case, _patient = visit()
    call = ask(nurse, case)

    @command
    def pause() -> None:
        steps.pause_case(lock_case(case.public_id), resume_at=now() + timedelta(days=1))

    pause()
    with pytest.raises(errors.CallOver):
        accept(case, call)
    assert tasks.end_calls() == 1
    call.refresh_from_db()
    assert call.state == "missed"
