"""Named refusals of ending a shift, releasing and closing time (SHF-05)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from direkt1177.audit.refusals import Invalid, Refusal


class CasesRemain(Refusal):
    """Own cases are left: what becomes of each must be chosen first."""

    code = "cases_remain"
    headline = gettext_lazy("You still have ongoing cases")

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            ngettext(
                "%(n)s case is still yours. Choose what is to happen to it, then end the shift.",
                "%(n)s cases are still yours. Choose what is to happen to them, then end the shift.",
                count,
            )
            % {"n": count}
        )


class NoActiveShift(Refusal):
    """The shift has already ended."""

    code = "no_active_shift"
    headline = gettext_lazy("The shift has already ended")
    message = gettext_lazy("It was ended in another tab or by an administrator. Choose unit to start a new one.")


class ChoiceRefused(Invalid):
    """What was chosen for one case cannot be done; base of the reasons shown beside it."""

    code = "choice_refused"
    headline = gettext_lazy("This was not done")
    message = gettext_lazy("Choose something else for this case.")


class ChoiceNotAllowed(ChoiceRefused):
    """The region does not allow it, or the case has changed since the page was shown."""

    code = "choice_not_allowed"
    message = gettext_lazy("This cannot be chosen for the case as it is now. Choose again.")


class NobodyHasThatRole(ChoiceRefused):
    """The chosen role lies at nobody's desk."""

    code = "choice_no_role"
    message = gettext_lazy("Nobody at the unit has that role. Choose another role.")


class PatientTextMissing(ChoiceRefused):
    """The patient must be told (CAS-12, CAS-14)."""

    code = "choice_no_text"
    message = gettext_lazy("Write to the patient what happens now.")


class DayNotStaffed(ChoiceRefused):
    """Nobody is there on the day to which the case is paused."""

    code = "choice_day"
    message = gettext_lazy("Choose one of the coming 14 days on which the unit is staffed.")


class FollowUpDays(ChoiceRefused):
    """More days than the region allows, or none for a case that is to be asynchronous."""

    code = "choice_days"

    def __init__(self, limit: int) -> None:
        super().__init__(_("Choose between 1 and %(limit)s days.") % {"limit": limit})


class BookingIncomplete(ChoiceRefused):
    """Closing with a booked time records when and where (CAS-13)."""

    code = "choice_booking"
    message = gettext_lazy("Write the day, time and place that you have booked, from now on.")


class NotHeld(Refusal):
    """Nothing to release: it waits in a queue already, or is over."""

    code = "not_held"
    headline = gettext_lazy("Nobody has the case any more")
    message = gettext_lazy("It is already in a queue or closed. Reload the page to see how it stands.")


class ReleaseReasonMissing(Invalid):
    """Releasing somebody's case is always explained."""

    code = "release_reason"
    headline = gettext_lazy("A reason is missing")
    message = gettext_lazy("Write why the case is released, for example that your colleague has gone home ill.")


class NotYoursToRelease(Refusal):
    """Only coordinators and managers of the unit release (QUE-16)."""

    status = 403
    code = "not_yours_to_release"
    headline = gettext_lazy("You cannot release cases at this unit")
    message = gettext_lazy("Ask the unit's coordinator or manager.")


class NothingCloses(Refusal):
    """There is nothing to tell: somebody is always there."""

    code = "nothing_closes"
    headline = gettext_lazy("The unit does not close")
    message = gettext_lazy("According to its hours somebody is always there, so there is nothing to tell the patients.")
