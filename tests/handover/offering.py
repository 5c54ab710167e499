"""A unit with colleagues, another unit of the same provider, and what tests of offers do again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cases.locking import lock_by_pk
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import command
from direkt1177.units.clock import now
from direkt1177.units.models import Closure, Unit
from handover.models import Handover
from handover.offers import steps
from handover.offers.commands import Offered, Offering, offer_case
from handover.offers.picker import Choice
from tests import factories

TOLD = "Jag lämnar över till en läkare hos oss. Ring 1177 om du blir sämre."


@dataclass
class Place:
    """Two units of one care provider with somebody in every role that matters."""

    unit: Unit
    other: Unit
    nurse: StaffActor
    colleague: StaffActor
    doctor: StaffActor
    other_nurse: StaffActor


def make_place(**policies: Any) -> Place:
    """Fresh; a region without policies of its own but those given."""
    unit = factories.make_unit()
    other = factories.make_unit(provider=unit.provider)
    for name, value in policies.items():
        factories.set_policy(unit, name, value)
    return Place(
        unit=unit,
        other=other,
        nurse=factories.make_staff(unit),
        colleague=factories.make_staff(unit),
        doctor=factories.make_staff(unit, "doctor"),
        other_nurse=factories.make_staff(other),
    )


def to_role(actor: StaffActor) -> Choice:
    """The role of somebody, at their unit."""
    return Choice(actor.unit_id, actor.role_id, None)


def to_user(actor: StaffActor) -> Choice:
    """Somebody by name."""
    return Choice(actor.unit_id, None, actor.user_id)


def offering(to: Choice, **more: Any) -> Offering:
    """A whole form."""
    return replace(Offering(to=to, message="Svullen hals.", patient_message=TOLD, documented_first=True), **more)


def offer(actor: StaffActor, case: Case, to: Choice, **more: Any) -> Handover:
    """Offer a case; the stored row."""
    done: Offered = offer_case(
        actor=actor, case_id=case.public_id, offering=offering(to, **more), key=factories.key()
    )  # fmt: skip
    return Handover.objects.get(public_id=done.public_id)


def close(unit: Unit) -> None:
    """The unit takes no new cases today, and nobody does instead."""
    Closure.objects.create(
        unit=unit, kind=Closure.Kind.ACUTE, starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(hours=5),
        grounds=Closure.Grounds.LOAD, reason="test", manager="Ada Admin", chain=Closure.Chain.FORM_TO_OPERATOR,
        status=Closure.Status.APPROVED, requested_at=now() - timedelta(hours=1),
    )  # fmt: skip


@command
def leave_shift(*, actor: StaffActor, case_pk: int) -> Handover | None:
    """What the end of a shift does with one offered case."""
    found = lock_by_pk(case_pk)
    assert found is not None
    return steps.release_offered(found, actor=actor, at=now())
