"""Who may write and sign the note, what it starts with, how it reads as text: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

# Keywords of the regions' templates that are filled in from the start, and with what (JOU-01).
_ANAMNESIS = ("aktuellt hälsoproblem", "aktuellt", "anamnes")
_REASON = ("kontaktorsak", "sökorsak")
_MODE = ("kontaktsätt",)
_INITIATIVE = ("initiativ till kontakt från", "initiativ till kontakt")


@dataclass(frozen=True, slots=True)
class Section:
    """One keyword of the note and its text; a region without keywords has one section with an empty keyword."""

    keyword: str
    text: str

    def as_json(self) -> dict[str, str]:
        """As stored in the row."""
        return {"keyword": self.keyword, "text": self.text}


@dataclass(frozen=True, slots=True)
class Prefill:
    """What the note can start with.

    Attributes:
        anamnesis: text of the triage engine, or the patient's own question.
        contact_reason: the patient's contact reason.
        contact_mode: the region's words for a written contact; empty when it states none.
        initiative: who took the initiative, in the region's words.
    """

    anamnesis: str
    contact_reason: str
    contact_mode: str = ""
    initiative: str = ""


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the rules need of the case and the note.

    Attributes:
        holder_id: who holds the case; None when nobody does.
        closed_by_id: who closed it.
        closed_at: when *Avsluta besök* was done, aware; None while it goes on.
        started: whether the visit has been started at some time.
        signed: whether the note is signed.
    """

    holder_id: int | None
    closed_by_id: int | None
    closed_at: datetime | None
    started: bool
    signed: bool


def performer_id(facts: NoteFacts) -> int | None:
    """Who performed the contact: whoever closed the visit, before that whoever holds it (JOU-08)."""
    return facts.closed_by_id if facts.closed_at else facts.holder_id


def may_write(facts: NoteFacts, user_id: int) -> bool:
    """Whether this user may change the draft."""
    return not facts.signed and performer_id(facts) == user_id


def may_sign(facts: NoteFacts, user_id: int) -> bool:
    """Whether this user may sign now: the visit is closed and they performed it (JOU-02, JOU-08)."""
    return may_write(facts, user_id) and facts.closed_at is not None


def first_sections(keywords: Sequence[str], prefill: Prefill) -> list[Section]:
    """The note before anybody has written: the region's keywords, the anamnesis in its place.

    Args:
        keywords: policy ``note_keywords``; empty for a region without keywords.
        prefill: what is known.
    """
    if not keywords:
        return [Section("", _joined(prefill.contact_reason, prefill.anamnesis))]
    known = [keyword.casefold().strip() for keyword in keywords]
    has_reason = any(keyword in _REASON for keyword in known)
    body = prefill.anamnesis if has_reason else _joined(prefill.contact_reason, prefill.anamnesis)
    target = next((word for word in _ANAMNESIS if word in known), known[0])
    filled = dict.fromkeys(_REASON, prefill.contact_reason)
    filled |= dict.fromkeys(_MODE, prefill.contact_mode)
    filled |= dict.fromkeys(_INITIATIVE, prefill.initiative)
    filled[target] = _joined(filled.get(target, ""), body) if target not in _ANAMNESIS else body
    return [Section(keyword, filled.get(word, "")) for keyword, word in zip(keywords, known, strict=True)]


def sections_from_json(rows: Sequence[Mapping[str, str]]) -> list[Section]:
    """As read from the row."""
    return [Section(row["keyword"], row["text"]) for row in rows]


def with_texts(sections: Sequence[Section], texts: Sequence[str]) -> list[Section]:
    """The same keywords with new texts; line ends made equal, spaces at the end of the text removed.

    Raises:
        ValueError: the number of texts differs from the number of keywords.
    """
    return [
        Section(section.keyword, text.replace("\r\n", "\n").replace("\r", "\n").rstrip())
        for section, text in zip(sections, texts, strict=True)
    ]


def is_empty(sections: Sequence[Section]) -> bool:
    """Whether nothing is written."""
    return not any(section.text.strip() for section in sections)


def paste_text(sections: Sequence[Section]) -> str:
    """Plain text ready to paste: keyword, text, empty line; keywords without text are left out (JOU-05)."""
    parts = []
    for section in sections:
        text = section.text.strip()
        if not text:
            continue
        parts.append(f"{section.keyword}\n{text}" if section.keyword else text)
    return "\n\n".join(parts)


def _joined(*texts: str) -> str:
    return "\n".join(text for text in texts if text)
