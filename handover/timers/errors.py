"""Named refusals around inactivity (INA)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from direkt1177.audit.refusals import Refusal
from handover.timers.inactivity import Missing

MISSING_WORDS = {
    Missing.NOT_STARTED: gettext_lazy("The visit is not ongoing."),
    Missing.OFFERED: gettext_lazy("A handover of the case still stands. Withdraw it first."),
    Missing.PATIENT_WROTE: gettext_lazy("The patient wrote last. Answer first."),
    Missing.TIME: gettext_lazy("The patient's time to reply has not run out."),
    Missing.ATTEMPTS: gettext_lazy("There are too few contact attempts."),
    Missing.PHONE: gettext_lazy("With this urgency somebody must have tried by phone. Record the phone attempt."),
}


class ConditionsMissing(Refusal):
    """Closing without reply: something must come first (INA-02, INA-03, INA-05).

    Attributes:
        missing: what.
    """

    code = "no_reply_conditions"
    headline = gettext_lazy("The case cannot be closed without reply yet")

    def __init__(self, missing: Sequence[Missing]) -> None:
        self.missing = list(missing)
        super().__init__(" ".join(str(MISSING_WORDS[one]) for one in missing))


class PatientNotSilent(Refusal):
    """A warning or reminder when it is staff's turn."""

    code = "patient_not_silent"
    headline = gettext_lazy("The patient is not the one to reply")
    message = gettext_lazy("The patient wrote last, or the visit is not ongoing. Reload the page and look at the chat.")


class AskedJustNow(Refusal):
    """The same reminder within a quarter of an hour."""

    code = "asked_just_now"
    headline = gettext_lazy("The patient was reminded just now")
    message = gettext_lazy("Wait a quarter of an hour before you remind again.")


class WarningNotUsed(Refusal):
    """The region warns in another way."""

    code = "warning_not_used"
    headline = gettext_lazy("Warnings in the chat are not used here")
    message = gettext_lazy("Send an SMS reminder instead.")


class NoSmsPossible(Refusal):
    """The patient cannot be reached by SMS (NOT-06, NOT-07)."""

    code = "no_sms_possible"
    headline = gettext_lazy("The patient cannot get SMS")

    def __init__(self, *, masked: bool) -> None:
        super().__init__(
            _("A protected person gets no SMS. Write in the chat or phone.")
            if masked
            else _("There is no mobile number. Write in the chat or phone.")
        )
