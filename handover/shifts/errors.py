"""Named refusals of ending a shift (SHF-05)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from direkt1177.audit.refusals import Refusal


class CasesRemain(Refusal):
    """Own cases are left: each must be closed or put back first."""

    code = "cases_remain"
    headline = _("You still have ongoing cases")

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            ngettext(
                "%(n)s case is still yours. Close it, or put it back if the visit has not started.",
                "%(n)s cases are still yours. Close them, or put back those whose visit has not started.",
                count,
            )
            % {"n": count}
        )


class NoActiveShift(Refusal):
    """The shift has already ended."""

    code = "no_active_shift"
    headline = _("The shift has already ended")
    message = _("Choose unit to start a new one.")
