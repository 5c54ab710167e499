"""Before the service closes: tell patients, and *Jag fortsätter* (HRS-05, SHF-08)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from cases import rules as case_rules
from cases import steps as case_steps
from cases.access import parse_id
from cases.models import Case, Message
from direkt1177.accounts.actors import SYSTEM, StaffActor
from direkt1177.audit.idempotency import once
from direkt1177.audit.record import command, record
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy
from direkt1177.units.staffed_time import is_staffed
from handover.models import Notice
from handover.notices.steps import settle
from handover.shifts import words
from handover.shifts.closing_rules import ACTIVE, last_closing, next_closing, stamp_of
from handover.shifts.errors import NothingCloses
from handover.shifts.events import ClosingTold, HolderGoesOn, HolderWrites
from handover.shifts.overseers import COORDINATOR
from handover.shifts.queries import RETURNING


@command
def tell_closing(*, actor: StaffActor, case_ids: Iterable[UUID | str], key: str) -> int:
    """Put the unit's ready text into the chats of ongoing visits: when somebody answers again (HRS-05).

    The holder writes under their own name; a coordinator tells others' patients in the service's name. Who has been
    told today already, or is no longer there to be told, is passed by.

    Args:
        actor: holder or coordinator at the unit.
        case_ids: public ids.
        key: idempotency key.

    Returns:
        How many were told.

    Raises:
        NothingCloses: the unit is staffed day and night.
    """
    wanted = sorted({str(parse_id(one)) for one in case_ids})

    def do() -> dict[str, Any]:
        at = now()
        unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
        cases = Case.objects.filter(public_id__in=wanted, unit_id=unit.pk).order_by("pk")
        locked = cases.select_for_update(of=("self",), no_key=True).select_related("patient")
        results = [_tell(case, actor, unit, at) for case in locked]
        # One role that never closes does not keep the others' patients from being told.
        if None in results and True not in results:
            raise NothingCloses
        return {"told": results.count(True)}

    return int(once(actor=actor, key=key, command="tell_closing", body={"cases": wanted}, do=do)["told"])


def _tell(case: Case, actor: StaffActor, unit: Unit, at: Any) -> bool | None:
    """Whether the patient was told now; None where the role never closes."""
    mine = case.holder_id == actor.user_id
    if not mine and COORDINATOR not in actor.permissions:
        return False
    if not case_rules.may_write_in(case, at) or case.closed_at is not None:
        return False
    if case.told_closing_at is not None and case.told_closing_at >= words.midnight(at):
        return False
    text = words.closing_text(policy(unit), calendar_for(unit, case.role_id), at)
    if text is None:
        return None
    case_steps.tell_patient(
        case,
        actor=actor if mine else SYSTEM,
        text=text,
        client_id=f"closing-{words.midnight(at):%Y-%m-%d}",
        kind=Message.Kind.TEXT if mine else Message.Kind.NOTICE,
    )
    case.told_closing_at = at
    case.save(update_fields=["told_closing_at"])
    record(ClosingTold.of(case, from_state=case.state, data={"mine": mine}), actor=actor)
    return True


@command
def go_on_after_closing(*, actor: StaffActor) -> None:
    """*Jag fortsätter*: nothing of the holder's goes back to the queue after this closing (SHF-08).

    The row in the log is the answer that the automatic return looks for; harmless when repeated.
    """
    unit, at = Unit.objects.select_related("provider__region").get(pk=actor.unit_id), now()
    held = Case.objects.filter(holder_id=actor.user_id, unit_id=unit.pk).values_list("role_id", flat=True)
    for role_id in {None, actor.role_id, *held}:
        closing = last_closing(calendar_for(unit, role_id), at)
        if closing is not None:
            record(HolderGoesOn(actor.user_id, actor.unit_id, at, stamp_of(closing)), actor=actor)
    mine = Notice.objects.filter(user_id=actor.user_id, unit_id=actor.unit_id, kind=RETURNING)
    settle(mine.values_list("pk", flat=True))


@command
def note_writing(*, actor: StaffActor) -> bool:
    """The holder is typing: remembered only where and when an automatic return could disturb it.

    Returns:
        Whether it was worth a row.
    """
    unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    if not policy(unit).return_unfinished_at_closing:
        return False
    at = now()
    closing = next_closing(calendar_for(unit), at)
    if closing is not None and closing - at > ACTIVE and is_staffed(calendar_for(unit), at, tail=True):
        return False
    record(HolderWrites(actor.user_id, actor.unit_id, at), actor=actor)
    return True
