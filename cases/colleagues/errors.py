"""Named refusals: what happened and what to do instead."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal


class AlreadyGuest(Refusal):
    """The colleague is a guest of this case now."""

    code = "already_guest"
    headline = _("The colleague is a guest already")
    message = _("Change how the guest takes part in the list of guests, or choose somebody else.")


class GuestNotOnDuty(Refusal):
    """Nobody by that id is on duty at that unit, or it belongs to another care provider (CHT-14)."""

    code = "guest_not_on_duty"
    headline = _("The colleague cannot be invited")
    message = _("Only staff on duty at your unit, or another unit of your care provider, can be invited. Choose again.")


class NoGuestsNow(Refusal):
    """The case is not being worked in: closed, or nobody's."""

    code = "no_guests_now"
    headline = _("Nobody can be invited now")
    message = _("Guests can be invited while somebody has the case and it is not closed.")


class OwnInvitation(Refusal):
    """Whoever has the case is no guest of it."""

    code = "own_invitation"
    headline = _("You have the case yourself")
    message = _("Choose a colleague to invite.")


class NoGuest(Invalid):
    """Nobody was chosen, or not as the list sends it."""

    code = "no_guest"
    headline = _("Nobody is chosen")
    message = _("Choose a colleague in the list and press Invite.")


class GuestGone(Refusal):
    """The guest has left or was removed before the press."""

    code = "guest_gone"
    headline = _("The guest is no longer in the case")
    message = _("The guest has left, was removed, or the visit was closed. Reload the page to see who takes part.")


class ConsultOnly(Refusal):
    """A guest who consults writes in the internal chat only (CHT-16)."""

    status: ClassVar[int] = 403
    code = "consult_only"
    headline = _("You are a guest and consult internally")
    message = _("Write in the internal chat, or ask whoever has the case to let you take part in the patient chat.")


class NotInInternalChat(Refusal):
    """May see something of the case, but takes no part in what its staff write to each other."""

    status: ClassVar[int] = 403
    code = "not_in_internal_chat"
    headline = _("You take no part in the internal chat")
    message = _("Whoever has the case, the guests, and those it is being handed over to write here.")
