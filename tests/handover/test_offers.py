"""Offering, taking, withdrawing, declining: what each does and refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cases import access, commands, queries
from cases import names as case_names
from cases.errors import CaseTaken, HeldByColleague, NotHolder, OfferGone, OfferPending, OwnOffer, ShiftEnded
from cases.models import Case, Message
from direkt1177.accounts.models import Membership, Shift
from direkt1177.audit.models import ChangeLog
from direkt1177.audit.refusals import KeyReused, NotFound, Refusal
from direkt1177.realtime.models import FeedChange
from direkt1177.units.clock import now
from handover import names
from handover.models import Handover, Notice, Timer
from handover.offers import commands as offers
from handover.offers import errors
from handover.offers.picker import Choice
from handover.offers.queries import for_desk, of_giver, pending_by
from tests import factories
from tests.factories import key, make_started_case
from tests.handover.offering import TOLD, Place, close, make_place, offer, offering, to_role, to_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Place:
    """Two units; a colleague may be chosen by name."""
    return make_place(handover_target=["role", "signed_in_colleague"])


@pytest.fixture
def case(place: Place) -> Case:
    """A started visit of the nurse."""
    return make_started_case(place.nurse)


@pytest.mark.req("HOV-01", "HOV-04", "HOV-08", "CAS-14", "CHT-22")
def test_the_giver_holds_and_answers_until_somebody_accepts(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor), urgency=2)
    case.refresh_from_db()
    assert (case.state, case.holder_id, case.offered_role_id) == ("started", place.nurse.user_id, place.doctor.role_id)
    assert (row.state, row.old_urgency, row.urgency, row.message) == ("pending", 3, 2, "Svullen hals.")
    assert [r.public_id for r in queries.queue_rows(place.unit.pk, place.doctor.role_id).rows] == [case.public_id]
    told = Message.objects.get(case=case, seq=row.patient_told_seq or 0)
    assert (told.text, told.author_key) == (TOLD, place.nurse.key)
    commands.send_message(actor=place.nurse, case_id=case.public_id, client_id=key(), text="Jag är kvar här.")
    assert case.public_id in [r.public_id for r in queries.own_cases(place.nurse)]
    assert access.basis_for(place.colleague, Case.objects.get(pk=case.pk)) == "queue_other_role", "a preview at most"


@pytest.mark.req("HOV-02", "HOV-08")
def test_take_is_the_acceptance_and_moves_case_and_chat_at_once(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    before = Message.objects.filter(case=case).count()
    commands.receive_case(actor=place.doctor, case_id=case.public_id, key=key())
    case.refresh_from_db()
    row.refresh_from_db()
    assert (case.state, case.holder_id, case.role_id) == ("started", place.doctor.user_id, place.doctor.role_id)
    assert case.offered_at is None
    assert (row.state, row.decided_by_id) == ("accepted", place.doctor.user_id)
    assert Message.objects.filter(case=case).count() == before
    commands.send_message(actor=place.doctor, case_id=case.public_id, client_id=key(), text="Hej, jag tar över.")
    with pytest.raises((HeldByColleague, NotHolder)):
        commands.send_message(actor=place.nurse, case_id=case.public_id, client_id=key(), text="Hej")
    assert Notice.objects.filter(user_id=place.nurse.user_id, kind="handover_accepted").exists()
    assert Notice.objects.get(user_id=place.doctor.user_id, kind="handover_offered").seen_at is not None


@pytest.mark.req("HOV-12", "HOV-14", "ORG-20")
def test_another_unit_takes_case_chat_and_anamnesis(place: Place, case: Case) -> None:
    offer(place.nurse, case, to_role(place.other_nurse))
    assert [r.public_id for r in queries.queue_rows(place.other.pk, place.other_nurse.role_id).rows] == [case.public_id]
    commands.receive_case(actor=place.other_nurse, case_id=case.public_id, key=key())
    case.refresh_from_db()
    assert (case.unit_id, case.holder_id) == (place.other.pk, place.other_nurse.user_id)
    opened = access.open_case(actor=place.other_nurse, public_id=case.public_id)
    assert opened.works
    assert TOLD in [m.text for m in queries.timeline(opened.case)]
    assert case.free_text == Case.objects.get(pk=case.pk).free_text


@pytest.mark.req("HOV-15")
def test_the_giver_loses_the_patient_when_another_unit_accepts(place: Place, case: Case) -> None:
    offer(place.nurse, case, to_role(place.other_nurse))
    commands.receive_case(actor=place.other_nurse, case_id=case.public_id, key=key())
    with pytest.raises(NotFound):
        access.open_case(actor=place.nurse, public_id=case.public_id)
    assert FeedChange.objects.filter(feed=case_names.me_feed(place.nurse.key), object="authz").exists()


@pytest.mark.req("HOV-15")
def test_where_the_region_says_so_the_giver_reads_on_without_working() -> None:
    place = make_place(giver_access_after_acceptance="read")
    case = make_started_case(place.nurse)
    offer(place.nurse, case, to_role(place.other_nurse), documented_first=False)
    commands.receive_case(actor=place.other_nurse, case_id=case.public_id, key=key())
    opened = access.open_case(actor=place.nurse, public_id=case.public_id)
    assert (opened.basis, opened.works) == ("giver", False)


@pytest.mark.req("HOV-05", "HOV-07")
def test_the_receiver_is_told_and_finds_it_by_urgency_then_arrival(place: Place) -> None:
    later = make_started_case(place.nurse, urgency=3)
    urgent = make_started_case(place.nurse, urgency=2)
    first = make_started_case(place.nurse, urgency=3)
    Case.objects.filter(pk=first.pk).update(arrived_at=later.arrived_at - timedelta(minutes=5))
    for one in (later, urgent, first):
        offer(place.nurse, one, to_role(place.doctor))
    rows = for_desk(place.doctor)
    assert [r.handover.case_id for r in rows] == [urgent.pk, first.pk, later.pk]
    assert Notice.objects.filter(user_id=place.doctor.user_id, kind="handover_offered").count() == 3
    desk = names.desk_feed(place.unit.pk, place.doctor.role_id)
    assert FeedChange.objects.filter(feed=desk, object=names.OFFERS).count() >= 3
    assert for_desk(place.colleague) == []


@pytest.mark.req("HOV-03")
def test_a_named_colleague_alone_sees_and_takes_it(place: Place, case: Case) -> None:
    offer(place.nurse, case, to_user(place.doctor))
    assert [r.to_me for r in for_desk(place.doctor)] == [True]
    assert queries.queue_rows(place.unit.pk, place.doctor.role_id).rows == []
    other_doctor = factories.make_staff(place.unit, "doctor")
    assert for_desk(other_doctor) == []
    with pytest.raises(CaseTaken):
        commands.receive_case(actor=other_doctor, case_id=case.public_id, key=key())
    commands.receive_case(actor=place.doctor, case_id=case.public_id, key=key())
    assert Case.objects.get(pk=case.pk).holder_id == place.doctor.user_id


@pytest.mark.req("HOV-01", "ORG-24")
def test_withdrawing_leaves_everything_as_it_was(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    assert [r.handover.pk for r in of_giver(place.nurse)] == [row.pk]
    assert [h.pk for h in pending_by(place.nurse.user_id, place.unit.pk)] == [row.pk]
    offers.withdraw_offer(actor=place.nurse, offer_id=row.public_id, key=key())
    case.refresh_from_db()
    assert (case.offered_at, case.holder_id) == (None, place.nurse.user_id)
    assert queries.queue_rows(place.unit.pk, place.doctor.role_id).rows == []
    assert of_giver(place.nurse) == []
    with pytest.raises(OfferGone):
        commands.receive_case(
            actor=place.doctor, case_id=case.public_id, key=key(), giver_id=place.nurse.user_id
        )  # fmt: skip
    with pytest.raises(errors.NoOffer) as over:
        offers.withdraw_offer(actor=place.nurse, offer_id=row.public_id, key=key())
    assert place.nurse.name in str(over.value.message)
    assert not Timer.objects.filter(subject="handover", subject_id=row.pk).exists()


def test_declining_needs_a_reason_and_tells_the_giver(place: Place, case: Case) -> None:
    row = offer(place.nurse, case, to_role(place.doctor))
    with pytest.raises(errors.ReasonMissing):
        offers.decline_offer(actor=place.doctor, offer_id=row.public_id, reason="  ", key=key())
    with pytest.raises(errors.NotYourOffer):
        offers.decline_offer(actor=place.colleague, offer_id=row.public_id, reason="Nej", key=key())
    offers.decline_offer(actor=place.doctor, offer_id=row.public_id, reason="Hör till rehab", key=key())
    row.refresh_from_db()
    assert (row.state, row.reason) == ("declined", "Hör till rehab")
    assert Case.objects.get(pk=case.pk).offered_at is None
    assert Notice.objects.filter(user_id=place.nurse.user_id, kind="handover_declined").exists()
    log = ChangeLog.objects.get(event="offer_declined")
    assert "rehab" not in str(log.data), "the log carries facts, never words"
    with pytest.raises(errors.NoOffer):
        offers.decline_offer(actor=place.doctor, offer_id=row.public_id, reason="Igen", key=key())


@pytest.mark.req("CAS-21")
def test_a_misdirected_case_is_passed_on_with_a_reason_and_counted(place: Place, case: Case) -> None:
    with pytest.raises(errors.ReasonMissing):
        offer(place.nurse, case, to_role(place.other_nurse), message=" ", misdirected=True)
    commands.send_message(actor=place.nurse, case_id=case.public_id, client_id=key(), text="Det här hör till en annan.")
    row = offer(place.nurse, case, to_role(place.other_nurse), message="Listad där.", misdirected=True)
    assert row.misdirected
    assert ChangeLog.objects.get(event="case_offered").data["misdirected"] is True


@pytest.mark.parametrize(
    ("to", "refusal"),
    [
        ("self", errors.OfferToSelf),
        ("nobody", errors.NobodyHasRole),
        ("closed", errors.ReceiverClosed),
        ("other provider", errors.TicketInstead),
        ("off duty", errors.ColleagueNotOffered),
        ("nowhere", errors.NoReceiver),
        ("no role", errors.NoReceiver),
        ("doctor elsewhere", errors.RoleNotOffered),
    ],
)
def test_receivers_that_cannot_be(place: Place, case: Case, to: str, refusal: type[Refusal]) -> None:
    stranger = factories.make_staff(factories.make_unit(region=place.unit.provider.region))
    choices = {
        "self": to_user(place.nurse),
        "nobody": Choice(place.unit.pk, factories.make_role("physiotherapist").pk, None),
        "closed": to_role(place.other_nurse),
        "other provider": to_role(stranger),
        "off duty": to_user(factories.make_staff(place.unit, on_shift=False)),
        "nowhere": Choice(987654, place.nurse.role_id, None),
        "no role": Choice(place.unit.pk, 987654, None),
        "doctor elsewhere": to_role(factories.make_staff(place.other, "doctor")),
    }
    if to == "closed":
        close(place.other)
    with pytest.raises(refusal) as refused:
        offer(place.nurse, case, choices[to])
    assert str(refused.value.message)
    assert not Handover.objects.exists()
    assert Message.objects.filter(case=case, text=TOLD).count() == 0, "nothing half done"


def test_own_role_needs_somebody_else_in_it() -> None:
    place = make_place()
    case = make_started_case(place.nurse)
    offer(place.nurse, case, to_role(place.nurse))
    Membership.objects.filter(pk=place.colleague.membership_id).update(ended_at=now())
    other = make_started_case(place.nurse)
    with pytest.raises(errors.OnlyYou):
        offer(place.nurse, other, to_role(place.nurse))


@pytest.mark.req("HOV-15", "CAS-14")
def test_words_and_note_first(place: Place, case: Case) -> None:
    with pytest.raises(errors.PatientNotTold):
        offer(place.nurse, case, to_role(place.doctor), patient_message="  ")
    with pytest.raises(errors.NotDocumented):
        offer(place.nurse, case, to_role(place.other_nurse), documented_first=False)
    with pytest.raises(errors.MessageLong):
        offer(place.nurse, case, to_role(place.doctor), message="x" * 2001)
    assert offer(place.nurse, case, to_role(place.doctor), documented_first=False).state == "pending"


@pytest.mark.req("CAS-14")
def test_where_the_patient_should_be_told_it_may_be_left_out() -> None:
    place = make_place(inform_patient_on_handover="should")
    case = make_started_case(place.nurse)
    row = offer(place.nurse, case, to_role(place.doctor), patient_message="")
    assert row.patient_told_seq is None
    assert ChangeLog.objects.get(event="case_offered").data["patient_told"] is False


def test_what_cannot_be_offered(place: Place, case: Case) -> None:
    received = factories.make_received_case(place.nurse)
    with pytest.raises(errors.VisitNotBegun):
        offer(place.nurse, received, to_role(place.doctor))
    with pytest.raises(NotHolder):
        offer(place.nurse, factories.make_case(place.unit), to_role(place.doctor))
    with pytest.raises(HeldByColleague):
        offer(place.colleague, case, to_role(place.doctor))
    offer(place.nurse, case, to_role(place.doctor))
    with pytest.raises(OfferPending):
        offer(place.nurse, case, to_role(place.colleague))
    with pytest.raises(OfferPending):
        commands.close_visit(actor=place.nurse, case_id=case.public_id, follow_up_days=0, key=key())
    with pytest.raises(OwnOffer):
        commands.receive_case(actor=place.nurse, case_id=case.public_id, key=key())
    with pytest.raises(NotFound):
        offers.withdraw_offer(actor=place.other_nurse, offer_id=Handover.objects.get().public_id, key=key())
    Shift.objects.filter(user_id=place.colleague.user_id).update(ended_at=now())
    with pytest.raises(ShiftEnded):
        offer(place.colleague, make_started_case(factories.make_staff(place.unit)), to_role(place.doctor))


def test_same_key_same_offer(place: Place, case: Case) -> None:
    token, form = key(), offering(to_role(place.doctor))
    first = offers.offer_case(actor=place.nurse, case_id=case.public_id, offering=form, key=token)
    assert offers.offer_case(actor=place.nurse, case_id=case.public_id, offering=form, key=token) == first
    with pytest.raises(KeyReused):
        offers.offer_case(
            actor=place.nurse, case_id=case.public_id, offering=offering(to_role(place.colleague)), key=token
        )
    assert Message.objects.filter(case=case, text=TOLD).count() == 1
