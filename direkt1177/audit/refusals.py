"""Named refusals: the base of every app's ``errors.py``; views turn them into a clear page or fragment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.realtime.refused import Refused


class Refusal(Refused):
    """A command or door said no; see ``Refused`` for the attributes."""

    headline = _("That could not be done")
    message = _("Reload the page and try again.")


class NotFound(Refusal):
    """Absent and forbidden look the same (design §1, access.py)."""

    status = 404
    code = "not_found"
    headline = _("The page was not found")
    message = _("It does not exist, or you do not have access to it.")


class SignInNeeded(Refusal):
    """There is no signed-in actor of the right kind."""

    status = 401
    code = "sign_in_needed"
    headline = _("You need to sign in")
    message = _("Sign in and you come back to this page.")


class NotAllowed(Refusal):
    """Seen, but this actor may not do this."""

    status = 403
    code = "not_allowed"
    headline = _("You do not have permission for this")
    message = _("Ask your unit's administrator if you need it.")


class Invalid(Refusal):
    """Input that no form caught."""

    status = 422
    code = "invalid"
    headline = _("Something is missing or wrong")
    message = _("Check what you filled in and try again.")


class StaleVersion(Refusal):
    """Somebody changed the row since the page was shown."""

    code = "stale_version"
    headline = _("It has changed since you opened it")
    message = _("Reload the page to see how it is now. What you typed is still here.")


class KeyReused(Refusal):
    """The same idempotency key came with another body (R-09)."""

    status = 422
    code = "key_reused"
    headline = _("The form was already sent with other content")
    message = _("Reload the page and send it again.")
