"""Named refusals about persons."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal


class RegisterSaysProtected(Refusal):
    """A positive answer of the register cannot be overridden (ENT-29)."""

    code = "register_says_protected"
    headline = _("The identity stays protected")
    message = _("The population register says that the person has protected identity. It cannot be set to No here.")


class WrongMobile(Invalid):
    """No mobile number that takes SMS."""

    code = "wrong_mobile"
    message = _("Write a mobile number with digits, for example 070-123 45 67.")
