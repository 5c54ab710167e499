"""Named refusals about units and their settings."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal
from direkt1177.units.closed_words import interval_words
from direkt1177.units.closure_models import Closure


class UnknownPolicy(Invalid):
    """There is no such key."""

    code = "unknown_policy"
    message = _("There is no such setting.")


class PolicyValueRefused(Invalid):
    """The value does not fit the key."""

    code = "policy_value_refused"
    message = _("The value is not allowed for this setting.")


class NoUnitOverride(Invalid):
    """The key is the region's alone (ADM-07)."""

    code = "no_unit_override"
    message = _("Only the region decides this setting.")


class DateIsPast(Invalid):
    """What has been is history: response times were counted with it."""

    code = "date_is_past"
    message = _("The date has passed. Only today and later days can be changed.")


class EndBeforeStart(Invalid):
    """Hours without start or end, or that end before they start."""

    code = "end_before_start"
    message = _("Give both a start and a later end, or neither for closed all day.")


class NotTheUnitsOwn(Invalid):
    """Only a unit's own value, that still holds, can be ended."""

    code = "not_the_units_own"
    message = _("This is not a value of the unit's own that still holds.")


class UnitClosed(Refusal):
    """A closure without target: nobody takes new cases there now (HRS-18).

    Attributes:
        closure: which one.
    """

    code = "unit_closed"
    headline: Any = _("The unit is closed right now")

    def __init__(self, closure: Closure) -> None:
        self.closure = closure
        self.headline = _("%(unit)s is closed right now") % {"unit": closure.unit.name}
        parts: list[object] = [_("Closed %(interval)s.") % {"interval": interval_words(closure)}, closure.told]
        parts.append(_("Nothing has been sent. Choose another unit on the start page, or call 1177 for advice."))
        super().__init__(" ".join(str(part) for part in parts if part))


class UnitWoundUp(Refusal):
    """The unit is closed for good and no other unit goes on in its place (UCH-02)."""

    code = "unit_wound_up"
    headline = _("The unit is closed for good")
    message = _("Nothing has been sent. Choose another unit on the start page, or call 1177 for advice.")
