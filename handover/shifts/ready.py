"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cases import slots
from cases.calls.commands import visit_closed
from direkt1177.accounts import leaving
from direkt1177.accounts.actors import StaffActor
from direkt1177.audit.record import subscribe
from direkt1177.outbox import ticks
from handover import names
from handover.notices import kinds
from handover.notices.kinds import Kind
from handover.shifts import closing, left_behind, subscribers, tasks
from handover.shifts.overseers import COORDINATOR
from handover.shifts.queries import RETURNING, blocking_count, is_warned
from handover.timers import fire, plans

_KINDS = (
    Kind(
        RETURNING,
        _("We have closed. Your unfinished cases go back to the queue in 15 minutes."),
        "clock",
        hot=True,
        link=lambda _notice: reverse("cases:start"),
    ),
    Kind(
        "no_responsible",
        _("A case has nobody responsible. Open the list of the unit's cases."),
        "circle-alert",
        hot=True,
        link=lambda _notice: reverse("handover:unit_held"),
    ),
)
_LEAVES_HOLDER = (
    "case_released", "case_left_behind", "case_returned", "case_left_to_role", "offer_queued", "offer_fell_back",
)  # fmt: skip


def register() -> None:
    """Leaving a unit, timers of absent holders and of closing time, what administrators end, the hourly check."""
    leaving.register(blocking_count)
    for kind in _KINDS:
        kinds.register(kind)
    plans.register(plans.CASE, left_behind.plan_case)
    fire.register(left_behind.PAUSED, left_behind.paused_is_over)
    fire.register(left_behind.UNREAD, left_behind.unread_too_long)
    plans.register(plans.UNIT, closing.plan_unit)
    fire.register(closing.CLOSING, closing.close_day)
    fire.register(closing.RETURN, closing.return_unfinished)
    subscribe("role_ended", subscribers.role_ended)
    subscribe("user_deactivated", subscribers.user_deactivated)
    subscribe("shift_ended_for", subscribers.shift_ended_for)
    for code in _LEAVES_HOLDER:
        subscribe(code, visit_closed)  # whoever held it is gone from the call as well
    _fill_start_page()
    ticks.register("no_case_without_responsible", tasks.no_case_without_responsible)


def _fill_start_page() -> None:
    """*Jag fortsätter* where it is asked, the coordinator's one place, and the own lists (ORG-22, ORG-24)."""
    start = slots.slots.register
    start(slots.START, "handover:closing_panel", title=_("We have closed"), when=_is_warned, order=1)
    start(
        slots.START,
        "handover:coordinator",
        title=_("Coordinator"),
        feed=lambda actor: names.coordinator_feed(actor.unit_id),
        when=lambda actor: COORDINATOR in actor.permissions,
        order=5,
    )
    start(slots.START, "handover:own_lists", title=_("My lists"), order=60)


def _is_warned(actor: StaffActor) -> bool:
    return is_warned(actor.user_id, actor.unit_id)
