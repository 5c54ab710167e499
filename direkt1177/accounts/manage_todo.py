"""What waits for an administrator: closures to decide or publish, takeovers to confirm (HRS-10, HRS-13, UCH-01)."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from direkt1177.accounts.manage_rights import closure_acts, regions_of, units_managed
from direkt1177.units.closure_queries import ClosureShown, closures_of, takeovers_to_tell
from direkt1177.units.closures import Act


@dataclass(frozen=True, slots=True)
class ToDo:
    """One line with where to do it."""

    text: str
    url: str


def to_do(user_id: int) -> list[ToDo]:
    """All that waits for one administrator, closures first."""
    lines = []
    for shown in closures_of(list(units_managed(user_id).values_list("pk", flat=True))):
        words = _words(shown, closure_acts(user_id, shown.closure, shown.acts))
        if words:
            where = {"unit": shown.closure.unit.name, "interval": shown.interval, "what": words}
            text = _("%(what)s: %(unit)s, %(interval)s") % where
            lines.append(ToDo(text, reverse("admin:units_closure_change", args=[shown.closure.pk])))
    for region in regions_of(user_id):
        for change in takeovers_to_tell(region.pk):
            text = _("Confirm the takeover: %(unit)s, %(day)s") % {
                "unit": change.unit.name,
                "day": change.takes_effect.isoformat(),
            }
            lines.append(ToDo(text, reverse("admin:units_unitchange_change", args=[change.pk])))
    return lines


def _words(shown: ClosureShown, acts: tuple[Act, ...]) -> str:
    if Act.AGREE in acts or Act.APPROVE in acts:
        return _("Answer about the closure")
    if Act.ORDER in acts:
        return _("Order the closure")
    if Act.PUBLISH in acts:
        return _("Publish the text on the contact card")
    if Act.WITHDRAW in acts:
        return _("Take the text off the contact card")
    return ""
