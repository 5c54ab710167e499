"""What patients are told at the end of a shift or day, with the blanks filled in; always Swedish (CAS-14, HRS-05)."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from direkt1177.units.calendars import calendar_for
from direkt1177.units.models import CareRole, Unit
from direkt1177.units.policy_model import Policy
from direkt1177.units.staffed_time import STOCKHOLM, Calendar, next_staffed
from handover.shifts import rules
from handover.shifts.closing_rules import next_closing


def left_text(settings: Policy, role: CareRole | None) -> str:
    """*Jag lämnar över ditt ärende till en kollega (läkare).* Editable before it is sent."""
    to = f"en kollega ({role.name.lower()})" if role is not None else "en kollega"
    return settings.handover_text.replace("{to}", to)


def pause_text(settings: Policy, unit: Unit, day: date | None, now: datetime) -> str:
    """*Vi fortsätter onsdag 25 november kl. 08.00.* Editable; without a staffed day the blank stays."""
    moment = rules.resume_moment(calendar_for(unit), day, now) if day is not None else None
    return settings.pause_text.replace("{resume}", moment_text(moment)) if moment else settings.pause_text


def closing_text(settings: Policy, calendar: Calendar, now: datetime) -> str | None:
    """*Vi stänger för i dag och svarar igen {next}.* None for a unit that never closes."""
    after = next_open(calendar, now)
    return None if after is None else settings.closing_for_day_text.replace("{next}", moment_text(after))


def next_open(calendar: Calendar, now: datetime) -> datetime | None:
    """When somebody answers again after the coming closing, or after this one."""
    closing = next_closing(calendar, now)
    start = next_staffed(calendar, now)
    if start is None or start > now:
        return start
    return None if closing is None else next_staffed(calendar, closing)


def closing_words(unit: Unit, now: datetime) -> str:
    """ "kl. 16.30" of the coming closing today; empty when it does not close today."""
    closing = next_closing(calendar_for(unit), now)
    if closing is None:
        return ""
    local = closing.astimezone(STOCKHOLM)
    return f"{local:%H.%M}" if local.date() == now.astimezone(STOCKHOLM).date() else ""


def moment_text(at: datetime) -> str:
    """ "onsdag 25 november kl. 08.00", in Swedish."""
    local = at.astimezone(STOCKHOLM)
    with override("sv"):
        return _("%(day)s at %(time)s") % {"day": date_format(local, "l j F"), "time": f"{local:%H.%M}"}


def midnight(now: datetime) -> datetime:
    """When the local day began."""
    return datetime.combine(now.astimezone(STOCKHOLM).date(), time.min, tzinfo=STOCKHOLM)
