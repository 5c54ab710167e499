"""Named refusals of changes of a unit itself: branches, winding up, takeover, names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from direkt1177.audit.refusals import Invalid, Refusal
from direkt1177.units.closed_words import interval_words
from direkt1177.units.leftovers import Leftover
from direkt1177.units.models import Closure


class NotABranch(Invalid):
    """Only branches have a health centre that their cases can go to (ORG-21)."""

    code = "not_a_branch"
    message = _("Only a branch in use can be decided on. Choose a branch.")


class ConditionMissing(Invalid):
    """A branch handles its own cases on condition that the workflow can be followed there (ORG-21)."""

    code = "branch_condition_missing"
    message = _("Write how the workflow is followed at the branch: who reads the cases, and when.")


class DecisionDates(Invalid):
    """A decision is made today or earlier and begins to hold today or later."""

    code = "branch_decision_dates"
    message = _("The decision is dated today or earlier, and holds from today or a later day. Change the dates.")


class BranchReceives(Invalid):
    """The branch takes another unit's cases during a closure; sent on they would go round or a longer way."""

    code = "branch_receives"

    def __init__(self, closure: Closure) -> None:
        words = {"unit": closure.unit.name, "interval": interval_words(closure)}
        super().__init__(
            _(
                "The branch takes the cases of %(unit)s %(interval)s. Change that closure first, or decide from a "
                "later day."
            )
            % words
        )


class NameTaken(Invalid):
    """Another unit has that HSA-id."""

    code = "unit_hsa_id_taken"
    headline = _("The HSA-id is already in use")
    message = _("Another unit has this HSA-id. Check the number.")


class NameUnchanged(Invalid):
    """Neither name nor HSA-id differs from what holds."""

    code = "unit_name_unchanged"
    message = _("The name and the HSA-id are the ones that hold already. Change one of them.")


class ChangeRefused(Invalid):
    """Winding up or takeover cannot be planned like this."""

    code = "unit_change_refused"
    headline = _("The change was not saved")


class ChangePlannedAlready(ChangeRefused):
    """There is one."""

    code = "unit_change_planned"
    message = _("The unit already has a planned winding up or takeover. Cancel that one first.")


class DayIsPast(ChangeRefused):
    """It takes effect today or later."""

    code = "unit_change_day_past"
    message = _("The day has passed. Choose today or a later day.")


class SuccessorRefused(ChangeRefused):
    """The unit that goes on: in use, in the region, another unit; at a takeover another care provider's."""

    code = "unit_change_successor"
    message = _(
        "Choose another unit of the region that is in use. At a takeover it is a unit of the care provider that takes "
        "over."
    )


class ChangeNotOpen(Refusal):
    """It has been carried out or cancelled, or regional administration has been told already."""

    code = "unit_change_not_open"
    headline = _("That cannot be done with the change now")
    message = _("Somebody has already done it or cancelled it. Reload the page.")


class NotBeforeTheDay(Refusal):
    """A change is carried out on its day at the earliest."""

    code = "unit_change_too_early"
    headline = _("The day has not come")

    def __init__(self, day: date) -> None:
        words = {"day": date_format(day, "j F Y")}
        super().__init__(_("It takes effect on %(day)s. Carry it out that day, or plan it for an earlier day.") % words)


class RegionNotTold(Refusal):
    """Regional administration is told before a takeover (UCH-01)."""

    code = "unit_change_region_not_told"
    headline = _("Regional administration has not been told")
    message = _("Regional administration must be told about a takeover three weeks ahead. Let them confirm it first.")


class WorkLeft(Refusal):
    """A unit with work left is not wound up (UCH-02).

    Attributes:
        leftovers: what and how much.
    """

    code = "unit_work_left"
    headline = _("The unit has work left")

    def __init__(self, leftovers: Sequence[Leftover]) -> None:
        self.leftovers = tuple(leftovers)
        listed = ", ".join(f"{found.label}: {found.count}" for found in leftovers)
        super().__init__(_("Finish or hand over this first: %(what)s. Nothing has been changed.") % {"what": listed})
