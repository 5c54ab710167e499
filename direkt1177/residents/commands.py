"""Changes of persons' data: one durable transaction each."""

from __future__ import annotations

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import command, record
from direkt1177.realtime.changes import Change
from direkt1177.residents import steps
from direkt1177.residents.errors import WrongMobile
from direkt1177.residents.events import (
    ContactDetailsChanged,
    GuardiansRightsEnded,
    ProtectionChanged,
    RegisterAnswered,
)
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.numbers import NumberError, parse_mobile
from direkt1177.residents.register import RegisterAnswer
from direkt1177.residents.shown import changes
from direkt1177.units.clock import now


@command
def update_contact_details(*, actor: Actor, person_id: int, mobile: str, email: str) -> Person:
    """A resident's own mobile number and e-mail; both may be empty, then no SMS goes out (ENT-14).

    Args:
        actor: the resident.
        person_id: whose details, the actor's own.
        mobile: as typed; stored as E.164.
        email: as typed, checked by the form.

    Raises:
        WrongMobile: not a mobile number.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    try:
        number = parse_mobile(mobile) if mobile.strip() else ""
    except NumberError as error:
        raise WrongMobile from error
    before = (person.mobile, person.email)
    person.mobile, person.email = number, email.strip()
    pairs = zip(("mobile", "email"), before, (person.mobile, person.email), strict=True)
    fields = tuple(name for name, old, new in pairs if old != new)
    if fields:
        person.save(update_fields=["mobile", "email"])
        record(ContactDetailsChanged(person_id=person.pk, fields=fields), actor=actor)
    return person


@command
def set_protected(*, actor: Actor, person_id: int, value: bool) -> Person:
    """See ``steps.set_protected`` (ENT-29)."""
    return steps.set_protected(actor=actor, person_id=person_id, value=value)


@command
def ask_register(*, person: Person) -> bool:
    """Ask the register again; see ``steps.refresh_from_register``."""
    return steps.refresh_from_register(person)


@command
def store_register_answer(*, actor: Actor, person_id: int, answer: RegisterAnswer | None) -> Person:
    """Store what the register said; no answer about the person means unknown, which is masked (ENT-26).

    Guardianships follow the register: lost or blocked ones end the guardian's rights at once (ENT-21).
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    before = person.is_masked
    fields = _take_over(person, answer)
    person.register_checked_at = now()
    person.save()
    bells: list[Change] = changes(person.pk) if fields else []
    if person.is_masked and not before:
        bells += steps.revoke_family_rights(person)
    if answer is not None and _take_over_children(person, answer):
        bells += steps.revoke({person.pk})
    if person.is_masked != before:
        record(
            ProtectionChanged(person_id=person.pk, before=before, masked=person.is_masked, source="register"),
            actor=actor,
        )
    if fields or bells:
        record(
            RegisterAnswered(person_id=person.pk, known=answer is not None, fields=fields, changes=tuple(bells)),
            actor=actor,
        )
    return person


@command
def end_guardians_rights(*, actor: Actor, child_id: int) -> int:
    """The child has its own sign-in from today: sessions of its guardians end and their sockets drop it (S-14).

    Returns:
        How many guardians there were.
    """
    guardians = set(Guardianship.objects.filter(child_id=child_id, blocked=False).values_list("guardian_id", flat=True))
    record(GuardiansRightsEnded(person_id=child_id, changes=tuple(steps.revoke(guardians))), actor=actor)
    return len(guardians)


def _take_over(person: Person, answer: RegisterAnswer | None) -> tuple[str, ...]:
    if answer is None:
        new = {"protected": Person.Protected.UNKNOWN.value}
    else:
        new = {
            "first_name": answer.first_name,
            "last_name": answer.last_name,
            "sex": answer.sex,
            "protected": answer.protected if answer.protected in Person.Protected.values else "unknown",
        }
    changed = tuple(name for name, value in new.items() if getattr(person, name) != value)
    for name in changed:
        setattr(person, name, new[name])
    if person.protected == Person.Protected.YES:
        person.cleared_by_hand = False
    return changed


def _take_over_children(guardian: Person, answer: RegisterAnswer) -> bool:
    """Make the guardian's rows equal to the register's; True when a right was lost."""
    wanted = {child.personal_number: child.blocked for child in answer.children}
    lost = False
    for link in Guardianship.objects.filter(guardian=guardian).select_related("child"):
        number = link.child.personal_number
        if number not in wanted:
            lost = lost or not link.blocked
            link.delete()
            continue
        blocked = wanted.pop(number)
        if link.blocked != blocked:
            lost = lost or blocked
            link.blocked = blocked
            link.save(update_fields=["blocked"])
    known = Person.objects.filter(personal_number__in=wanted)
    Guardianship.objects.bulk_create(
        [Guardianship(guardian=guardian, child=child, blocked=wanted[child.personal_number]) for child in known]
    )
    return lost
