"""Names of feeds and objects of handover, in one place (design §3)."""

from __future__ import annotations


def notices_feed(user_id: int) -> str:
    """A user's notification centre with its counter."""
    return f"notices:{user_id}"


def desk_feed(unit_id: int, role_id: int) -> str:
    """What a role at a unit is to look at besides its queue: offers and acknowledgements (*Startsida*)."""
    return f"desk:{unit_id}:{role_id}"


def coordinator_feed(unit_id: int) -> str:
    """What the coordinator of a unit watches."""
    return f"coordinator:{unit_id}"


OFFERS = "offers"
ACKNOWLEDGEMENTS = "acknowledgements"
NOTICES = "notices"
