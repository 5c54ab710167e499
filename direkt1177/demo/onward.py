"""Tickets and posts to acknowledge in the demo: one of each state that staff meet, made with the real commands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from cases.models import Case, Message
from cases.states import CaseState
from direkt1177.accounts.actors import StaffActor
from direkt1177.accounts.models import Membership
from direkt1177.accounts.queries import staff_actor
from direkt1177.residents.queries import today
from direkt1177.units.clock import moved, now
from direkt1177.units.models import Region, Unit
from direkt1177.units.policies import policy
from handover.acknowledgements.commands import ask_acknowledgement
from handover.acknowledgements.rules import kinds_offered
from handover.models import Ticket
from handover.offers import picker
from handover.offers.picker import Purpose
from handover.tickets.commands import send_ticket
from handover.tickets.rules import Fields
from handover.timers.fire import find_due, fire
from triage import search

INFORMATION = "Välkommen till oss. Svara på frågorna i lugn och ro. Sedan hamnar du i vårt väntrum."
ANAMNESIS = "Se anteckning från dagens kontakt. Önskar bedömning hos er, ingen brådska."


def build_onward(code: str) -> None:
    """One sent, one usable and one expired ticket, and some posts; whatever has no visit to stand on is left out."""
    region = Region.objects.get(code=code)
    keys = (f"demo-onward-{code}-{number}" for number in count())
    running = _visits(region, CaseState.STARTED)
    followed = _visits(region, CaseState.ASYNCHRONOUS)
    if running:
        _ticket(running[0], keys, days=14)
        _posts(running[-1], keys)
    if followed:
        _ticket(followed[0], keys, days=7)
    for case in followed[1:]:
        last = max(filter(None, [case.closed_at, _last_line(case)]))
        if last > now() - timedelta(days=1):
            continue
        with moved(last + timedelta(minutes=5)):
            sent = _ticket(case, keys, days=0)
        if sent is not None:
            _expire(sent)
            break


def _visits(region: Region, state: CaseState) -> list[Case]:
    found = Case.objects.filter(unit__provider__region=region, state=state, kind=Case.Kind.SEEK_CARE)
    return list(found.filter(patient__protected="no", offered_at=None).select_related("unit").order_by("pk"))


def _last_line(case: Case) -> datetime | None:
    return Message.objects.filter(case=case).order_by("-seq").values_list("sent_at", flat=True).first()


def _holder(case: Case) -> StaffActor | None:
    held = Membership.objects.filter(user__held_cases=case, unit_id=case.unit_id, ended_at=None).first()
    return staff_actor(user_id=held.user_id, membership_id=held.pk) if held is not None else None


def _ticket(case: Case, keys: Iterator[str], *, days: int) -> Ticket | None:
    actor = _holder(case)
    to = _receiver(actor, case) if actor is not None else None
    if actor is None or to is None:
        return None
    known = {item.title for item in search.reasons().values()}
    fields = Fields(
        verified=True,
        urgency=3,
        reason=case.contact_reason if case.contact_reason in known else search.OTHER.title,
        forms=("background",),
        to=to,
        valid_from=today(),
        valid_to=today() + timedelta(days=days),
        anamnesis=ANAMNESIS,
        information=INFORMATION,
    )
    saved = send_ticket(actor=actor, case_id=case.public_id, fields=fields, key=next(keys))
    return Ticket.objects.get(public_id=saved.public_id)


def _receiver(actor: StaffActor, case: Case) -> str | None:
    """The first role that can be chosen, another care provider first."""
    groups = sorted(picker.tree(actor, purpose=Purpose.TICKET, kind=case.kind), key=lambda group: group.own)
    leaves = [leaf for group in groups for node in group.nodes for leaf in node.leaves if leaf.enabled]
    return leaves[0].value if leaves else None


def _expire(ticket: Ticket) -> None:
    for due in find_due():
        if (due.subject, due.subject_id) == ("ticket", ticket.pk):
            fire(due)


def _posts(case: Case, keys: Iterator[str]) -> None:
    actor = _holder(case)
    if actor is None or not kinds_offered(policy(case.unit)):
        return
    unit = Unit.objects.get(pk=case.unit_id)
    roles = dict(
        Membership.objects.filter(unit=unit, ended_at=None, user__is_active=True).values_list("role__code", "role_id")
    )
    doctor = roles.get("doctor")
    if doctor is not None:
        ask_acknowledgement(
            actor=actor, case_id=case.public_id, kind="follow_up", to=f"role:{doctor}",
            text="Kan du läsa igenom och säga om patienten behöver komma hit i dag?", key=next(keys),
        )  # fmt: skip
    ask_acknowledgement(
        actor=actor, case_id=case.public_id, kind="information", to=f"role:{actor.role_id}",
        text="För kännedom: patienten hör av sig igen i morgon om det inte har blivit bättre.", key=next(keys),
    )  # fmt: skip
