"""What every staff and resident page of the errand has around its content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from cases import access, names, queries, rules, shown
from cases.models import Case
from cases.states import CaseState
from direkt1177.accounts.actors import ResidentActor, StaffActor
from direkt1177.accounts.queries import memberships_of
from direkt1177.accounts.sign_in import StaffRequest
from direkt1177.audit.read_log import log_read
from direkt1177.audit.refusals import Invalid
from direkt1177.realtime.changes import heads
from direkt1177.residents.queries import person_view
from direkt1177.units.models import CareRole
from direkt1177.units.policies import policies_of
from direkt1177.views import wants_fragment


@dataclass(frozen=True, slots=True)
class Line:
    """One case in a plain list: *Startsida*, *Avsluta skift*, notes to sign."""

    url: str
    name: str
    protected: bool
    age: str
    urgency: int | None
    urgency_word: str
    reason: str
    state: str
    closed_at: datetime | None
    last_day: date | None


def case_lines(cases: Sequence[Case]) -> dict[int, Line]:
    """Lines by primary key of cases the actor holds or closed; ``patient`` must be loaded.

    Log what is shown with ``log_shown``.
    """
    policies = policies_of({case.unit_id: case.unit for case in cases}.values()) if cases else {}
    lines = {}
    for case in cases:
        person = person_view(case.patient)
        words = policies[case.unit_id].urgency_labels
        lines[case.pk] = Line(
            url=reverse("cases:case", args=[case.public_id]),
            name=person.name,
            protected=person.masked,
            age=person.age_text,
            urgency=case.urgency,
            urgency_word=words.get(case.urgency, "") if case.urgency else "",
            reason=case.contact_reason,
            state=shown.status_word(case.state),
            closed_at=case.closed_at,
            last_day=rules.last_day(case.follow_up_until) if case.state == CaseState.ASYNCHRONOUS else None,
        )
    return lines


def log_shown(actor: StaffActor, name: str, cases: Iterable[Case]) -> None:
    """One row in the read log for a list of own cases (L-09)."""
    patients = sorted({case.patient_id for case in cases})
    if patients:
        log_read(actor=actor, action="list", object_type="list", object_id=name, patients=patients, basis="holder")


def staff_context(
    request: StaffRequest,
    *,
    nav: str,
    case: Case | None = None,
    role_id: int | None = None,
    own: OwnList | None = None,
    roles: list[CareRole] | None = None,
) -> dict[str, Any]:
    """Context of ``base/staff.html``: menu numbers, own cases, global filter.

    The numbers of own cases and of the queue cost the same however many there are.

    Args:
        request: of a staff page.
        nav: which menu item is current: ``start``, ``queue``, ``asynchronous``, ``case``, ``end_shift``.
        case: the case whose page it is.
        role_id: role shown by the global filter; the actor's own unless given (QUE-04).
        own: own cases where the page has already read them.
        roles: roles of the unit where the page has already read them.
    """
    actor = request.actor
    own = own or own_list(actor)
    shown_role = role_id or actor.role_id
    counts = queries.tab_counts(actor, shown_role)
    return {
        "nav_current": nav,
        "own_cases": shown.own_context(own.ongoing),
        "current_case": str(case.public_id) if case else "",
        "menu": {
            "start": sum(1 for row in own.ongoing if row.unread) or None,
            "queue": counts.waiting or None,
            "asynchronous": sum(1 for row in own.follow_up if row.unread) or None,
        },
        "counts": counts,
        "me_feed": names.me_feed(actor.key),
        "global_filter": global_filter(actor, shown_role, roles if roles is not None else unit_roles(actor)),
    }


@dataclass(frozen=True, slots=True)
class OwnList:
    """Own cases: those at the left, and those in follow-up without anything new."""

    ongoing: list[queries.OwnRow]
    follow_up: list[queries.OwnRow]


def own_list(actor: StaffActor) -> OwnList:
    """Own cases at the unit; a follow-up comes to the left list when the patient has written (QUE-08)."""
    rows = access.list_own(actor=actor)
    follow_up = [row for row in rows if row.state == CaseState.ASYNCHRONOUS]
    return OwnList(shown.at_the_left(rows), follow_up)


def start_rows(rows: Sequence[queries.OwnRow]) -> list[dict[str, Any]]:
    """Own cases as *Startsida* and *Asynkrona* list them."""
    times: dict[str, list[Any]] = {
        "received_at": [row.received_at for row in rows],
        "started_at": [row.started_at for row in rows],
        "last_day": [rules.last_day(row.follow_up_until) for row in rows],
    }
    contexts = shown.own_context(rows)
    for number, context in enumerate(contexts):
        context |= {name: values[number] for name, values in times.items()}
    return contexts


def unit_roles(actor: StaffActor) -> list[CareRole]:
    """Roles that somebody holds at the chosen unit, in their order."""
    held = CareRole.objects.filter(memberships__unit_id=actor.unit_id, memberships__ended_at__isnull=True)
    return list(held.distinct().order_by("order", "name"))


def global_filter(actor: StaffActor, role_id: int, roles: list[CareRole]) -> dict[str, Any]:
    """Own units, and the roles of the chosen unit (QUE-04)."""
    return {
        "action": reverse("cases:queue"),
        "unit": actor.unit_id,
        "role": role_id,
        "units": [(item.unit_id, item.unit.name) for item in memberships_of(actor.user_id)],
        "roles": [(role.pk, role.name) for role in roles],
    }


def versions_of(*feeds: str) -> list[int]:
    """Versions of feeds now; take them BEFORE reading what the page shows, so that nothing is missed (design §3)."""
    found = heads(feeds)
    return [found.get(feed, 0) for feed in feeds]


def post_key(request: HttpRequest) -> str:
    """The idempotency key: htmx sends it as a header, a plain form as the field ``key``.

    Raises:
        Invalid: missing or too long.
    """
    key = request.headers.get("Idempotency-Key") or request.POST.get("key", "")
    if not 8 <= len(key) <= 80 or not key.isascii() or not key.isprintable():
        raise Invalid
    return key


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect after a change (PRG); htmx gets told to load the page."""
    if wants_fragment(request):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return HttpResponseRedirect(url)


def resident_context(actor: ResidentActor, *, nav: str = "mine", unread: int = 0) -> dict[str, Any]:
    """Context of ``base/resident.html``."""
    return {"nav_current": nav, "unread_count": unread, "me_feed": names.me_feed(actor.key)}
