"""Closures: the approval chains, what is refused on saving, the contact card, the record of decisions (HRS-08..18)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from direkt1177.accounts.actors import SYSTEM
from direkt1177.audit.models import ChangeLog
from direkt1177.units import changed
from direkt1177.units.branch_commands import decide_branch
from direkt1177.units.change_errors import BranchReceives
from direkt1177.units.clock import moved
from direkt1177.units.closure_commands import decide_closure, note_contact_card, request_closure
from direkt1177.units.closure_errors import (
    ActRefused,
    CardTextChanged,
    ClosureNotAhead,
    ClosureOverlaps,
    GroundsRefused,
    ReceiverNotInformed,
    ReceivesMeanwhile,
    SingleDaysOnly,
    TargetClosed,
    TargetRedirects,
    TargetRefused,
)
from direkt1177.units.closure_queries import closures_of
from direkt1177.units.closures import Act, Card
from direkt1177.units.commands import load_region
from direkt1177.units.models import CareProvider, Closure, ClosureDecision, Unit
from direkt1177.units.queries import redirect_target, route_of
from direkt1177.units.region_files import read_region_file
from direkt1177.units.routes import Why
from direkt1177.units.staffed_time import STOCKHOLM
from tests.units.conftest import Place

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=STOCKHOLM)


def at(text: str) -> datetime:
    """Local time of Stockholm."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.fixture(autouse=True)
def clock(db: None) -> Any:
    """Monday 2 March 2026, nine o'clock."""
    with moved(MONDAY):
        yield


@pytest.fixture
def other(place: Place) -> Unit:
    """A second health centre of the same region."""
    return make(place, "andra", "Andra")


def make(place: Place, slug: str, name: str) -> Unit:
    """One more health centre."""
    return Unit.objects.create(
        provider=place.centre.provider, slug=slug, name=name, type=Unit.Type.PRIMARY_CARE, hsa_id=f"SE55600-{slug}"
    )


def ask(unit: Unit, **more: Any) -> Closure:
    """Ask for a closure on Tuesday 24 March, from eight to four."""
    facts: dict[str, Any] = {
        "starts_at": at("2026-03-24 08:00"), "ends_at": at("2026-03-24 16:00"), "grounds": "exceptional",
        "reason": "Utbildning", "manager": "Vera Chef", **more,
    }  # fmt: skip
    return request_closure(actor=SYSTEM, unit_id=unit.pk, **facts)


def hold(unit: Unit, **more: Any) -> Closure:
    """A decided closure."""
    closure = ask(unit, **more)
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE, text="Ja")
    return decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)


def jonkoping() -> Place:
    """A region whose chain is a form to the operator."""
    region = load_region(actor=SYSTEM, file=read_region_file("jonkoping"))
    provider = CareProvider.objects.create(
        region=region, name="Vård i skog", organisation_number="5560000002", kind=CareProvider.Kind.PUBLIC
    )
    one, two = (
        Unit.objects.create(provider=provider, slug=slug, name=slug.title(), type="primary_care", hsa_id=f"SE-{slug}")
        for slug in ("skog", "mosse")
    )
    return Place(region, one, two, two, None)  # type: ignore[arg-type]


# --- the chain --------------------------------------------------------------------------------------------------------


@pytest.mark.req("HRS-08", "HRS-10", "ADM-05")
def test_kalmars_chain_region_first_then_order(place: Place, other: Unit) -> None:
    closure = ask(place.centre, target_id=other.pk)
    assert (closure.status, closure.unit, closure.target, closure.manager) == (
        "requested", place.centre, other, "Vera Chef",
    )  # fmt: skip
    with pytest.raises(ActRefused):
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)  # the region has not answered
    with pytest.raises(ActRefused):
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.APPROVE)  # no such step in this chain
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE, text="Ni får stänga")
    with moved(at("2026-03-24 09:00")):
        assert redirect_target(place.centre) == place.centre  # agreed is not ordered
    done = decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)
    assert done.status == "approved"
    rows = ClosureDecision.objects.filter(closure=closure)
    assert [(row.kind, row.text) for row in rows] == [
        ("requested", "Utbildning"), ("region_replied", "Ni får stänga"), ("ordered", ""),
    ]  # fmt: skip
    assert all(row.at == MONDAY and row.by_name == "system" for row in rows)
    logged = ChangeLog.objects.filter(object_type="unit", object_id=str(place.centre.pk), event__startswith="closure_")
    assert [(row.event, row.to_state) for row in logged.order_by("pk")] == [
        ("closure_requested", "requested"), ("closure_agreed", "agreed"), ("closure_ordered", "approved"),
    ]  # fmt: skip


@pytest.mark.req("HRS-10", "HRS-11")
def test_jonkopings_chain_form_to_the_operator_with_an_informed_receiver() -> None:
    place = jonkoping()
    facts: dict[str, Any] = {"grounds": "training", "ends_at": at("2026-03-26 16:00"), "target_id": place.branch.pk}
    with pytest.raises(ReceiverNotInformed):
        ask(place.centre, **facts)
    closure = ask(place.centre, **facts, receiver_informed=True)  # several days are fine here
    with pytest.raises(ActRefused):
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE)
    assert decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.APPROVE).status == "approved"
    assert ChangeLog.objects.get(event="closure_requested").data["receiver_informed"] is True


def test_a_rejected_or_cancelled_closure_never_holds_and_leaves_room(place: Place) -> None:
    no = ask(place.centre)
    assert decide_closure(actor=SYSTEM, closure_id=no.pk, act=Act.REJECT, text="Vintersjuka").status == "rejected"
    taken_back = hold(place.centre)
    decide_closure(actor=SYSTEM, closure_id=taken_back.pk, act=Act.CANCEL, text="Kursen ställdes in")
    hold(place.centre)
    for closure, act in ((no, Act.AGREE), (taken_back, Act.ORDER), (taken_back, Act.CANCEL)):
        with pytest.raises(ActRefused):
            decide_closure(actor=SYSTEM, closure_id=closure.pk, act=act)


@pytest.mark.req("HRS-09")
@pytest.mark.parametrize(("day", "soon"), [("2026-03-22", True), ("2026-03-23", False)])
def test_the_lead_time_warns_and_does_not_block(place: Place, day: str, soon: bool) -> None:
    ask(place.centre, starts_at=at(f"{day} 00:00"), ends_at=at(f"{day} 12:00"))
    (shown,) = closures_of([place.centre.pk])
    assert shown.soon is soon


def test_decisions_are_only_added_to(place: Place) -> None:
    ask(place.centre)
    with pytest.raises(DatabaseError), transaction.atomic():
        ClosureDecision.objects.update(text="annat")
    with pytest.raises(DatabaseError), transaction.atomic():
        ClosureDecision.objects.all().delete()


# --- what is refused on saving ----------------------------------------------------------------------------------------


@pytest.mark.req("HRS-11")
def test_grounds_and_single_days_follow_the_region(place: Place) -> None:
    with pytest.raises(GroundsRefused):
        ask(place.centre, grounds="training")
    with pytest.raises(SingleDaysOnly):
        ask(place.centre, ends_at=at("2026-03-25 00:30"))
    ask(place.centre, starts_at=at("2026-03-24 00:00"), ends_at=at("2026-03-25 00:00"))  # a whole day is one day


def test_it_begins_from_now_on_and_ends_later(place: Place) -> None:
    for starts, ends in (("2026-03-02 08:59", "2026-03-02 16:00"), ("2026-03-24 16:00", "2026-03-24 16:00")):
        with pytest.raises(ClosureNotAhead):
            ask(place.centre, starts_at=at(starts), ends_at=at(ends))


@pytest.mark.req("HRS-12")
def test_overlaps_loops_and_closed_targets_are_refused(place: Place, other: Unit) -> None:
    third = make(place, "tredje", "Tredje")
    hold(place.centre, target_id=other.pk)
    with pytest.raises(ClosureOverlaps) as overlap:
        ask(place.centre, starts_at=at("2026-03-24 15:59"), ends_at=at("2026-03-24 18:00"))
    assert "24 mars 2026" in str(overlap.value.message)
    with pytest.raises(ReceivesMeanwhile):  # the loop of two, and any other closure of a receiving unit
        ask(other, target_id=place.centre.pk)
    with pytest.raises(ReceivesMeanwhile):
        ask(other, ends_at=at("2026-03-24 08:01"))
    with pytest.raises(TargetClosed):
        ask(third, target_id=place.centre.pk)
    for target in (third.pk, place.rehab.pk):
        with pytest.raises(TargetRefused):
            ask(third, target_id=target)
    with pytest.raises(TargetRedirects):
        ask(third, target_id=place.branch.pk)  # the branch sends its cases to the centre
    # Side by side, without a common moment, all of it fits.
    ask(place.centre, starts_at=at("2026-03-24 16:00"), ends_at=at("2026-03-24 18:00"))
    ask(other, starts_at=at("2026-03-25 08:00"), ends_at=at("2026-03-25 16:00"), target_id=third.pk)


def test_a_target_of_another_region_or_out_of_use_is_refused(place: Place, other: Unit) -> None:
    with pytest.raises(TargetRefused):
        ask(place.centre, target_id=jonkoping().centre.pk)
    Unit.objects.filter(pk=other.pk).update(active=False)
    with pytest.raises(TargetRefused):
        ask(place.centre, target_id=other.pk)


def test_the_places_are_checked_again_when_it_begins_to_hold(place: Place, other: Unit) -> None:
    closure = ask(place.centre, target_id=other.pk)
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE)
    Unit.objects.filter(pk=other.pk).update(active=False)
    with pytest.raises(TargetRefused):
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)
    assert Closure.objects.get().status == "agreed"


def test_the_database_holds_no_overlap_even_without_the_command(place: Place) -> None:
    closure = ask(place.centre)
    closure.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        closure.save(force_insert=True)


@pytest.mark.req("ORG-21")
def test_a_branch_that_receives_cannot_be_decided_to_send_on(place: Place, other: Unit) -> None:
    today = date(2026, 3, 2)
    facts: dict[str, Any] = {"unit_id": place.branch.pk, "decided_by": "Vera Chef", "decided_on": today}
    decide_branch(actor=SYSTEM, own_cases=True, valid_from=today, condition="Sjuksköterska varje dag", **facts)
    hold(other, target_id=place.branch.pk)
    with pytest.raises(BranchReceives):
        decide_branch(actor=SYSTEM, own_cases=False, valid_from=date(2026, 3, 24), **facts)
    decide_branch(actor=SYSTEM, own_cases=False, valid_from=date(2026, 3, 25), **facts)
    with pytest.raises(TargetRedirects):  # the decision to come counts for days to come
        ask(place.rehab, starts_at=at("2026-03-26 08:00"), ends_at=at("2026-03-26 16:00"), target_id=place.branch.pk)


# --- time decides -----------------------------------------------------------------------------------------------------


@pytest.mark.req("HRS-12", "ORG-21")
def test_cases_go_to_the_target_for_exactly_the_interval_and_then_revert(place: Place, other: Unit) -> None:
    closure = hold(place.centre, target_id=other.pk)
    for moment, target in (
        (closure.starts_at - timedelta(microseconds=1), place.centre),
        (closure.starts_at, other),
        (closure.ends_at - timedelta(microseconds=1), other),
        (closure.ends_at, place.centre),
    ):
        assert redirect_target(place.centre, moment) == target
        assert redirect_target(place.branch, moment) == target  # the branch follows its health centre
    route = route_of(place.branch, closure.starts_at)
    assert [(step.why, step.unit, step.to) for step in route.steps] == [
        (Why.BRANCH, place.branch, place.centre), (Why.CLOSURE, place.centre, other),
    ]  # fmt: skip


@pytest.mark.req("HRS-15")
def test_opening_again_earlier_ends_the_closure_now(place: Place, other: Unit) -> None:
    closure = hold(place.centre, target_id=other.pk)
    with moved(at("2026-03-24 11:00")):
        assert redirect_target(place.centre) == other
        with pytest.raises(ActRefused):
            decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.CANCEL)  # it has begun
        decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.REOPEN, text="Kursen blev kort")
        assert redirect_target(place.centre) == place.centre
        with pytest.raises(ActRefused):
            decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.REOPEN)
    assert Closure.objects.get(pk=closure.pk).ends_at == at("2026-03-24 11:00")


# --- the contact card -------------------------------------------------------------------------------------------------


@pytest.mark.req("HRS-13")
def test_the_text_of_the_contact_card_and_the_warning_until_it_stands_there(place: Place, other: Unit) -> None:
    other.phone = "0480-00 00 02"
    other.save()
    closure = ask(place.centre, target_id=other.pk)

    def shown() -> Any:
        return closures_of([place.centre.pk])[0]

    assert shown().card is Card.NOTHING  # nothing is decided
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.AGREE)
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.ORDER)
    assert shown().card is Card.TO_PUBLISH
    assert shown().text == (
        "Exempelby är stängd i Direktvården tisdag 24 mars 2026 kl. 08.00–16.00. Andra ansvarar under tiden och tar "
        "emot nya ärenden. Telefon: 0480-00 00 02. Vi svarar igen onsdag 25 mars kl. 08.00. Ärenden som redan pågår "
        "påverkas inte."
    )
    with pytest.raises(CardTextChanged):
        note_contact_card(actor=SYSTEM, closure_id=closure.pk, act=Act.PUBLISH, text="En gammal text")
    note_contact_card(actor=SYSTEM, closure_id=closure.pk, act=Act.PUBLISH, text=shown().text)
    assert shown().card is Card.PUBLISHED
    with pytest.raises(ActRefused):
        note_contact_card(actor=SYSTEM, closure_id=closure.pk, act=Act.PUBLISH, text=shown().text)
    published = ClosureDecision.objects.get(closure=closure, kind="published")
    assert (published.text, published.at) == (shown().text, MONDAY)
    other.phone = "0480-00 00 99"  # the text changes: the card is to be written again
    other.save()
    assert shown().card is Card.TO_PUBLISH
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.CANCEL)
    assert (shown().card, shown().text) == (Card.TO_WITHDRAW, published.text)
    note_contact_card(actor=SYSTEM, closure_id=closure.pk, act=Act.WITHDRAW, text="")
    assert shown().card is Card.NOTHING


def test_the_text_without_receiving_unit_says_what_to_do(place: Place) -> None:
    hold(place.centre)
    (shown,) = closures_of([place.centre.pk])
    assert "Ring 1177 för råd, dygnet runt." in shown.text


def test_after_the_closure_the_text_is_to_be_taken_off(place: Place) -> None:
    closure = hold(place.centre)
    text = closures_of([place.centre.pk])[0].text
    note_contact_card(actor=SYSTEM, closure_id=closure.pk, act=Act.PUBLISH, text=text)
    with moved(closure.ends_at):
        (shown,) = closures_of([place.centre.pk])
        assert (shown.card, shown.acts, shown.past) == (Card.TO_WITHDRAW, (Act.WITHDRAW,), True)


# --- others hear of it ------------------------------------------------------------------------------------------------


@pytest.fixture
def heard() -> Any:
    """Unit ids that a listener is told of."""
    told: list[frozenset[int]] = []
    changed.register(told.append)
    yield told
    changed._listeners.remove(told.append)


def test_apps_above_hear_of_every_change_in_the_same_transaction(
    place: Place, other: Unit, heard: list[frozenset[int]]
) -> None:
    closure = hold(place.centre, target_id=other.pk)
    assert heard == [frozenset({place.centre.pk})] * 3
    decide_closure(actor=SYSTEM, closure_id=closure.pk, act=Act.CANCEL)
    assert len(heard) == 4


def test_a_listener_that_fails_undoes_the_command(place: Place) -> None:
    def fail(_units: frozenset[int]) -> None:
        raise ZeroDivisionError

    changed.register(fail)
    try:
        with pytest.raises(ZeroDivisionError):
            ask(place.centre)
    finally:
        changed._listeners.remove(fail)
    assert not Closure.objects.exists()
