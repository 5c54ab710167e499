"""Parts of letting a case go that several commands share; the case is locked, the command records nothing more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cases import rules as case_rules
from cases import steps as case_steps
from cases.models import Case, Message
from cases.states import HELD_STATES, CaseState
from direkt1177.accounts.actors import SYSTEM, ManageActor, StaffActor, SystemActor
from direkt1177.accounts.models import Membership
from direkt1177.audit.record import record
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from handover.notices.steps import notify
from handover.offers.steps import end_offer
from handover.shifts.events import CaseLeftBehind, LeftHolder

Anybody = StaffActor | ManageActor | SystemActor
_READS_FOR_ALL = "nurse"


def let_go(
    case: Case, *, actor: Anybody, at: datetime, event: type[LeftHolder], notice: str = "released", **facts: object
) -> bool:
    """The case leaves its holder for its role's queue, *utan ägare*; holder and patient are told by fixed words.

    Drafts, note and chat stay with the case: whoever takes it goes on where it was.

    Args:
        case: locked.
        actor: who brings it about.
        at: moment.
        event: what it is recorded as.
        notice: kind of the notice to the holder.
        facts: for the audit row.

    Returns:
        False when nobody holds it.
    """
    giver = case.holder_id
    if giver is None or case.state not in HELD_STATES:
        return False
    end_offer(case, actor=_recorded(actor), at=at)
    role_id = queue_role_of(case)
    before = case_steps.release_case(case, unit_id=case.unit_id, role_id=role_id, at=at, ownerless=True)
    record(event.by(case, giver_id=giver, from_state=before, **facts), actor=actor)
    key = f"{event.code}:{case.public_id}:{case.version}"
    notify(kind=notice, key=key, unit_id=case.unit_id, users=[giver], case=case)
    notify(kind="ownerless", key=key, unit_id=case.unit_id, coordinators=case.unit_id, case=case)
    tell_released(case, at=at)
    return True


def tell_released(case: Case, *, at: datetime) -> None:
    """Words to the patient that somebody else goes on; only where the chat is open to them."""
    if not case_rules.may_write_in(case, at):
        return
    unit = Unit.objects.select_related("provider__region").get(pk=case.unit_id)
    case_steps.tell_patient(
        case,
        actor=SYSTEM,
        text=policy(unit).released_text,
        client_id=f"released-{case.version}",
        kind=Message.Kind.NOTICE,
    )


def queue_role_of(case: Case) -> int:
    """The role to whose queue a held case goes: its holder's, its own, or the first that somebody still holds there."""
    wanted = [pk for pk in (case.holder_role_id, case.role_id) if pk is not None]
    members = Membership.objects.filter(unit_id=case.unit_id, ended_at__isnull=True, user__is_active=True)
    held = set(members.values_list("role_id", flat=True))
    for role_id in wanted:
        if role_id in held:
            return role_id
    roles = CareRole.objects.filter(pk__in=held).order_by("order", "pk")
    nurse = roles.filter(code=_READS_FOR_ALL).first() or roles.first()
    return nurse.pk if nurse is not None else wanted[0]


def let_go_all(*, user_id: int, unit_ids: Iterable[int] | None, actor: Anybody, at: datetime, why: str) -> list[Case]:
    """Everything a user holds, whose account or role has ended: to the roles' queues, in order of primary key.

    Args:
        user_id: who held them.
        unit_ids: only at these units; None for all.
        actor: who ended the role, shift or account.
        at: moment.
        why: a word for the audit row.
    """
    held = Case.objects.filter(holder_id=user_id, state__in=[*HELD_STATES])
    if unit_ids is not None:
        held = held.filter(unit_id__in=list(unit_ids))
    locked = held.select_for_update(of=("self",), no_key=True).select_related("patient").order_by("pk")
    return [case for case in locked if let_go(case, actor=actor, at=at, event=CaseLeftBehind, why=why)]


def is_ongoing(case: Case) -> bool:
    """A visit that goes on between two people who may both write: received or started (NOT-08)."""
    return case.state in (CaseState.RECEIVED, CaseState.STARTED)


def _recorded(actor: Anybody) -> StaffActor | SystemActor:
    """Offers know staff with a unit and the system; an administrator without a unit counts as the latter."""
    return actor if isinstance(actor, StaffActor | SystemActor) else SYSTEM
