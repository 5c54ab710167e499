"""Side effects about residents: SMS and look-ups in the register, carried out by a worker (NOT-01 i, k; ENT-18)."""

from __future__ import annotations

from typing import Any

from direkt1177.outbox.gateways import sms_gateway
from direkt1177.outbox.models import Effect
from direkt1177.residents.commands import end_guardians_rights, store_register_answer
from direkt1177.residents.models import Person
from direkt1177.residents.register import RegisterActor, person_register
from direkt1177.units.models import Unit
from direkt1177.units.policies import policy


def send_resident_sms(effect: Effect) -> str | None:
    """Send the region's ready text to a resident; number and text are looked up now, never stored in the outbox.

    The text says only that there is something to read after signing in (NOT-04). A protected person, and whoever has
    given no mobile number, gets none (NOT-06, NOT-07).

    Returns:
        ``masked`` or ``no_number`` when nothing was sent.

    Raises:
        KeyError: the template does not exist: a programming error, the effect goes to the dead ones.
    """
    payload: dict[str, Any] = effect.payload
    person = Person.objects.get(pk=payload["person"])
    if person.is_masked:
        return "masked"
    if not person.mobile:
        return "no_number"
    unit = Unit.objects.select_related("provider").get(pk=payload["unit"])
    text = policy(unit).sms_texts[payload["template"]]
    sms_gateway().send(reference=effect.key, to=person.mobile, text=text)
    return None


def look_up_person(effect: Effect) -> None:
    """Ask the register and store its answer; without an answer the effect is tried again.

    Raises:
        RegisterUnavailableError: no answer now.
    """
    person = Person.objects.get(pk=effect.payload["person"])
    answer = person_register().lookup(person.personal_number)
    store_register_answer(actor=RegisterActor(), person_id=person.pk, answer=answer)


def end_rights_at_13(effect: Effect) -> None:
    """A child has turned 13: guardians' sessions end, so that nothing stays open on a screen (ENT-17)."""
    end_guardians_rights(actor=RegisterActor(), child_id=effect.payload["person"])
