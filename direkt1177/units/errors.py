"""Named refusals about units and their settings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid


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
