"""Named refusals about staff, shifts and permissions."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from direkt1177.audit.refusals import Invalid, NotAllowed, Refusal


class ShiftTypeNeeded(Invalid):
    """The first shift needs a confirmed shift type (AUTH-08)."""

    code = "shift_type_needed"
    headline = _("Choose a shift type")
    message = _("Choose a shift type and confirm before you start working.")


class OngoingCases(Refusal):
    """A unit cannot be left while cases are held there: nobody else could act in them (SHF-05, HOV-11)."""

    code = "ongoing_cases"
    headline = _("You have ongoing visits at the unit")

    def __init__(self, count: int, *, at_unit: str = "") -> None:
        self.count = count
        self.at_unit = at_unit
        super().__init__(
            ngettext(
                "You hold %(n)s visit there. Choose what happens to it under End shift, then leave the unit.",
                "You hold %(n)s visits there. Choose what happens to them under End shift, then leave the unit.",
                count,
            )
            % {"n": count}
        )


class ShiftOver(Refusal):
    """The shift has ended meanwhile."""

    code = "shift_over"
    headline = _("The shift has already ended")
    message = _("Somebody else, or you in another tab, has ended it. Reload the page to see how it stands.")


class EndReasonMissing(Invalid):
    """Ending somebody else's shift is always explained."""

    code = "end_reason"
    headline = _("A reason is missing")
    message = _("Write why the shift is ended.")


class NotYourUnit(NotAllowed):
    """A granter acts only at units where they hold that permission (ORG-14)."""

    code = "not_your_unit"
    message = _("You can only change permissions at units where you are user administrator yourself.")


class NotYourSettings(NotAllowed):
    """Settings are changed only where that right is held (ORG-13)."""

    code = "not_your_settings"
    message = _("You can only change settings where you are configuration administrator or regional administrator.")


class RegionAdminNeeded(NotAllowed):
    """Whoever makes a regional administrator is one (ORG-14)."""

    code = "region_admin_needed"
    message = _("Only a regional administrator can make somebody else one.")


class HsaIdTaken(Invalid):
    """There is a user with that HSA-id already."""

    code = "hsa_id_taken"
    headline = _("The HSA-id is already in use")
    message = _("There is a user with this HSA-id. Find the user in the list and give the permission there.")


class AlreadyHeld(Invalid):
    """The permission is already there."""

    code = "already_held"
    message = _("The user already has this permission at the unit.")
