"""Parts that commands of this and higher apps call inside their own transaction."""

from __future__ import annotations

from django.db.models import F

from direkt1177.audit.actor import Actor
from direkt1177.audit.record import record
from direkt1177.outbox.effects import EffectSpec, enqueue
from direkt1177.realtime.changes import Change
from direkt1177.residents.errors import RegisterSaysProtected
from direkt1177.residents.events import ProtectionChanged
from direkt1177.residents.models import Guardianship, Person
from direkt1177.residents.shown import changes
from direkt1177.units.clock import now


def refresh_from_register(person: Person) -> bool:
    """Ask for a look-up in the register after commit, at most once an hour per person (ENT-18)."""
    hour = now().strftime("%Y%m%d%H")
    return enqueue(
        EffectSpec(
            kind="register_lookup",
            key=f"register:{person.pk}:{hour}",
            aggregate=f"person:{person.pk}",
            payload={"person": person.pk},
        )
    )


def set_protected(*, actor: Actor, person_id: int, value: bool) -> Person:
    """Staff answer *Skyddad identitet* Ja or Nej; Ja masks at once (ENT-29).

    The caller's door has decided that the actor may see the person.

    Raises:
        RegisterSaysProtected: Nej against a positive answer of the register.
    """
    person = Person.objects.select_for_update(no_key=True).get(pk=person_id)
    before, answers = person.is_masked, (person.protected_by_hand, person.cleared_by_hand)
    if not value and person.protected == Person.Protected.YES:
        raise RegisterSaysProtected
    person.protected_by_hand = value
    person.cleared_by_hand = not value and person.protected == Person.Protected.UNKNOWN
    if (person.protected_by_hand, person.cleared_by_hand) == answers:
        return person
    person.save(update_fields=["protected_by_hand", "cleared_by_hand"])
    bells = changes(person.pk)
    if person.is_masked and not before:
        bells += revoke_family_rights(person)
    record(
        ProtectionChanged(
            person_id=person.pk, before=before, masked=person.is_masked, source="staff", changes=tuple(bells)
        ),
        actor=actor,
    )
    return person


def revoke_family_rights(person: Person) -> list[Change]:
    """End what guardians may no longer do since a person became protected: theirs and their guardians' (ENT-24, 25).

    Returns:
        The doorbells of everyone whose rights ended.
    """
    affected = set(Guardianship.objects.filter(child=person).values_list("guardian_id", flat=True))
    if Guardianship.objects.filter(guardian=person).exists():
        affected.add(person.pk)
    return revoke(affected)


def revoke(person_ids: set[int]) -> list[Change]:
    """Raise ``authz_epoch`` of persons; their sessions end and their sockets drop what is no longer allowed (S-14)."""
    Person.objects.filter(pk__in=person_ids).update(authz_epoch=F("authz_epoch") + 1)
    return [Change(f"me:person:{pk}", "authz") for pk in sorted(person_ids)]
