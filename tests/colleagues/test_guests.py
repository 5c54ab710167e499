"""Inviting, taking part, leaving: what a guest may and may not (CHT-14..18, I-09)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cases import access
from cases import commands as cases
from cases.colleagues import commands
from cases.colleagues.errors import (
    AlreadyGuest,
    ConsultOnly,
    GuestGone,
    GuestNotOnDuty,
    NoGuest,
    NoGuestsNow,
    OwnInvitation,
)
from cases.colleagues.models import Guest
from cases.errors import CaseClosed, HeldByColleague, NotHolder
from cases.feeds import ChatSource
from cases.models import Case, Message
from cases.queries import own_cases, queue_rows
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Shift
from direkt1177.audit.models import ChangeLog, ReadLog
from direkt1177.audit.refusals import NotFound, Refusal
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from handover.models import Notice
from handover.offers import commands as offers
from handover.offers.commands import Offering
from handover.offers.picker import Choice
from journal import commands as journal
from tests import factories
from tests.colleagues.inviting import Visit, invite, say, visit
from tests.factories import key, make_staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def v() -> Visit:
    """A started case and its colleagues."""
    return visit()


def _send(v: Visit, who: StaffActor, text: str = "Hej") -> int:
    return cases.send_message(actor=who, case_id=v.case.public_id, client_id=key(), text=text).seq


@pytest.mark.req("CHT-14", "CHT-15", "CHT-16", "CHT-17", "QUE-07", "NOT-01")
def test_an_invited_colleague_is_told_and_sees_the_visit_with_its_mode(v: Visit) -> None:
    with pytest.raises(HeldByColleague):
        access.open_case(actor=v.doctor, public_id=v.case.public_id)
    guest = invite(v)
    opened = access.open_case(actor=v.doctor, public_id=v.case.public_id)
    assert (opened.basis, opened.works, opened.takes_part) == ("guest", False, False)
    assert ReadLog.objects.filter(actor_key=v.doctor.key, action="open", basis="guest").exists()
    notice = Notice.objects.get(user_id=v.doctor.user_id)
    assert (notice.kind, notice.case_id, notice.unit_id) == ("guest_invited", v.case.pk, v.doctor.unit_id)
    log = ChangeLog.objects.get(event="guest_invited")
    assert (log.object_id, log.data["mode"], log.patient_id) == (str(guest.public_id), "consult", v.case.patient_id)
    assert access.basis_for(v.nurse, Case.objects.get(pk=v.case.pk)) == "holder"  # still hers (CHT-18)


@pytest.mark.req("CHT-16", "CHT-17")
def test_a_guest_who_consults_writes_internally_only(v: Visit) -> None:
    invite(v)
    for attempt in (
        lambda: _send(v, v.doctor),
        lambda: cases.change_urgency(
            actor=v.doctor, case_id=v.case.public_id, urgency=2, reason="", key=key(), version=v.case.version
        ),
        lambda: cases.pause_visit(
            actor=v.doctor,
            case_id=v.case.public_id,
            resume_at=now().replace(year=now().year + 1),
            message="",
            key=key(),
        ),
    ):
        with pytest.raises(ConsultOnly):
            attempt()
    assert say(v, v.doctor) == 2  # after the line that says who came


@pytest.mark.req("CHT-16", "CHT-17")
def test_a_guest_who_takes_part_writes_under_the_own_name(v: Visit) -> None:
    invite(v, mode="participate")
    seq = _send(v, v.doctor, "Läkaren svarar")
    line = Message.objects.get(case=v.case, seq=seq)
    assert (line.author, line.author_key, line.author_name) == ("staff", v.doctor.key, v.doctor.name)
    cases.change_urgency(
        actor=v.doctor, case_id=v.case.public_id, urgency=2, reason="", key=key(), version=v.case.version
    )
    assert Case.objects.get(pk=v.case.pk).urgency == 2
    assert Case.objects.get(pk=v.case.pk).holder_id == v.nurse.user_id


@pytest.mark.req("CHT-17", "CHT-18")
def test_no_guest_closes_hands_over_invites_or_signs(v: Visit) -> None:
    invite(v, mode="participate")
    ident, third = v.case.public_id, make_staff(_unit(v))
    to = Choice(v.doctor.unit_id, v.nurse.role_id, None)
    for attempt in (
        lambda: cases.close_visit(actor=v.doctor, case_id=ident, follow_up_days=0, key=key()),
        lambda: offers.offer_case(actor=v.doctor, case_id=ident, offering=Offering(to=to), key=key()),
        lambda: invite(v, third, by=v.doctor),
        lambda: cases.put_back_case(actor=v.doctor, case_id=ident, key=key()),
    ):
        with pytest.raises(NotHolder):
            attempt()
    with pytest.raises(Refusal):
        journal.sign_note(actor=v.doctor, case_id=ident, texts=["x"] * 8, version=1, same_patient=True, key=key())
    assert Guest.objects.count() == 1
    assert Case.objects.get(pk=v.case.pk).state == "started"


@pytest.mark.req("CHT-17")
def test_a_guest_sees_no_other_case_of_the_patient_or_the_unit(v: Visit) -> None:
    other = factories.make_started_case(v.nurse, patient=v.case.patient)
    invite(v, v.elsewhere)
    access.open_case(actor=v.elsewhere, public_id=v.case.public_id)
    with pytest.raises(NotFound):
        access.open_case(actor=v.elsewhere, public_id=other.public_id)


@pytest.mark.req("CHT-14")
def test_who_cannot_be_invited(v: Visit) -> None:
    off_duty, stranger = make_staff(_unit(v), on_shift=False), make_staff()
    for who, refusal in ((off_duty, GuestNotOnDuty), (stranger, GuestNotOnDuty), (v.nurse, OwnInvitation)):
        with pytest.raises(refusal):
            invite(v, who)
    with pytest.raises(NoGuest):
        invite(v, mode="owner")
    invite(v)
    with pytest.raises(AlreadyGuest):
        invite(v, mode="participate")
    assert Guest.objects.get().mode == "consult"
    invite(v, v.elsewhere)  # another unit of the same provider


def test_the_same_press_twice_is_one_invitation(v: Visit) -> None:
    press: dict[str, Any] = {
        "case_id": v.case.public_id,
        "user_id": v.doctor.user_id,
        "unit_id": v.doctor.unit_id,
        "key": key(),
    }
    first = commands.invite_guest(actor=v.nurse, mode="consult", **press)
    assert commands.invite_guest(actor=v.nurse, mode="consult", **press) == first
    assert (Guest.objects.count(), Notice.objects.count()) == (1, 1)


@pytest.mark.req("CHT-16")
def test_the_holder_changes_the_mode_and_nobody_else(v: Visit) -> None:
    guest = invite(v)
    with pytest.raises(NotHolder):
        commands.change_guest_mode(
            actor=v.doctor, case_id=v.case.public_id, guest_id=guest.public_id, mode="participate"
        )
    commands.change_guest_mode(actor=v.nurse, case_id=v.case.public_id, guest_id=guest.public_id, mode="participate")
    _send(v, v.doctor)
    commands.change_guest_mode(actor=v.nurse, case_id=v.case.public_id, guest_id=guest.public_id, mode="consult")
    with pytest.raises(ConsultOnly):
        _send(v, v.doctor)


@pytest.mark.req("CHT-14", "CHT-17")
@pytest.mark.parametrize("way", ["removed", "left", "closed", "follow-up", "put back", "released", "taken over"])
def test_the_right_ends(v: Visit, way: str) -> None:
    if way == "put back":
        v.case = factories.make_received_case(v.nurse)
    guest = invite(v)
    ChatSource().authorize(v.doctor, f"chat:{v.case.public_id}:patient")
    end: dict[str, Any] = {"case_id": v.case.public_id, "guest_id": guest.public_id}
    close: dict[str, Any] = {"actor": v.nurse, "case_id": v.case.public_id}
    match way:
        case "removed":
            commands.end_guest(actor=v.nurse, **end)
        case "left":
            commands.end_guest(actor=v.doctor, **end)
        case "closed":
            cases.close_visit(**close, follow_up_days=0, key=key())
        case "follow-up":
            cases.close_visit(**close, follow_up_days=3, key=key())
        case "put back":
            cases.put_back_case(**close, key=key())
        case "released":
            factories.release(v.case, ownerless=True)
        case "taken over":
            factories.offer(v.case, user=v.doctor)
            cases.receive_case(actor=v.doctor, case_id=v.case.public_id, key=key())
            assert access.basis_for(v.doctor, Case.objects.get(pk=v.case.pk)) == "holder"
    if way != "taken over":
        after = Case.objects.select_related("holder").get(pk=v.case.pk)
        try:
            assert access.basis_for(v.doctor, after) == "queue_other_role"  # put back, released: the queue shows it
            assert after.state == "waiting"
        except (HeldByColleague, NotFound):
            assert after.state != "waiting"
        with pytest.raises(NotFound):
            ChatSource().authorize(v.doctor, f"chat:{v.case.public_id}:patient")
    if way != "released":  # the factory releases without the event that ends guests
        guest.refresh_from_db()
        assert guest.ended_at is not None
        assert FeedChange.objects.filter(feed=f"me:{v.doctor.key}", object="authz").exists()
        with pytest.raises((GuestGone, NotFound, HeldByColleague)):
            commands.end_guest(actor=v.doctor, **end)


def test_other_guests_stay_with_the_next_holder(v: Visit) -> None:
    colleague = make_staff(_unit(v))
    guest = invite(v)
    factories.offer(v.case, user=colleague)
    cases.receive_case(actor=colleague, case_id=v.case.public_id, key=key())
    assert access.basis_for(v.doctor, Case.objects.get(pk=v.case.pk)) == "guest"
    commands.end_guest(actor=colleague, case_id=v.case.public_id, guest_id=guest.public_id)


def test_a_guest_ends_only_the_own_part(v: Visit) -> None:
    other = invite(v, v.elsewhere)
    invite(v)
    with pytest.raises(NotFound):
        commands.end_guest(actor=v.doctor, case_id=v.case.public_id, guest_id=other.public_id)
    with pytest.raises(NotFound):
        commands.end_guest(actor=make_staff(), case_id=v.case.public_id, guest_id=other.public_id)


def test_nobody_is_invited_into_a_closed_visit(v: Visit) -> None:
    closed = factories.make_closed_case(v.nurse)
    with pytest.raises((CaseClosed, NoGuestsNow)):
        commands.invite_guest(
            actor=v.nurse, case_id=closed.public_id, user_id=v.doctor.user_id, unit_id=v.doctor.unit_id,
            mode="consult", key=key(),
        )  # fmt: skip


@pytest.mark.req("CHT-15")
def test_a_guest_goes_on_with_own_work_and_the_right_waits_at_that_unit(v: Visit) -> None:
    invite(v, v.elsewhere)
    Shift.objects.filter(user_id=v.elsewhere.user_id).update(ended_at=now())
    access.open_case(actor=v.elsewhere, public_id=v.case.public_id)  # signed in there, shift or not
    there = make_staff()
    moved = replace(v.elsewhere, unit_id=there.unit_id)
    with pytest.raises(NotFound):
        access.open_case(actor=moved, public_id=v.case.public_id)


@pytest.mark.req("QUE-24")
def test_rows_say_that_there_is_a_guest(v: Visit) -> None:
    assert not own_cases(v.nurse)[0].guests
    invite(v, v.elsewhere)
    assert own_cases(v.nurse)[0].guests
    factories.offer(v.case)
    row = queue_rows(v.nurse.unit_id, v.doctor.role_id).rows[0]
    assert row.guests


def _unit(v: Visit) -> Unit:
    return Unit.objects.get(pk=v.nurse.unit_id)
