"""Search, open with a reason, ask for a case, review: one durable transaction each."""

from __future__ import annotations

from uuid import UUID

from cases import access as case_access
from cases import steps
from cases.errors import HeldByColleague
from cases.finding import access, rules
from cases.finding.errors import NotHeldNow, OpensAnyway, OwnOpening, ReasonMissing
from cases.finding.events import (
    CaseOpened,
    DayReviewed,
    EmergencyOpened,
    FoundCaseOpened,
    HandoverAsked,
    OpeningReviewed,
)
from cases.finding.models import DayCheck, Opening, Search
from cases.locking import lock_case
from cases.models import Case
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.read_log import log_read
from direkt1177.audit.record import command, record
from direkt1177.audit.refusals import NotFound
from direkt1177.residents.models import Person
from direkt1177.residents.queries import today
from direkt1177.units.clock import now


@command
def search_patient(*, actor: StaffActor, personal_number: str, purpose: str, other: str = "") -> UUID:
    """Search by a full personal identity number with a purpose; logged whether anybody is found or not (QUE-21).

    Args:
        actor: who searches.
        personal_number: twelve digits, checked; stored nowhere.
        purpose: of ``Search.Purpose``.
        other: the purpose in own words, when it is another.

    Returns:
        Public id of the search, under which the result is shown for ``rules.SEARCH_LASTS``.
    """
    person = Person.objects.select_related("listed_unit").filter(personal_number=personal_number).first()
    if person is not None and not access.may_be_shown(actor, person):
        person = None  # only another care provider knows them: as if nobody did
    search = Search.objects.create(
        user_id=actor.user_id, unit_id=actor.unit_id, purpose=purpose, other=other, person=person, at=now()
    )
    log_read(
        actor=actor,
        action="search",
        object_type="search",
        object_id=str(search.public_id),
        patients=[person.pk] if person else [],
        basis="search",
        reason=other or search.get_purpose_display(),
    )
    return search.public_id


@command
def open_found(*, actor: StaffActor, case_id: UUID, reason: str, key: str) -> None:
    """Open one visit of a patient searched for or cared for, by an active choice: read only, for a limited time.

    Args:
        actor: who opens it.
        case_id: a visit at another unit of the same care provider, or one at the own unit that colleagues have closed.
        reason: why; stands in the read log.
        key: idempotency key.

    Raises:
        NotFound: absent, another provider's, or of a patient whom the actor neither searched for lately nor cares for.
        HeldByColleague: held at the own unit.
        OpensAnyway: no reason is needed.
        ReasonMissing: no reason.
    """
    case = lock_case(case_id)
    # Sent again, or asked for longer: as the first time.
    if access.openable(actor, case) not in ("", Opening.Kind.SEARCH):
        raise OpensAnyway
    _open(actor, case, Opening.Kind.SEARCH, FoundCaseOpened, reason, key)


@command
def open_emergency(*, actor: StaffActor, case_id: UUID, reason: str, key: str) -> None:
    """*Nödöppning*: read a case that a colleague at the unit holds; the holder is told and the coordinator reviews.

    Args:
        actor: at the unit of the case.
        case_id: held by a colleague.
        reason: why; stands in the read log and the list for review.
        key: idempotency key.

    Raises:
        NotFound: absent or forbidden.
        NotHeldNow: no colleague holds it.
        ReasonMissing: no reason.
    """
    case = lock_case(case_id)
    _held_by_colleague(actor, case)
    _open(actor, case, Opening.Kind.EMERGENCY, EmergencyOpened, reason, key)


@command
def ask_handover(*, actor: StaffActor, case_id: UUID) -> None:
    """*Be om överlämning*: the holder gets a notice with a link; twice within the hour is one notice.

    Raises:
        NotFound: absent or forbidden.
        NotHeldNow: no colleague holds it.
    """
    case = lock_case(case_id)
    _held_by_colleague(actor, case)
    record(HandoverAsked.of(case, from_state=case.state), actor=actor)


@command
def review_opening(*, actor: StaffActor, opening_id: UUID) -> None:
    """A coordinator has looked at an emergency opening; marking it twice changes nothing.

    Raises:
        NotFound: absent, another unit's, or the actor is not coordinator.
        OwnOpening: the actor's own.
    """
    opening = (
        Opening.objects.select_for_update(of=("self",), no_key=True)
        .select_related("case")
        .filter(public_id=opening_id, unit_id=actor.unit_id, kind=Opening.Kind.EMERGENCY)
        .first()
    )
    if opening is None or not access.is_coordinator(actor):
        raise NotFound
    if opening.user_id == actor.user_id:
        raise OwnOpening
    if opening.reviewed_at is not None:
        return
    opening.reviewed_by_id, opening.reviewed_at = actor.user_id, now()
    opening.save(update_fields=["reviewed_by", "reviewed_at"])
    record(OpeningReviewed(opening.public_id, opening.case.patient_id), actor=actor)


@command
def review_today(*, actor: StaffActor, key: str) -> None:
    """*Markera som genomgången*: the actor has looked through today's list of the unit (QUE-12)."""
    day = today()

    def check() -> dict[str, str]:
        DayCheck.objects.create(unit_id=actor.unit_id, user_id=actor.user_id, day=day, at=now())
        record(DayReviewed(actor.unit_id, day), actor=actor)
        return {"day": day.isoformat()}

    once(actor=actor, key=key, command="review_today", body={"day": day.isoformat()}, do=check)


def _held_by_colleague(actor: StaffActor, case: Case) -> None:
    try:
        basis = case_access.basis_for(actor, case)
    except HeldByColleague:
        return
    if basis != Opening.Kind.EMERGENCY:
        raise NotHeldNow


def _open(actor: StaffActor, case: Case, kind: Opening.Kind, event: type[CaseOpened], reason: str, key: str) -> None:
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissing

    def do() -> dict[str, str]:
        at = now()
        reader = steps.grant_reading(
            case, basis=kind.value, unit_id=actor.unit_id, user_id=actor.user_id, role_id=None, at=at
        )
        steps.end_reading([reader.pk], at=at + rules.READING_LASTS)
        opening = Opening.objects.create(
            kind=kind,
            case=case,
            reader=reader,
            user_id=actor.user_id,
            unit_id=actor.unit_id,
            holder_id=case.holder_id,
            reason=reason,
            since=at,
            until=at + rules.READING_LASTS,
        )
        log_read(
            actor=actor,
            action="open",
            object_type="case",
            object_id=str(case.public_id),
            patients=[case.patient_id],
            basis=kind.value,
            reason=reason,
        )
        record(event.of(case, from_state=case.state, opening_id=opening.public_id), actor=actor)
        return {"opening": str(opening.public_id)}

    once(actor=actor, key=key, command=f"open_{kind.value}", body={"case": str(case.public_id)}, do=do)
