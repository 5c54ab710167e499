"""The text that the unit's 1177 contact card has to state while a closure is decided (HRS-13)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from direkt1177.units.calendars import calendar_for
from direkt1177.units.closed_words import interval_words, moment_words
from direkt1177.units.closures import Card, card_of
from direkt1177.units.models import Closure, ClosureDecision
from direkt1177.units.staffed_time import Calendar, next_staffed

_KINDS = ClosureDecision.Kind


def card_text(closure: Closure, calendar: Calendar) -> str:
    """Closing times, who is responsible meanwhile, when it opens again; in Swedish, as data.

    Args:
        closure: with unit, provider and target loaded.
        calendar: of the unit, for the first staffed moment afterwards.
    """
    with override("sv"):
        service = closure.unit.provider.region.service_name
        parts = [
            _("%(unit)s is closed in %(service)s %(interval)s.")
            % {"unit": closure.unit.name, "service": service, "interval": interval_words(closure)}
        ]
        if closure.target is None:
            parts.append(_("You cannot send new cases to us meanwhile. Call 1177 for advice, day and night."))
        else:
            parts.append(_("%(unit)s is responsible meanwhile and takes new cases.") % {"unit": closure.target.name})
            if closure.target.phone:
                parts.append(_("Phone: %(number)s.") % {"number": closure.target.phone})
        opens = next_staffed(calendar, closure.ends_at)
        if opens is not None:
            parts.append(_("We answer again on %(moment)s.") % {"moment": moment_words(opens)})
        parts.append(_("Cases that are already going on are not affected."))
        return " ".join(parts)


def text_of(closure: Closure) -> str:
    """The card's text of one closure."""
    return card_text(closure, calendar_for(closure.unit))


def on_card(closure: Closure) -> str | None:
    """The text that was last published and not taken off again."""
    last = [row for row in closure.decisions.all() if row.kind in (_KINDS.PUBLISHED, _KINDS.WITHDRAWN)][-1:]
    return last[0].text if last and last[0].kind == _KINDS.PUBLISHED else None


def card_state(closure: Closure, text: str, at: datetime) -> Card:
    """Whether the contact card says what it should; its decisions may be prefetched."""
    return card_of(closure, on_card=on_card(closure), text=text, at=at)
