"""Named refusals of closures: each says what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal
from direkt1177.units.closed_words import interval_words
from direkt1177.units.models import Closure, Unit


class ClosureRefused(Invalid):
    """The closure cannot be saved like this."""

    code = "closure_refused"
    headline = _("The closure was not saved")


class ClosureNotAhead(ClosureRefused):
    """It begins in the past, or ends before it begins."""

    code = "closure_not_ahead"
    message = _("The closure must begin from now on and end later than it begins. Change the times.")


class ClosureOverlaps(ClosureRefused):
    """The unit has another closure in that interval."""

    code = "closure_overlaps"

    def __init__(self, other: Closure) -> None:
        super().__init__(
            _("The unit already has a closure %(interval)s. Choose other times, or cancel that one first.")
            % {"interval": interval_words(other)}
        )


class TargetRefused(ClosureRefused):
    """The receiving unit cannot be used: itself, another region, not in use, or no place residents come to."""

    code = "closure_target_refused"
    message = _("Choose another health centre, branch or advice line of the region that is in use.")


class TargetClosed(ClosureRefused):
    """The receiving unit is itself closed during a part of the interval."""

    code = "closure_target_closed"

    def __init__(self, other: Closure) -> None:
        words = {"unit": other.unit.name, "interval": interval_words(other)}
        super().__init__(
            _("%(unit)s is itself closed %(interval)s. Choose another receiving unit or other times.") % words
        )


class ReceivesMeanwhile(ClosureRefused):
    """The unit takes another unit's cases during a part of the interval."""

    code = "closure_receives"

    def __init__(self, other: Closure) -> None:
        words = {"unit": other.unit.name, "interval": interval_words(other)}
        super().__init__(
            _("This unit takes the cases of %(unit)s %(interval)s. Change that closure first, or choose other times.")
            % words
        )


class TargetRedirects(ClosureRefused):
    """The receiving branch sends its cases on to its health centre: that would be a loop or a longer way."""

    code = "closure_target_redirects"

    def __init__(self, target: Unit, onward: Unit) -> None:
        words = {"unit": target.name, "onward": onward.name}
        super().__init__(
            _("%(unit)s sends its own cases to %(onward)s. Choose a unit that handles its own cases.") % words
        )


class GroundsRefused(ClosureRefused):
    """The region does not accept the grounds (HRS-11)."""

    code = "closure_grounds_refused"
    message = _("The region does not accept these grounds for a planned closure. Choose one of those in the list.")


class SingleDaysOnly(ClosureRefused):
    """The region accepts single days only (HRS-11)."""

    code = "closure_single_days"
    message = _("The region only accepts closing for single days. Give one closure a day, within the same date.")


class ReceiverNotInformed(ClosureRefused):
    """The head of operations makes sure that the receiving unit knows (HRS-10)."""

    code = "closure_receiver_not_informed"
    message = _("First make sure that the receiving unit is informed and can follow the routine. Then tick the box.")


class AcuteNotAllowed(ClosureRefused):
    """The region has no acute closures (HRS-15)."""

    code = "closure_acute_not_allowed"
    message = _("The region does not allow acute closures. Plan a closure, or ask regional administration.")


class AcuteTooLong(ClosureRefused):
    """An acute closure is for single days (HRS-15)."""

    code = "closure_acute_too_long"
    message = _("An acute closure is for single days, a week at most. Give an earlier reopening, or plan a closure.")


class VerificationMissing(ClosureRefused):
    """Nobody has checked that the caller may order the closure (HRS-16)."""

    code = "closure_not_verified"
    message = _("Write who ordered the closure and how you checked that the caller may do so.")


class ActRefused(Refusal):
    """The closure is not in a state for that: decided by somebody else meanwhile, begun, or over."""

    code = "closure_act_refused"
    headline = _("That cannot be done with the closure now")

    def __init__(self, closure: Closure) -> None:
        super().__init__(
            _("It is now: %(status)s. Reload the page to see who decided what.")
            % {"status": closure.get_status_display()}
        )


class CardTextChanged(Refusal):
    """The text on the page is no longer the one to publish."""

    code = "closure_card_changed"
    headline = _("The text for the contact card has changed")
    message = _("Copy the text again, publish it, and tick the box once more.")
