"""Named refusals of notices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid


class ChoiceUnknown(Invalid):
    """Nothing that can be chosen."""

    code = "notice_choice_unknown"


class NoMobile(Invalid):
    """SMS need a number to go to (NOT-01 a)."""

    code = "no_mobile"
    headline = _("There is no mobile number to send SMS to")
    message = _("Write your mobile number under Profile first, then choose SMS.")
