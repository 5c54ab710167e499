"""Named refusals of finding: what happened and what to do instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal


class NotHeldNow(Refusal):
    """Nobody else holds it: there is an ordinary way in, or it is over."""

    code = "not_held_now"
    headline = _("No colleague holds the case now")
    message = _("Open the case in the ordinary way; it may have been put back, handed over or closed meanwhile.")


class OpensAnyway(Refusal):
    """No reason is needed: the actor holds it, or it lies in a queue of the unit."""

    code = "opens_anyway"
    headline = _("You may open the case without a reason")
    message = _("Open it in the ordinary way, from your own cases or the queue.")


class ReasonMissing(Invalid):
    """An opening without a reason."""

    code = "reason_missing"
    message = _("Write why you need to read the case.")


class SearchOver(Refusal):
    """The result of a search is not shown for ever."""

    status = 410
    code = "search_over"
    headline = _("The search is no longer shown")
    message = _("Search again, with the purpose you have now.")


class OwnOpening(Refusal):
    """Nobody reviews themselves."""

    status = 403
    code = "own_opening"
    headline = _("You made this opening yourself")
    message = _("Another coordinator has to review it.")
