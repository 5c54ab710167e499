"""Named refusals of acknowledgements (ACK-01..05)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.errors import clock_text
from direkt1177.audit.refusals import Invalid, Refusal


class AlreadyAcknowledged(Refusal):
    """Somebody else pressed first; told who and when (ACK-03).

    Attributes:
        by: name of the colleague.
        at: when, UTC.
    """

    code = "already_acknowledged"
    headline = gettext_lazy("Already acknowledged")

    def __init__(self, by: str, at: datetime) -> None:
        self.by, self.at = by, at
        super().__init__(
            _("%(name)s acknowledged it at %(time)s. You need do nothing more.")
            % {"name": by or _("A colleague"), "time": clock_text(at)}
        )


class NoAddressee(Invalid):
    """Nobody, or nobody at the unit, is chosen (ACK-01)."""

    code = "acknowledgement_no_addressee"
    headline = gettext_lazy("Choose who is to acknowledge")
    message = gettext_lazy("Choose a colleague or a role at your unit from the list.")


class ToYourself(Invalid):
    """Addressed to oneself."""

    code = "acknowledgement_to_self"
    headline = gettext_lazy("Choose somebody else")
    message = gettext_lazy("An acknowledgement goes to a colleague or a role. Choose somebody other than yourself.")


class RoleIsEmpty(Invalid):
    """Nobody at the unit holds the role, so nobody would see it."""

    code = "acknowledgement_role_empty"
    headline = gettext_lazy("Nobody has that role")
    message = gettext_lazy("Nobody at the unit has that role, so nobody would see it. Choose another role.")


class KindNotUsed(Invalid):
    """The region does not use acknowledgement for this (policy ``acknowledgement_use``)."""

    code = "acknowledgement_kind_not_used"
    headline = gettext_lazy("Choose what it is about")
    message = gettext_lazy("Choose one of the kinds in the list. Your region decides which ones are used.")


class TextMissing(Invalid):
    """The colleague is told nothing."""

    code = "acknowledgement_text_missing"
    headline = gettext_lazy("Write what it is about")
    message = gettext_lazy("Write to your colleague what to do or know. At most 2,000 characters.")
