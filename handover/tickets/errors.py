"""Named refusals of tickets: what is wrong, and what to do (TIK-02, TIK-15, TIK-17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from direkt1177.audit.refusals import Invalid, Refusal


class TicketProblem(Invalid):
    """Something in the form; ``field`` says where."""

    code = "ticket_problem"
    field: ClassVar[str] = ""
    headline = gettext_lazy("The ticket cannot be sent like that")


class TicketIncomplete(Invalid):
    """One or several things in the form are missing or wrong; nothing was sent.

    Attributes:
        problems: each with its field and what to do.
    """

    code = "ticket_incomplete"
    headline = gettext_lazy("The ticket cannot be sent like that")

    def __init__(self, problems: Sequence[TicketProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(str(problem.message) for problem in self.problems))


class NotVerified(TicketProblem):
    """The patient was not checked (TIK-02, row 1)."""

    code = "ticket_not_verified"
    field = "verified"
    message = gettext_lazy("Check that it is the right patient and tick the box.")


class BookTimeNotAllowed(TicketProblem):
    """The region does not use *Boka tid* (TIK-04)."""

    code = "ticket_book_time_not_allowed"
    field = "type"
    message = gettext_lazy("Your region does not use tickets with a booked time. Choose Drop-in.")


class TimeMissing(TicketProblem):
    """*Boka tid* without a time within the validity."""

    code = "ticket_time_missing"
    field = "booked_for"
    message = gettext_lazy("Write the booked time. It must lie within the dates of the ticket.")


class UrgencyMissing(TicketProblem):
    """The receiver sees no triage result, so the urgency is compulsory (TIK-18)."""

    code = "ticket_urgency_missing"
    field = "urgency"
    message = gettext_lazy("Choose the urgency in the receiver's queue.")


class ReasonNotInList(TicketProblem):
    """The contact reason comes from the list (TIK-02, row 5)."""

    code = "ticket_reason_not_in_list"
    field = "reason"

    def __init__(self, suggestions: Sequence[str] = ()) -> None:
        text = _("Choose a contact reason from the list.")
        if suggestions:
            text += " " + _("Did you mean: %(names)s?") % {"names": ", ".join(suggestions)}
        super().__init__(text)


class ReceiverMissing(TicketProblem):
    """No unit and role, or one that a ticket cannot be sent to (TIK-02, rows 7 and 8)."""

    code = "ticket_receiver_missing"
    field = "to"
    message = gettext_lazy("Choose unit and role from the list.")


class RoleNotAllowed(TicketProblem):
    """Another role than the region's rule says (TIK-03, HOV-20)."""

    code = "ticket_role_not_allowed"
    field = "to"
    message = gettext_lazy("A ticket cannot be sent to that role. Choose one of the roles in the list.")


class NobodyHasRole(TicketProblem):
    """Nobody at the unit holds the role, so nobody would see the case."""

    code = "ticket_nobody_has_role"
    field = "to"
    message = gettext_lazy("Nobody has that role at the unit, so nobody would see the case. Choose another.")


class UnitClosedThroughout(TicketProblem):
    """The unit is closed during the whole validity."""

    code = "ticket_unit_closed"
    field = "to"
    message = gettext_lazy("The unit is closed during all of the ticket's dates. Choose another unit or other dates.")


class EndBeforeStart(TicketProblem):
    """The last day lies before the first."""

    code = "ticket_end_before_start"
    field = "valid_to"
    message = gettext_lazy("The last day is before the first day.")


class InThePast(TicketProblem):
    """The first day lies before today."""

    code = "ticket_in_the_past"
    field = "valid_from"
    message = gettext_lazy("The first day has passed. Choose today or a later day.")


class EndPassed(TicketProblem):
    """The last day lies before today."""

    code = "ticket_end_passed"
    field = "valid_to"
    message = gettext_lazy("The last day has passed. Choose today or a later day.")


class DateMissing(TicketProblem):
    """No first or last day."""

    code = "ticket_date_missing"
    field = "valid_from"
    message = gettext_lazy("Write the first and the last day.")


class TooLong(TicketProblem):
    """Longer or later than the policy allows (``ticket_max_days``)."""

    code = "ticket_too_long"
    field = "valid_to"

    def __init__(self, days: int) -> None:
        super().__init__(_("A ticket can be used at most %(days)s days ahead. Choose an earlier day.") % {"days": days})


class FormNotOffered(TicketProblem):
    """A form that the receiving unit does not use."""

    code = "ticket_form_not_offered"
    field = "question_forms"
    message = gettext_lazy("The receiving unit does not use that form. Choose one of the forms in the list.")


class TextTooLong(TicketProblem):
    """More than 4,000 characters."""

    code = "ticket_text_too_long"
    field = "anamnesis"
    message = gettext_lazy("Shorten the text. At most 4,000 characters.")


class InformationTooLong(TextTooLong):
    """The same of the information to the patient."""

    code = "ticket_information_too_long"
    field = "information"


class PhoneContactMissing(TicketProblem):
    """Urgency 1 and 2: the patient was talked to, or it is said why not."""

    code = "ticket_phone_contact_missing"
    field = "phone_contact_at"
    message = gettext_lazy("Urgency 1 and 2: write when you talked with the patient by phone, or why you did not.")


class PhoneContactInFuture(TicketProblem):
    """A call that has not been made."""

    code = "ticket_phone_contact_in_future"
    field = "phone_contact_at"
    message = gettext_lazy("The phone contact lies ahead. Write when you talked.")


class ReasonMissing(Invalid):
    """A ticket is withdrawn with a reason."""

    code = "ticket_reason_missing"
    headline = gettext_lazy("Write why")
    message = gettext_lazy("Write why the ticket is withdrawn. At most 300 characters.")


class TicketAlreadySent(Refusal):
    """What was sent is not changed; it is withdrawn and made anew."""

    code = "ticket_already_sent"
    headline = gettext_lazy("The ticket is already sent")
    message = gettext_lazy("A ticket that is sent cannot be changed. Withdraw it and create a new one.")


class TicketUsed(Refusal):
    """The patient has used it (TIK-01)."""

    code = "ticket_used"
    headline = gettext_lazy("The ticket has been used")
    message = gettext_lazy("A ticket can be used once. The case it became is under My cases.")


class TicketExpired(Refusal):
    """Its time is over (TIK-13, TIK-17)."""

    code = "ticket_expired"
    headline = gettext_lazy("The ticket has expired")
    message = gettext_lazy("It can no longer be used. Seek care again if you still need help.")


class TicketWithdrawn(Refusal):
    """Care staff took it back (TIK-15, TIK-17)."""

    code = "ticket_withdrawn"
    headline = gettext_lazy("The ticket has been withdrawn")
    message = gettext_lazy("It can no longer be used. Seek care again if you still need help.")


class TicketNotUsableYet(Refusal):
    """The issuing case is not closed (TIK-06), or the first day has not come."""

    code = "ticket_not_usable_yet"
    headline = gettext_lazy("The ticket cannot be used yet")

    def __init__(self, from_when: datetime | None = None) -> None:
        if from_when is None:
            super().__init__(_("You can use it when care staff have closed the visit that you have with them now."))
            return
        day = date_format(timezone.localtime(from_when), "l j F")
        super().__init__(_("You can use it from %(day)s.") % {"day": day})


class FormsLeft(Refusal):
    """Its forms are answered first (TIK-07)."""

    code = "ticket_forms_left"
    headline = gettext_lazy("Answer the questions first")
    message = gettext_lazy("There are questions to answer before you use the ticket.")


class ReceiverClosed(Refusal):
    """The receiving unit takes no new cases now; told honestly."""

    code = "ticket_receiver_closed"
    headline = gettext_lazy("The unit is closed right now")

    def __init__(self, until: datetime | None) -> None:
        text = _("It takes no new cases. Call 1177 for advice, day and night, or 112 if there is danger to life.")
        if until is not None:
            local = timezone.localtime(until)
            when = {"day": date_format(local, "l j F"), "time": f"{local:%H.%M}"}
            text = _("It opens again on %(day)s at %(time)s.") % when + " " + text
        super().__init__(text)
