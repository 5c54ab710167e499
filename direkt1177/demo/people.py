"""Residents of the demo: official test personnummer, families, protected persons (ENT-14..29)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from direkt1177.demo.files import RegionData, official_numbers
from direkt1177.demo.places import Places, draw_uuid
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.numbers import parse_personal_number
from direkt1177.residents.rules import age_on
from direkt1177.units.clock import now
from direkt1177.units.staffed_time import STOCKHOLM

# Fictitious mobile numbers set aside by PTS: 070-174 06 05 to 070-174 06 99.
_MOBILES = [f"+4670174{number:04d}" for number in range(605, 700)]


@dataclass(slots=True)
class People:
    """The residents by key, and who may write for whom."""

    by_key: dict[str, Person] = field(default_factory=dict)
    guardian_of: dict[int, Person] = field(default_factory=dict)
    today: date = field(default_factory=lambda: now().astimezone(STOCKHOLM).date())

    def age(self, person: Person) -> int:
        """Whole years on the day of seeding."""
        return age_on(person.birth_date, self.today)

    def who_may_write(self, who: str) -> list[Person]:
        """Residents of an age group who can have a case, in a fixed order.

        Args:
            who: ``adult``, ``old``, ``young`` (13-17) or ``child`` (1-12, through a guardian).
        """
        groups: dict[str, Callable[[int], bool]] = {
            "adult": lambda age: 18 <= age < 65,
            "old": lambda age: age >= 65,
            "young": lambda age: 13 <= age < 18,
            "child": lambda age: 1 <= age < 13,
        }
        found = [p for p in self.by_key.values() if groups[who](self.age(p))]
        return [p for p in found if who != "child" or p.pk in self.guardian_of]


def infant_number(born: date, sex: str) -> str:
    """A test number for somebody born after the newest edition of the official set.

    That set has the birth numbers 238 and 239 for nearly every day; the same ones are taken, with their check digit.
    """
    digits = f"{born:%y%m%d}{'238' if sex == 'female' else '239'}"
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
    return f"{born:%Y%m%d}{digits[6:]}{-total % 10}"


class _Numbers:
    """Official test numbers, each used once."""

    def __init__(self, today: date, digits: Iterable[str]) -> None:
        self.today = today
        taken = set(Person.objects.values_list("personal_number", flat=True))
        self.free = [parse_personal_number(number) for number in digits if number not in taken]

    def take(self, sex: str, age: int) -> str:
        """The free number of that sex whose age today is nearest; of equals the first."""
        best = min(
            (number for number in self.free if number.sex == sex),
            key=lambda number: (abs(age_on(number.birth_date, self.today) - age), number.digits),
        )
        self.free.remove(best)
        return best.digits


def build_people(random: Random, places: Places, region: RegionData) -> People:
    """Create residents, guardians and listing."""
    data = region.people
    people = People()
    numbers = _Numbers(people.today, official_numbers(data.get("numbers", "testpersonnummer")))
    used = set(Person.objects.values_list("mobile", flat=True))
    mobiles = (number for number in _MOBILES if number not in used)
    rows: list[tuple[str, Person]] = []
    for entry in data["fixed"]:
        if "age_months" in entry:
            digits = infant_number(people.today - timedelta(days=30 * entry["age_months"]), entry["sex"])
        else:
            digits = numbers.take(entry["sex"], entry["age"])
        child = parse_personal_number(digits).birth_date > people.today - timedelta(days=13 * 365)
        mobile = "" if child or entry.get("mobile") == "none" else next(mobiles, "")
        rows.append((entry["key"], _person(random, places, digits, mobile, entry)))
    adults = [number for number in numbers.free if age_on(number.birth_date, people.today) >= 15]
    for count, number in enumerate(random.sample(adults, min(data.get("more", 0), len(adults)))):
        shares = data["listed_shares"]
        entry = {
            "first": random.choice(data[number.sex]),
            "last": random.choice(data["last"]),
            "listed": random.choices(list(shares), list(shares.values()))[0],
        }
        rows.append((f"more{count}", _person(random, places, number.digits, next(mobiles, ""), entry)))
    Person.objects.bulk_create([person for _key, person in rows])
    people.by_key = dict(rows)
    _build_families(people, data["families"])
    return people


def _person(random: Random, places: Places, digits: str, mobile: str, entry: Mapping[str, Any]) -> Person:
    number = parse_personal_number(digits)
    return Person(
        public_id=draw_uuid(random),
        personal_number=digits,
        first_name=entry["first"],
        last_name=entry["last"],
        birth_date=number.birth_date,
        sex=number.sex,
        mobile=mobile,
        email=f"invanare{random.randint(1000, 9999)}@example.org" if mobile and random.random() < 0.5 else "",
        listed_unit=places.units.get(entry["listed"]),
        protected=entry.get("protected", "no"),
        register_checked_at=None if entry.get("protected") == "unknown" else now(),
    )


def _build_families(people: People, families: list[dict[str, Any]]) -> None:
    links = []
    for family in families:
        guardian = people.by_key[family["guardian"]]
        for key in family["children"]:
            child = people.by_key[key]
            blocked = key in family.get("blocked", [])
            links.append(Guardianship(guardian=guardian, child=child, blocked=blocked))
            open_to_both = guardian.protected == child.protected == Person.Protected.NO
            if not blocked and open_to_both:
                people.guardian_of.setdefault(child.pk, guardian)
    Guardianship.objects.bulk_create(links)
