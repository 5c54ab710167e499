"""Named refusals of the errand: each says who, when and what to do, never anything about the patient (design §2)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from direkt1177.audit.refusals import Invalid, Refusal


def clock_text(at: datetime) -> str:
    """Local time of day, with the date when it was not today: ``10.41`` or ``16 augusti 2023 10.41``."""
    local = timezone.localtime(at)
    clock = local.strftime("%H.%M")
    return clock if local.date() == timezone.localdate() else f"{date_format(local, 'j F Y')} {clock}"


class CaseTaken(Refusal):
    """Somebody else was first (CAS-02).

    Attributes:
        by: name of the colleague who holds the case.
        since: when they took it, UTC.
    """

    code = "case_taken"
    headline = gettext_lazy("A colleague was first")

    def __init__(self, by: str, since: datetime) -> None:
        self.by = by
        self.since = since
        super().__init__(
            _("%(name)s took the case at %(time)s. Choose another case in the queue.")
            % {"name": by, "time": clock_text(since)}
        )


class HeldByColleague(Refusal):
    """The case exists and a colleague holds it: who and since when, no content (QUE-16, design §4).

    Attributes:
        holder: name of the colleague.
        since: when they took it, UTC.
        public_id: address of the case.
    """

    code = "held_by_colleague"
    headline = gettext_lazy("A colleague has this case")

    def __init__(self, holder: str, since: datetime, public_id: str) -> None:
        self.holder = holder
        self.since = since
        self.public_id = public_id
        super().__init__(
            _("Held by %(name)s since %(time)s. Ask your colleague to hand it over if you need it.")
            % {"name": holder, "time": clock_text(since)}
        )


class OtherRole(Refusal):
    """The case is addressed to another role; *Ta emot ändå* takes it knowingly (QUE-13)."""

    code = "other_role"
    headline = gettext_lazy("The case belongs to another role")

    def __init__(self, role: str) -> None:
        self.role = role
        super().__init__(
            _("It is addressed to %(role)s. Open it and choose Take anyway if you are to handle it.") % {"role": role}
        )


class OfferPending(Refusal):
    """The case is offered to somebody; the offer is withdrawn first (HOV-01)."""

    code = "offer_pending"
    headline = gettext_lazy("The case is being handed over")
    message = gettext_lazy("Somebody has been asked to take it over. Withdraw the handover first, then try again.")


class OfferGone(Refusal):
    """The offer was withdrawn, declined or taken before the press (HOV-01)."""

    code = "offer_gone"
    headline = gettext_lazy("The handover is no longer open")
    message = gettext_lazy(
        "It has been withdrawn, or somebody else has taken the case. Reload the queue to see what waits for you now."
    )


class OwnOffer(Refusal):
    """Nobody accepts their own handover."""

    code = "own_offer"
    headline = gettext_lazy("You have handed over this case yourself")
    message = gettext_lazy("It is still yours until a colleague takes it. Withdraw the handover to keep it.")


class QueueEmpty(Refusal):
    """There is no next case to take."""

    code = "queue_empty"
    headline = gettext_lazy("No one is waiting")
    message = gettext_lazy("There is no case to take in your queue right now.")


class NotHolder(Refusal):
    """Only the holder may do this (I-06)."""

    status: ClassVar[int] = 403
    code = "not_holder"
    headline = gettext_lazy("You do not hold this case")
    message = gettext_lazy("Only the person who has taken the case can do this. Open the queue to see who holds it.")


class TransitionRefused(Refusal):
    """The case is not in a state in which this can be done."""

    code = "transition_refused"
    headline = gettext_lazy("The case has moved on")
    message = gettext_lazy("This cannot be done as the case is now. Reload the page to see what has happened.")


class AlreadyStarted(TransitionRefused):
    """A started case cannot be put back (CAS-06); it is handed over."""

    code = "already_started"
    headline = gettext_lazy("The visit has started")
    message = gettext_lazy("A started visit cannot be put back in the queue. Hand it over or close it.")


class NotTaken(TransitionRefused):
    """A waiting case is previewed, not opened (QUE-09)."""

    code = "not_taken"
    headline = gettext_lazy("The case is waiting in the queue")
    message = gettext_lazy("Take the case to work in it, or open the preview.")


class AlreadyReceived(TransitionRefused):
    """The resident wants to leave the queue, but care staff have the case."""

    code = "already_received"
    headline = gettext_lazy("Care staff have received your case")
    message = gettext_lazy("It can no longer be taken out of the queue. Tell them in the chat if you do not need help.")


class NotStarted(TransitionRefused):
    """Nothing can be written before *Starta besök* (CAS-04)."""

    code = "not_started"
    headline = gettext_lazy("The visit has not started")
    message = gettext_lazy("Messages can be sent once care staff have started the visit.")


class CaseClosed(Refusal):
    """Nothing more can be written (CAS-25)."""

    code = "case_closed"
    headline = gettext_lazy("The case is closed")
    message = gettext_lazy("Nothing more can be written in it. Start a new case if there is need of care.")


class ProfileIncomplete(Refusal):
    """The patient sees first name, last name and title; all must be filled in (AUTH-11)."""

    code = "profile_incomplete"
    headline = gettext_lazy("Your profile is not complete")
    message = gettext_lazy("Fill in first name, last name and title under Settings before you start a visit.")


class ShiftEnded(Refusal):
    """Taking cases needs an active shift at the unit (SHF-02)."""

    code = "shift_ended"
    headline = gettext_lazy("You have no active shift")
    message = gettext_lazy("Choose unit and start your shift, then take the case.")


class NotResumable(TransitionRefused):
    """Only a paused visit is resumed."""

    code = "not_paused"
    headline = gettext_lazy("The visit is not paused")
    message = gettext_lazy("It goes on already or is closed. Reload the page to see how it stands.")


class ReadOnly(Refusal):
    """A guardian who did not start the case reads but does not act (ENT-20)."""

    status: ClassVar[int] = 403
    code = "read_only"
    headline = gettext_lazy("You can read but not write in this case")
    message = gettext_lazy("Only the guardian who started the case can act in it.")


class MessageEmpty(Invalid):
    """A message without visible text."""

    code = "message_empty"
    headline = gettext_lazy("The message is empty")
    message = gettext_lazy("Write something before you send.")


class MessageTooLong(Invalid):
    """A message above the limit; what was typed stays."""

    code = "message_too_long"
    headline = gettext_lazy("The message is too long")

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("A message can be at most %(limit)s characters. Shorten it or send it in parts.") % {"limit": limit}
        )


class FollowUpTooLong(Invalid):
    """More follow-up days than the region allows (CAS-08)."""

    code = "follow_up_too_long"
    headline = gettext_lazy("The follow-up time is not allowed")

    def __init__(self, limit: int) -> None:
        super().__init__(_("Choose between 0 and %(limit)s days.") % {"limit": limit})


class PauseTimeRefused(Invalid):
    """A pause until the past, or further ahead than a pause is for (CAS-12)."""

    code = "pause_time"
    headline = gettext_lazy("The time to go on is not allowed")

    def __init__(self, days: int) -> None:
        super().__init__(_("Choose a time from now on and at most %(days)s days ahead.") % {"days": days})


class PatientNotTold(Invalid):
    """The region wants the patient told in the chat (CAS-14)."""

    code = "patient_not_told"
    headline = gettext_lazy("The patient must be told")
    message = gettext_lazy("Write a message to the patient: what happens now and where to turn if it gets worse.")


class BookingTimeRefused(Invalid):
    """A booked time that has passed (CAS-13)."""

    code = "booking_time"
    headline = gettext_lazy("The booked time has passed")
    message = gettext_lazy("Enter the date and time that the patient has been given, later than now.")


class UrgencyInvalid(Invalid):
    """Urgency is 1 to 5 (TRI-03)."""

    code = "urgency_invalid"
    headline = gettext_lazy("The urgency is not valid")
    message = gettext_lazy("Choose an urgency from 1 to 5.")


class ImageRefused(Invalid):
    """The file is not an image that is accepted (S-18)."""

    code = "image_refused"
    headline = gettext_lazy("The image could not be received")
    message = gettext_lazy("Choose an image in JPEG, PNG or WebP format.")


class ImageTooLarge(ImageRefused):
    """More bytes or pixels than the limit."""

    code = "image_too_large"
    message = gettext_lazy("The image is too large. It can be at most 12 MB and 40 megapixels.")


class ImageUnreadable(ImageRefused):
    """It claims to be an image but cannot be decoded within the limits."""

    code = "image_unreadable"
    message = gettext_lazy("The image is damaged or cannot be read. Choose another image.")


class TooBusy(ImageRefused):
    """Too many images are being decoded at this moment."""

    status: ClassVar[int] = 503
    code = "too_busy"
    message = gettext_lazy("Many images are being received right now. Wait a moment and send it again.")


class TooManyImages(ImageRefused):
    """More images than a case or interview may have."""

    code = "too_many_images"
    message = gettext_lazy("No more images can be added here.")
