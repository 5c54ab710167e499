"""What the page *Avsluta skift* shows: every own case with its choices, waiting cases, notes to sign (SHF-05)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import access as case_access
from cases import shown
from cases.forms import new_form_key
from cases.models import Case
from cases.views.frame import case_lines, log_shown, staff_context
from direkt1177.accounts.queries import on_duty
from direkt1177.accounts.sign_in import StaffRequest
from direkt1177.units.calendars import calendar_for
from direkt1177.units.clock import now
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policies import policy
from direkt1177.units.policy_model import Policy
from handover.shifts import queries, rules, words
from handover.shifts.forms import ChoiceForm, EndShiftForm
from handover.shifts.rules import Choice, Offered
from handover.shifts.settle import held_of, roles_at
from journal.queries import unsigned_of

WAITING_SHOWN = 20


def choice_forms(
    actor_role: int, cases: Sequence[Case], unit: Unit, settings: Policy, *, data: QueryDict | None = None
) -> dict[str, ChoiceForm]:
    """One form per own case that needs or may have a choice, by public id."""
    at, roles = now(), roles_at(unit.pk)
    duty = duty_words(unit.pk, roles)
    first_role = next((role for role in roles if role.pk == actor_role), roles[0] if roles else None)
    day = rules.next_staffed_day(calendar_for(unit), at)
    initial = {
        "role": first_role.pk if first_role else None,
        "left_text": words.left_text(settings, first_role),
        "day": day,
        "pause_text": words.pause_text(settings, unit, day, at),
        "days": min(1, settings.follow_up_max_days),
        "close_days": 0,
    }
    found = {}
    for case in cases:
        facts = held_of(case)
        start = initial | ({"do": Choice.OFFER} if facts.offered in (Offered.ROLE, Offered.UNIT) else {})
        found[str(case.public_id)] = ChoiceForm(
            data,
            case=case,
            choices=rules.choices_for(facts, settings, at),
            roles=roles,
            on_duty=duty,
            policy=settings,
            initial=start,
        )
    return found


def page_context(
    request: StaffRequest,
    form: EndShiftForm,
    *,
    forms: Mapping[str, ChoiceForm] | None = None,
    reasons: Mapping[str, str] | None = None,
    done: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Everything the page shows.

    Args:
        request: of a member of staff on shift.
        form: the question about the shift.
        forms: choices as they were sent; fresh ones for the rest.
        reasons: why a choice was not carried out, by public id.
        done: what was carried out just now: name and words.
    """
    actor = request.actor
    unit = Unit.objects.select_related("provider__region").get(pk=actor.unit_id)
    settings = policy(unit)
    left = queries.remaining(actor)
    to_choose = [*left.blocking, *left.offered]
    fresh = choice_forms(actor.role_id, to_choose, unit, settings)
    unsigned = unsigned_of(actor.user_id, actor.unit_id)
    cases = [*to_choose, *left.staying, *(item.case for item in unsigned)]
    log_shown(actor, "end_shift", cases)
    lines = case_lines(cases)
    waiting = case_access.list_queue(actor=actor, role_id=actor.role_id, limit=WAITING_SHOWN)
    midnight = localtime(now()).replace(hour=0, minute=0, second=0, microsecond=0)
    colleagues = [one for one in on_duty(actor.unit_id) if one.user_id != actor.user_id]
    context = staff_context(request, nav="end_shift")
    return context | {
        "form": form,
        "form_key": new_form_key(),
        "blocking": [
            _row(case, lines[case.pk], (forms or {}).get(str(case.public_id)) or fresh[str(case.public_id)], reasons)
            for case in to_choose
        ],
        "to_choose": len(left.blocking),
        "staying": [lines[case.pk] for case in left.staying],
        "unsigned": [lines[item.case.pk] for item in unsigned],
        "waiting": context["counts"].waiting,
        "waiting_rows": [shown.row_context(row) for row in waiting.rows],
        "waiting_today": queries.waits_from_today(actor.unit_id, actor.role_id, midnight),
        "colleagues": len(colleagues),
        "untold": queries.untold(actor.unit_id, midnight, holder_id=actor.user_id),
        "closing_at": words.closing_words(unit, now()),
        "done": done,
    }


def duty_words(unit_id: int, roles: Sequence[CareRole]) -> dict[int, str]:
    """Each role with how many are on duty in it."""
    counts: dict[int, int] = {}
    for one in on_duty(unit_id):
        counts[one.role_id] = counts.get(one.role_id, 0) + 1
    return {
        role.pk: "{}, {}".format(
            role.name,
            ngettext("%(n)s on duty", "%(n)s on duty", counts.get(role.pk, 0)) % {"n": counts.get(role.pk, 0)},
        )
        for role in roles
    }


def _row(case: Case, line: Any, form: ChoiceForm, reasons: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "case": case,
        "line": line,
        "form": form,
        "facts": _facts(case),
        "reason": (reasons or {}).get(str(case.public_id), ""),
        "offer": _offer_words(case),
        "todo": rules.needs_choice(held_of(case), now()),
        "fields": [name for name in ("close_days", *_FIELDS) if name in form.fields],
        "url": reverse("cases:case", args=[case.public_id]),
    }


_FIELDS = ("role", "left_text", "day", "pause_text", "days", "booked_day", "booked_time", "booked_where")


def _facts(case: Case) -> str:
    wrote: datetime | None = getattr(case, "wrote_at", None)
    if getattr(case, "unread", 0) and wrote is not None:
        return _("The patient wrote at %(time)s, unread") % {"time": f"{localtime(wrote):%H.%M}"}
    if case.started_at is None:
        return _("The visit has not started")
    if wrote is not None:
        return _("The patient wrote at %(time)s") % {"time": f"{localtime(wrote):%H.%M}"}
    return _("The patient has not written")


def _offer_words(case: Case) -> str:
    if case.offered_at is None:
        return ""
    to = case.offered_user.full_name if case.offered_user else case.offered_role.name if case.offered_role else ""
    values = {"to": to, "time": f"{localtime(case.offered_at):%H.%M}"}
    match held_of(case).offered:
        case Offered.ROLE:
            text = _("Offered to %(to)s at %(time)s, not received. When the shift ends it lies in that role's queue.")
        case Offered.UNIT:
            values["to"] = f"{to}, {case.offered_unit.name if case.offered_unit else ''}"
            text = _(
                "Offered to %(to)s at %(time)s, not received. When the shift ends it waits in your own role's queue "
                "until they have taken it."
            )
        case _:
            text = _(
                "Offered to %(to)s at %(time)s, not received. Wait for your colleague, or choose what is to happen."
            )
    return text % values
