"""``{% slots "start" %}``: the panels of a place, fetched from the apps that own them."""

from __future__ import annotations

from typing import Any

from django import template

from cases.slots import OF_A_CASE
from cases.slots import slots as registered

register = template.Library()


@register.inclusion_tag("cases/_slots.html", takes_context=True)
def slots(context: template.Context, place: str) -> dict[str, Any]:
    """Panels of a place; of the open case (``opened`` in the context), or of who is signed in."""
    actor = context.get("actor")
    seen = context.get("opened") if place in OF_A_CASE else actor
    if getattr(actor, "kind", "") != "staff" or getattr(actor, "unit_id", None) is None or seen is None:
        return {"panels": []}
    return {"place": place, "of_a_case": place in OF_A_CASE, "panels": registered.of(place, seen, actor=actor)}
