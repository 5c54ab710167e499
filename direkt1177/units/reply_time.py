"""When an answer can be expected from a unit, and how that is said to the patient (REH-02, REH-03)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from direkt1177.units.staffed_time import STOCKHOLM, Calendar, next_staffed, staffed_until

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """The first time in which somebody answers: from when until when, in UTC; ``begun`` when that is now."""

    start: datetime
    end: datetime
    begun: bool

    def words(self, at: datetime) -> str:
        """As it stands in a sentence: "i morgon mellan kl. 10.00 och 12.00".

        Args:
            at: the moment from which today and tomorrow are counted (aware).
        """
        start, end = self.start.astimezone(STOCKHOLM), self.end.astimezone(STOCKHOLM)
        last = "24.00" if end.date() > start.date() and (end.hour, end.minute) == (0, 0) else f"{end:%H.%M}"
        if end - start > _DAY:
            return _("day and night")
        if self.begun:
            return _("today before %(end)s") % {"end": last}
        ahead = (start.date() - at.astimezone(STOCKHOLM).date()).days
        times = {"start": f"{start:%H.%M}", "end": last, "day": date_format(start, "l j F")}
        if ahead == 0:
            return _("today between %(start)s and %(end)s") % times
        if ahead == 1:
            return _("tomorrow between %(start)s and %(end)s") % times
        return _("on %(day)s between %(start)s and %(end)s") % times


def reply_window(calendar: Calendar, at: datetime) -> ReplyWindow | None:
    """The staffed span in which whoever arrives now is answered; None when there is none within a year.

    Args:
        calendar: of the unit or role that answers.
        at: when the case arrives (aware). After the day's span it is the next one; red days are stepped over.
    """
    at = at.astimezone(UTC)
    start = next_staffed(calendar, at)
    if start is None:
        return None
    end = staffed_until(calendar, start)
    assert end is not None  # somebody is there at ``start``
    return ReplyWindow(start, end, begun=start == at)


def words_in_swedish(window: ReplyWindow | None, at: datetime) -> str:
    """For texts to patients, which are Swedish whatever language the page has."""
    with override("sv"):
        return window.words(at) if window is not None else _("as soon as they can")
