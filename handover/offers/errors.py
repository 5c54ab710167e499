"""Named refusals of offers: what is wrong and what to do (HOV)."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.errors import TransitionRefused
from direkt1177.audit.refusals import Invalid, NotAllowed, Refusal
from handover.states import HandoverState


class OfferRefused(Invalid):
    """Base of what is wrong with the chosen receiver or the form."""

    code = "offer_refused"
    headline = gettext_lazy("The case cannot be handed over like that")
    field = "to"


class NoReceiver(OfferRefused):
    """Nothing chosen, or something that is not in the list."""

    code = "offer_no_receiver"
    message = gettext_lazy("Choose who is to take over.")


class OfferToSelf(OfferRefused):
    """The giver is the addressee."""

    code = "offer_to_self"
    message = gettext_lazy("You have the case already. Choose a colleague or a role.")


class OnlyYou(OfferRefused):
    """The own role, and nobody else holds it."""

    code = "offer_only_you"
    message = gettext_lazy("Nobody else at the unit has that role. Choose another role or another unit.")


class NobodyHasRole(OfferRefused):
    """No active membership with the role at the unit."""

    code = "offer_nobody"
    message = gettext_lazy("Nobody has that role there, so nobody would see the case. Choose another role.")


class ReceiverClosed(OfferRefused):
    """The unit takes no cases now (HRS-14)."""

    code = "offer_closed"

    def __init__(self, words: str) -> None:
        super().__init__(_("The unit is %(state)s. Choose another receiver.") % {"state": words})


class TicketInstead(OfferRefused):
    """Another care provider, or a region that books tickets between units (HOV-16, HOV-19)."""

    code = "offer_ticket"
    message = gettext_lazy("A case cannot be handed over to that unit. Create a ticket for the patient instead.")


class RoleNotOffered(OfferRefused):
    """The region's rule names other roles at the receiving unit (HOV-13)."""

    code = "offer_role"
    message = gettext_lazy("That role takes no handovers from other units. Choose one of the roles in the list.")


class ColleagueNotOffered(OfferRefused):
    """The region hands over to roles only, or the colleague is not on duty (HOV-03)."""

    code = "offer_colleague"
    message = gettext_lazy("That person cannot be chosen now. Choose the role, so that whoever is on duty takes it.")


class PatientNotTold(OfferRefused):
    """The region wants the patient told (CAS-14)."""

    code = "offer_patient_not_told"
    field = "patient_message"
    message = gettext_lazy("Write to the patient that somebody else takes over. Your region requires it.")


class ChatIsOver(OfferRefused):
    """There is something to say, but the chat is closed to the patient."""

    code = "offer_chat_over"
    field = "patient_message"
    message = gettext_lazy("The follow-up has ended, so the patient cannot be told in the chat. Empty the message.")


class NotDocumented(OfferRefused):
    """The access ends with acceptance; the note comes first (HOV-15)."""

    code = "offer_not_documented"
    field = "documented_first"
    message = gettext_lazy("Write the visit note first, and confirm it here. You lose access when they take over.")


class ReasonMissing(OfferRefused):
    """Declining and passing on a misdirected case need a reason (CAS-21)."""

    code = "offer_reason"
    field = "reason"
    headline = gettext_lazy("A reason is missing")
    message = gettext_lazy("Write a short reason.")


class MessageLong(OfferRefused):
    """The internal message is above the limit; what was typed stays."""

    code = "offer_message_long"
    field = "message"

    def __init__(self, limit: int) -> None:
        super().__init__(_("The internal message can be at most %(limit)s characters.") % {"limit": limit})


class VisitNotBegun(TransitionRefused):
    """What has not started is put back, not handed over."""

    code = "offer_not_begun"
    headline = gettext_lazy("The visit has not started")
    message = gettext_lazy("Put the case back in the queue instead, or start the visit first.")


class NoOffer(Refusal):
    """There is no offer any more; says how it ended."""

    code = "offer_over"
    headline = gettext_lazy("The handover is over")

    def __init__(self, state: str, by: str = "") -> None:
        self.state = state
        words = {
            HandoverState.ACCEPTED: _("%(name)s has taken over the case."),
            HandoverState.DECLINED: _("%(name)s has declined it. The case stays with whoever offered it."),
            HandoverState.WITHDRAWN: _("%(name)s has withdrawn it. The case stays with whoever offered it."),
        }.get(HandoverState(state), _("The giver's shift has ended, and the case lies in a queue."))
        super().__init__(words % {"name": by or _("A colleague")})


class NotYourOffer(NotAllowed):
    """Only the giver withdraws, only the addressee declines."""

    code = "offer_not_yours"
    headline = gettext_lazy("This handover is not yours")
    message = gettext_lazy("Only the giver can withdraw it, and only the receiver can decline it.")


class OfferedToColleague(Refusal):
    """At the end of a shift an offer to a named colleague stands in the way."""

    code = "offered_to_colleague"
    headline = gettext_lazy("A handover to a colleague is not decided")
    message = gettext_lazy(
        "Wait until your colleague has taken over, withdraw the handover, or offer the case to a role instead."
    )
