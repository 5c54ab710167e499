"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.accounts import leaving
from direkt1177.audit.record import subscribe
from direkt1177.outbox import ticks
from handover.notices import kinds
from handover.notices.kinds import Kind
from handover.shifts import closing, left_behind, subscribers, tasks
from handover.shifts.closing_commands import RETURNING
from handover.shifts.queries import blocking_count
from handover.timers import fire, plans

_KINDS = (
    Kind(RETURNING, _("We have closed. Your unfinished cases go back to the queue in 15 minutes."), "clock", hot=True),
    Kind(
        "no_responsible", _("A case has nobody responsible. Open the list of the unit's cases."), "circle-alert", True
    ),
)


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
    ticks.register("no_case_without_responsible", tasks.no_case_without_responsible)
