"""Offers at the end of a shift, several at once, and those that nobody accepts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils.translation import override

from cases import access, commands, queries
from cases import names as case_names
from cases.errors import HeldByColleague, NotHolder
from cases.models import Case, CaseReader, Message
from direkt1177.accounts.models import Membership
from direkt1177.audit.models import BoardStay, ChangeLog
from direkt1177.audit.refusals import NotFound
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from handover import names
from handover.models import Handover, Notice, Timer
from handover.offers import commands as offers
from handover.offers import errors
from handover.offers.bulk import offer_each
from handover.offers.queries import for_desk, pending_by
from tests import factories
from tests.factories import key, make_started_case
from tests.handover.offering import TOLD, Place, leave_shift, make_place, offer, offering, to_role, to_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    """Two units; a colleague may be chosen by name."""
    return make_place(handover_target=["role", "signed_in_colleague"])


@pytest.fixture
def case(place: Place) -> Case:
    """A started visit of the nurse."""
    return make_started_case(place.nurse)


@pytest.mark.req("HOV-11", "SHF-05")
def test_end_of_shift_makes_a_role_offer_a_plain_queue_item(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    commands.send_message(
        actor=factories.resident(case.patient), case_id=case.public_id, client_id=key(), text="Är någon där?"
    )
    leave_shift(actor=place.nurse, case_pk=case.pk)
    case.refresh_from_db()
    row.refresh_from_db()
    assert (case.state, case.holder_id, case.unit_id, case.role_id) == (
        "waiting", None, place.unit.pk, place.doctor.role_id,
    )  # fmt: skip
    assert (row.state, case.offered_at, case.released_at) == ("queued", None, None)
    (shown,) = queries.queue_rows(place.unit.pk, place.doctor.role_id).rows
    assert (shown.unread, shown.arrived_at) == (1, case.arrived_at)
    with pytest.raises((NotHolder, HeldByColleague)):
        commands.send_message(actor=place.nurse, case_id=case.public_id, client_id=key(), text="Hej")
    commands.receive_case(actor=place.doctor, case_id=case.public_id, key=key())
    assert Case.objects.get(pk=case.pk).state == "started"


@pytest.mark.req("SHF-05", "HOV-02")
def test_end_of_shift_lets_an_offer_to_another_unit_stand_while_it_waits_at_home(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    case.refresh_from_db()
    row.refresh_from_db()
    assert (case.state, case.unit_id, case.role_id) == ("waiting", place.unit.pk, place.nurse.role_id)
    assert (row.state, row.fell_back_at is not None) == ("pending", True)
    assert [r.public_id for r in queries.queue_rows(place.unit.pk, place.nurse.role_id).rows] == [case.public_id]
    assert [r.fell_back for r in for_desk(place.other_nurse)] == [True]
    assert access.basis_for(place.other_nurse, case) == "offer"
    assert pending_by(place.nurse.user_id, place.unit.pk) == []
    with pytest.raises(errors.NotYourOffer):
        offers.withdraw_offer(actor=place.nurse, offer_id=row.public_id, key=key())
    done = offers.accept_fallen_offer(actor=place.other_nurse, offer_id=row.public_id, key=key())
    case.refresh_from_db()
    assert done.state == "accepted"
    assert (case.state, case.unit_id, case.holder_id) == ("started", place.other.pk, place.other_nurse.user_id)
    assert case.role_id == place.other_nurse.role_id
    assert not CaseReader.objects.filter(case=case, ended_at__isnull=True).exists()
    moves = BoardStay.objects.filter(object_id=str(case.public_id)).order_by("pk").values_list("board", "op")
    own = case_names.queue_feed(place.unit.pk, place.nurse.role_id)
    assert [op for board, op in moves if board == own][-1] == "leave"


@pytest.mark.req("SHF-05")
def test_the_own_unit_may_take_what_fell_back_and_the_offer_ends(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    commands.receive_case(actor=place.colleague, case_id=case.public_id, key=key())
    row.refresh_from_db()
    assert row.state == "queued"
    assert for_desk(place.other_nurse) == []
    case.refresh_from_db()
    with pytest.raises(NotFound):
        access.basis_for(place.other_nurse, case)
    with pytest.raises(errors.NoOffer):
        offers.accept_fallen_offer(actor=place.other_nurse, offer_id=row.public_id, key=key())
    offer(place.colleague, case, to_role(place.doctor))


def test_declining_what_fell_back_leaves_it_in_the_own_queue(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.other_nurse))
    leave_shift(actor=place.nurse, case_pk=case.pk)
    offers.decline_offer(actor=place.other_nurse, offer_id=row.public_id, reason="Fullt här", key=key())
    assert [r.public_id for r in queries.queue_rows(place.unit.pk, place.nurse.role_id).rows] == [case.public_id]
    assert Notice.objects.filter(user_id=place.colleague.user_id, kind="handover_declined").exists()


@pytest.mark.req("SHF-05", "HOV-03")
def test_an_offer_to_a_colleague_must_be_decided_or_turned_into_one_to_a_role(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_user(place.doctor))
    with pytest.raises(errors.OfferedToColleague):
        leave_shift(actor=place.nurse, case_pk=case.pk)
    done = offers.readdress_offer(actor=place.nurse, offer_id=row.public_id, to=to_role(place.doctor), key=key())
    row.refresh_from_db()
    again = Handover.objects.get(public_id=done.public_id)
    assert (row.state, again.state, again.to_role_id, again.message) == (
        "withdrawn", "pending", place.doctor.role_id, row.message,
    )  # fmt: skip
    assert Message.objects.filter(case=case, text=TOLD).count() == 1, "the patient is told once"
    leave_shift(actor=place.nurse, case_pk=case.pk)
    assert Case.objects.get(pk=case.pk).role_id == place.doctor.role_id


@pytest.mark.req("HOV-10", "HOV-11")
def test_several_at_once_each_with_its_own_outcome(place: Place, case: Case) -> None:
    other, received = make_started_case(place.nurse), factories.make_received_case(place.nurse)
    ids, token = [case.public_id, received.public_id, other.public_id], key()
    form = offering(to_role(place.doctor))
    outcomes = offer_each(actor=place.nurse, case_ids=ids, offering=form, key=token)
    assert [o.refusal.code if o.refusal else "offered" for o in outcomes] == ["offered", "offer_not_begun", "offered"]
    again = offer_each(actor=place.nurse, case_ids=ids, offering=form, key=token)
    assert [o.offered for o in again] == [o.offered for o in outcomes]
    assert Handover.objects.count() == 2


@pytest.mark.req("HOV-09")
def test_an_offer_nobody_accepts_reaches_the_coordinators_once(place: Place, case: Case) -> None:
    from django.utils import timezone

    from direkt1177.accounts.models import AdminPermission
    from direkt1177.units.clock import moved
    from handover.timers import fire

    AdminPermission.objects.create(user_id=place.colleague.user_id, unit=place.unit, kind="coordinator")
    row = offer(place.nurse, case, to_role(place.doctor))
    timer = Timer.objects.get(subject="handover", subject_id=row.pk)
    assert timer.due_at == row.offered_at + timedelta(minutes=30)
    mine = Q(user_id=place.colleague.user_id, kind="handover_escalated")
    with moved(timer.due_at + timedelta(seconds=1)):
        due = [d for d in fire.find_due() if d.pk == timer.pk]
        assert [fire.fire(d) for d in due] == [True]
        assert [fire.fire(d) for d in due] == [False]
    row.refresh_from_db()
    assert row.escalated_at is not None
    assert row.escalated_at > timezone.now()
    assert Notice.objects.filter(mine).count() == 1
    assert FeedChange.objects.filter(feed=names.coordinator_feed(place.unit.pk)).exists()
    assert ChangeLog.objects.get(event="offer_escalated").data["waited_minutes"] == 30


@pytest.mark.req("HOV-09")
def test_an_accepted_offer_is_never_escalated(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    commands.receive_case(actor=place.doctor, case_id=case.public_id, key=key())
    assert not Timer.objects.filter(subject="handover", subject_id=row.pk).exists()


@pytest.mark.req("UCH-02")
def test_a_unit_with_a_pending_offer_is_not_wound_up(place: Place, case: Case) -> None:
    from direkt1177.units.leftovers import leftovers_of

    label = "handovers that nobody has accepted"
    offer(place.nurse, case, to_role(place.other_nurse))
    with override("en"):
        for unit in (place.unit, place.other):
            assert [(str(left.label), left.count) for left in leftovers_of(unit.pk) if str(left.label) == label] == [
                (label, 1)
            ]


@pytest.mark.req("SHF-05")
def test_a_role_that_lost_its_last_member_gets_nothing_at_the_end_of_the_shift(place: Place, case: Case) -> None:
    offer(place.nurse, case, to_role(place.doctor))
    Membership.objects.filter(pk=place.doctor.membership_id).update(ended_at=now())
    leave_shift(actor=place.nurse, case_pk=case.pk)
    case.refresh_from_db()
    assert (case.state, case.unit_id, case.role_id) == ("waiting", place.unit.pk, place.nurse.role_id)
    assert Handover.objects.get().state == "queued"
