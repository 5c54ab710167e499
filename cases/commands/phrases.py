"""Shared phrases of a unit, kept by its configuration administrators (CHT-02, ADM-02, ORG-13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cases.models import Phrase
from direkt1177.accounts.actors import ManageActor
from direkt1177.accounts.manage_rights import must_configure
from direkt1177.audit.record import Event, LogEntry, command, record
from direkt1177.audit.refusals import NotFound

_FIELDS = ("category", "title", "text", "active")


@dataclass(frozen=True, slots=True)
class PhraseEvent(Event):
    """A unit's phrase was added or changed; phrases hold no patient's data."""

    phrase_id: int
    unit_id: int
    old: dict[str, Any]
    new: dict[str, Any]
    reason: str

    def log(self) -> LogEntry:
        """Old and new values (ADM-08)."""
        data = {"unit": self.unit_id, "old": self.old, "new": self.new, "reason": self.reason}
        return LogEntry("phrase", str(self.phrase_id), data=data)


class PhraseAdded(PhraseEvent):
    """A new phrase."""

    code = "phrase_added"


class PhraseChanged(PhraseEvent):
    """Other words, another category, withdrawn or back in use."""

    code = "phrase_changed"


@command
def add_phrase(
    *, actor: ManageActor, unit_id: int, category: str, title: str, text: str, active: bool = True, reason: str = ""
) -> Phrase:
    """Add a shared phrase to a unit.

    Raises:
        NotYourSettings: the actor is not configuration administrator there.
    """
    must_configure(actor, unit_id)
    values = {"category": category, "title": title, "text": text, "active": active}
    phrase = Phrase.objects.create(level=Phrase.Level.UNIT, unit_id=unit_id, **values)
    record(PhraseAdded(phrase.pk, unit_id, {}, values, reason), actor=actor)
    return phrase


@command
def change_phrase(*, actor: ManageActor, phrase_id: int, reason: str = "", **values: Any) -> Phrase:
    """Change or withdraw a unit's shared phrase; the row stays.

    Args:
        values: ``category``, ``title``, ``text``, ``active``.

    Raises:
        NotFound: it is no shared phrase of a unit: personal ones are their owners' alone.
        NotYourSettings: the actor is not configuration administrator there.
    """
    phrase = Phrase.objects.select_for_update(no_key=True).filter(pk=phrase_id, level=Phrase.Level.UNIT).first()
    if phrase is None or phrase.unit_id is None:
        raise NotFound
    must_configure(actor, phrase.unit_id)
    new = {name: values[name] for name in _FIELDS if name in values and getattr(phrase, name) != values[name]}
    if new:
        old = {name: getattr(phrase, name) for name in new}
        for name, value in new.items():
            setattr(phrase, name, value)
        phrase.save(update_fields=list(new))
        record(PhraseChanged(phrase.pk, phrase.unit_id, old, new, reason), actor=actor)
    return phrase
