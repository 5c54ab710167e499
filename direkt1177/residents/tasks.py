"""What the tick finds due among residents: children who turn 13 today (ENT-17, S-14)."""

from __future__ import annotations

from datetime import date, timedelta

from direkt1177.audit.record import command
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.outbox.models import Effect
from direkt1177.residents.models import Person
from direkt1177.residents.queries import today
from direkt1177.residents.rules import OWN_SIGN_IN_FROM

_LOOK_BACK = timedelta(days=3)  # a tick that was away for days still finds them
BATCH = 500


def find_birthdays() -> int:
    """Ask for the end of guardians' open sessions of children who have turned 13; once per child.

    The doors refuse from midnight in any case; this closes what is already open on a screen.

    Returns:
        How many children were found.
    """
    day = today()
    born = (_years_before(day - _LOOK_BACK), _years_before(day))
    children = Person.objects.filter(birth_date__range=born, guardians__isnull=False).distinct()
    keys = {_key(pk): pk for pk in children.order_by("pk").values_list("pk", flat=True)[:BATCH]}
    known = set(Effect.objects.filter(key__in=keys).values_list("key", flat=True))
    missing = {key: pk for key, pk in keys.items() if key not in known}
    if missing:
        _ask(missing)
    return len(missing)


@command
def _ask(children: dict[str, int]) -> None:
    for key, pk in children.items():
        enqueue(EffectSpec(kind="turned_13", key=key, aggregate=f"person:{pk}", payload={"person": pk}))


def _key(pk: int) -> str:
    return f"turned_13:{pk}"


def _years_before(day: date) -> date:
    """The birth date of who has their birthday on this day; 29 February counts on 1 March."""
    try:
        return day.replace(year=day.year - OWN_SIGN_IN_FROM)
    except ValueError:
        return date(day.year - OWN_SIGN_IN_FROM, 2, 28)
