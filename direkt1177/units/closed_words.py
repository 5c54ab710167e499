"""Moments and intervals of closures as people read them; no questions to the database."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from direkt1177.units.closure_models import Closure
from direkt1177.units.staffed_time import STOCKHOLM


def moment_words(at: datetime) -> str:
    """ "onsdag 25 november kl. 08.00"."""
    local = at.astimezone(STOCKHOLM)
    return _("%(day)s at %(time)s") % {"day": date_format(local, "l j F"), "time": f"{local:%H.%M}"}


def interval_words(closure: Closure) -> str:
    """ "tisdag 24 november 2026", "23–24 november 2026", "tisdag 24 november 2026 kl. 08.00–16.00"."""
    start, end = closure.starts_at.astimezone(STOCKHOLM), closure.ends_at.astimezone(STOCKHOLM)
    whole_days = not (start.hour or start.minute or end.hour or end.minute)
    last = (end - timedelta(microseconds=1)).date()
    if whole_days and last == start.date():
        return date_format(last, "l j F Y")
    if whole_days:
        return f"{_first_day(start.date(), last)}–{date_format(last, 'j F Y')}"
    if last == start.date():
        until = "24.00" if end.date() > last else f"{end:%H.%M}"
        words = {"day": date_format(last, "l j F Y"), "start": f"{start:%H.%M}", "end": until}
        return _("%(day)s from %(start)s to %(end)s") % words
    parts = {"start": _with_time(start), "end": _with_time(end)}
    return _("from %(start)s to %(end)s") % parts


def closed_words(closure: Closure) -> str:
    """Until when a running closure lasts: "stängt till onsdag 25 november kl. 08.00"."""
    return _("closed until %(moment)s") % {"moment": moment_words(closure.ends_at)}


def _first_day(first: date, last: date) -> str:
    if first.year != last.year:
        return date_format(first, "j F Y")
    return date_format(first, "j F" if first.month != last.month else "j")


def _with_time(at: datetime) -> str:
    return _("%(day)s at %(time)s") % {"day": date_format(at, "j F Y"), "time": f"{at:%H.%M}"}
