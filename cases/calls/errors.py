"""Named refusals of calls: what happened and what to do instead."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Refusal


class CallNotPossible(Refusal):
    """The visit is not going on: not begun, paused, or in its follow-up (VID-01)."""

    code = "call_not_possible"
    headline = _("No call can be made now")
    message = _("A call needs a visit that has started. Start or resume the visit, or write in the chat.")


class CallGoesOn(Refusal):
    """There is a request or a call already."""

    code = "call_goes_on"
    headline = _("There is a call already")
    message = _("Open the call that is going on, or end it before you ask for a new one.")


class PatientNotOnline(Refusal):
    """Nobody would see the request (VID-02)."""

    code = "patient_not_online"
    headline = _("The patient is not in the service")
    message = _("A call needs the patient to be signed in. Write in the chat, or use the telephone.")


class CallOver(Refusal):
    """Accepted or joined after it was put down, declined or not answered."""

    code = "call_over"
    headline = _("The call is over")
    message = _("It has been put down or was not answered in time. Write in the chat, and you can be called again.")


class CallNotAnswered(Refusal):
    """The patient has not accepted yet."""

    code = "call_not_answered"
    headline = _("The call has not been answered")
    message = _("Wait until the patient has accepted, or end the request.")


class AnsweredElsewhere(Refusal):
    """Somebody else who may act in the case has accepted."""

    code = "answered_elsewhere"
    headline = _("The call has been answered already")
    message = _("Another person accepted it. Read and write in the chat as before.")


class FeeTextChanged(Refusal):
    """The information on fees is not the one that was shown (VID-03, FEE-06)."""

    code = "fee_text_changed"
    headline = _("The information on fees has changed")
    message = _("Open the request again, read what the call may cost, and answer.")


class NotInCall(Refusal):
    """Neither the holder nor who accepted."""

    status: ClassVar[int] = 403
    code = "not_in_call"
    headline = _("You are not part of this call")
    message = _("Only the person who handles the case and the patient who accepted can do this.")
