"""Named refusals of asynchronous cases: what happened and what to do instead."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cases.asynchronous.rules import SEARCHES_A_MINUTE, Lack
from direkt1177.audit.refusals import Invalid, Refusal


class NewMessageCame(Refusal):
    """The patient wrote after the page was shown (ASY-03)."""

    code = "new_message_came"
    headline = _("The patient has written again")
    message = _("Read the new message first. Then mark the case as done, or answer.")


class NotInFollowUp(Refusal):
    """The case is no follow-up, or no longer."""

    code = "not_in_follow_up"
    headline = _("The case is not in its follow-up")
    message = _("It has ended or been taken up again. Reload the page to see how it is now.")


class NoSuchPerson(Invalid):
    """Nobody with that number is known to the service."""

    code = "no_such_person"
    headline = _("No hit")
    message = _("Nobody with that number has signed in to the service. Check the number, or use the telephone.")


class TooManySearches(Refusal):
    """More searches than anybody needs (30 a minute)."""

    status: ClassVar[int] = 429
    code = "too_many_searches"
    headline = _("Too many searches")
    message = _("Wait a minute and search again. Every search is logged.")
    limit: ClassVar[int] = SEARCHES_A_MINUTE


class PreconditionMissing(Refusal):
    """Care may not write first to this patient (ASY-05)."""

    code = "precondition_missing"
    headline = _("An asynchronous case cannot be started")

    def __init__(self, lacks: list[Lack]) -> None:
        self.lacks = lacks
        super().__init__(" ".join(lack_words(lack) for lack in lacks))


class NobodyToWriteTo(Refusal):
    """A child without a guardian who may act (ENT-21, ENT-25)."""

    code = "nobody_to_write_to"
    headline = _("There is nobody to write to")
    message = _("The child has no guardian who may act in the service. Use the telephone.")


class AgreementMissing(Invalid):
    """Staff have not said that the patient agrees."""

    code = "agreement_missing"
    headline = _("The patient must agree")
    message = _("Ask the patient first, then tick that the patient agrees.")


class CheckMissing(Invalid):
    """Protected identity has not been checked."""

    code = "check_missing"
    headline = _("Check for protected identity")
    message = _("Look in the record whether the patient has protected identity, then tick that you have.")


class ReasonMissing(Invalid):
    """No contact reason."""

    code = "reason_missing"
    headline = _("The contact reason is missing")
    message = _("Write what it is about, at most 120 characters.")


class CallGone(Refusal):
    """The call has ended, or is somebody else's."""

    code = "call_gone"
    headline = _("The call is over")
    message = _("Write the patient's number instead.")


class RatedAlready(Refusal):
    """Answered before, or not asked."""

    code = "rated_already"
    headline = _("You have answered already")
    message = _("Thank you. Your answer is stored without your name.")


def lack_words(lack: Lack) -> str:
    """Why *Nytt Asynk* is closed, for staff."""
    return {
        Lack.NEVER_SIGNED_IN: gettext(
            "The patient has never signed in to the service. Ask the patient to sign in, or use the telephone."
        ),
        Lack.NO_DIALOGUE: gettext(
            "The patient has not accepted to write with care here: no case has been sent before."
        ),
    }[lack]
