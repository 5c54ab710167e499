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
