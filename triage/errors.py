"""Named refusals of the entrance."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Refusal


class AlreadyEnded(Refusal):
    """The interview was sent or ended; nothing in it changes any more.

    Attributes:
        interview: public id, for the way on.
    """

    code = "interview_ended"
    headline = _("This has already been sent or ended")
    message = _("Nothing can be changed in it. You find what you have sent under My cases.")


class CannotBeChosen(Refusal):
    """The person is too young, too old, or not somebody this resident may act for (ENT-15..25)."""

    status: ClassVar[int] = 422
    code = "cannot_be_chosen"
    headline = _("You cannot seek care for this person here")
    message = _("Call 1177 for advice, day and night. Call 112 if there is danger to life.")


class NotReady(Refusal):
    """A step was sent before the ones it needs; the page leads to the first that is missing."""

    code = "interview_not_ready"
    headline = _("Something is left to answer")
    message = _("Go back to the questions and answer what is left.")


class SendingRefused(Refusal):
    """Nobody reads the case in time, and the region has decided that it is not sent then (policy refuse)."""

    code = "nobody_reads_in_time"
    headline = _("Nobody can read your case in time")
    message = _("Call 1177 now. Call 112 if there is danger to life. Your answers are saved.")


class ClosedNow(Refusal):
    """The unit takes no cases outside staffed hours (HRS-04)."""

    code = "closed_now"
    headline = _("You cannot send right now")
    message = _("The unit takes no cases at this hour. Your answers are saved. Call 1177 for advice, day and night.")


class ReceiverChanged(Refusal):
    """A closure has begun or ended since the page was shown: another unit takes the case (HRS-12)."""

    code = "receiver_changed"
    headline = _("Your case now goes to another unit")

    def __init__(self, name: str) -> None:
        super().__init__(
            _("%(unit)s takes it. Your answers are saved. Go back, reload the page and send.") % {"unit": name}
        )
