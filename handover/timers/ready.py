"""What this part tells the apps below when the project starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cases.access import OpenCase
from cases.slots import FACTS, PREVIEW, case_menu, slots
from cases.states import CaseState
from direkt1177.outbox import ticks
from direkt1177.units import changed
from handover.timers import case_plans, days, fire, handlers, load, planning, plans, sweep


def register() -> None:
    """The sweep, and what it plans and fires."""
    ticks.register("timers", sweep.sweep)
    changed.register(days.units_changed)
    for planner in case_plans.ALL:
        plans.register(plans.CASE, planner)
    for unit_planner in (days.plan_day, load.plan_load):
        plans.register(plans.UNIT, unit_planner)
    slots.register(FACTS, "handover:clock_panel", title=_("Time and contact"), when=_has_clocks, order=20)
    slots.register(PREVIEW, "handover:clock_panel", title=_("Time and contact"), when=_has_clocks, order=20)
    case_menu.register(
        _("Close without reply"), "handover:close_without_reply", _may_be_silent, icon="clock-alert", order=60
    )
    for kind, handler in {
        sweep.DAY: days.begin_day,
        plans.REPLAN: planning.replan_unit,
        load.LOAD: handlers.alert_of_load,
        case_plans.INACTIVITY: handlers.prompt_holder,
        case_plans.RESPONSE_LATE: handlers.remind_of_target,
        case_plans.ASSESSMENT_LATE: handlers.remind_of_target,
        case_plans.RESPONSE_ESCALATED: handlers.escalate_target,
        case_plans.ASSESSMENT_ESCALATED: handlers.escalate_target,
        case_plans.UNCLOSED: handlers.remind_of_open_visit,
        case_plans.NEW_CASE: handlers.tell_new_case,
        case_plans.ASYNC_MESSAGE: handlers.tell_async_message,
    }.items():
        fire.register(kind, handler)


def _has_clocks(opened: OpenCase) -> bool:
    return opened.case.state in (CaseState.WAITING, CaseState.RECEIVED, CaseState.STARTED, CaseState.PAUSED)


def _may_be_silent(opened: OpenCase) -> bool:
    case = opened.case
    return case.state == CaseState.STARTED and case.last_staff_seq > case.last_patient_seq
