"""Finding a contact reason from the resident's own words, and red-flag words in them. Pure: no database, no network.

Words are folded (å, ä and é as a; ö as o), stemmed lightly and matched from their start, so that "halsen" finds "hals".
Compounds match on their parts ("knäont" finds "ont i knä"). Red-flag words only ever raise *read now*.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from triage.engine.loader import FOLDER, GENERAL, ProtocolError, read_yaml

_WORD = re.compile(r"[a-z0-9]+")
_ENDINGS = tuple(_WORD.findall("erna arna orna ande ens ets en et er ar or an na ad at a e n t r s"))
_STOP = frozenset(
    _WORD.findall(
        "i pa jag har och att det ar som en ett min mitt mina med for till av mig sa vid nar den de om lite mycket ut "
        "hela over under upp ner fran mot ska fatt blir blivit haft sedan"
    )
)
#: Words that say nothing on their own about where or what.
_VAGUE_WORDS = _WORD.findall(
    "ont svullen svullna svart kan inte ingen kanner slut ny nytt blod inne gor varker vark smarta"
)
_MIN_STEM = 3
_MIN_PART = 4


@dataclass(frozen=True)
class Reason:
    """A contact reason that can be chosen.

    Args:
        protocol: id of its protocol; ``general`` when it has none of its own.
        administrative: better asked under *Administrativa frågor*.
        terms: lay words and phrases.
        red_terms: those of them that are red flags.
    """

    id: str
    title: str
    codes: tuple[str, ...]
    protocol: str
    area: str
    icon: str
    administrative: bool
    terms: tuple[str, ...]
    red_terms: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A suggested contact reason; higher scores fit better."""

    reason: Reason
    score: float


@dataclass(frozen=True)
class Area:
    """A heading of the list to choose from."""

    name: str
    icon: str
    reasons: tuple[Reason, ...]


#: Chosen when nothing in the list fits.
OTHER = Reason("other", "Annat besvär", (), GENERAL, "", "circle-help", False, (), ())


@functools.cache
def areas() -> tuple[Area, ...]:
    """Read the contact reasons, grouped as they are listed."""
    data: Any = read_yaml((FOLDER / "contact_reasons.yaml").read_text(encoding="utf-8"), "contact_reasons.yaml")
    if not isinstance(data, dict) or not data.get("areas"):
        raise ProtocolError("contact_reasons.yaml: no areas")
    return tuple(
        Area(
            area["name"],
            area["icon"],
            tuple(_reason(item, area) for item in area["reasons"]),
        )
        for area in data["areas"]
    )


def _reason(item: dict[str, Any], area: dict[str, Any]) -> Reason:
    return Reason(
        id=item["id"],
        title=item["title"],
        codes=tuple(item["codes"]),
        protocol=item["protocol"],
        area=area["name"],
        icon=area["icon"],
        administrative=bool(item.get("administrative")),
        terms=tuple(term.rstrip("!") for term in item["terms"]),
        red_terms=tuple(term.rstrip("!") for term in item["terms"] if term.endswith("!")),
    )


@functools.cache
def reasons() -> dict[str, Reason]:
    """Give all contact reasons by id, with *Annat besvär* last."""
    return {item.id: item for area in areas() for item in area.reasons} | {OTHER.id: OTHER}


def fold(text: str) -> str:
    """Lower-case and fold letters so that å, ä, á equal a, and ö equals o."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("æ", "ä").replace("ø", "ö"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """Split a text into folded words."""
    return _WORD.findall(fold(text))


@functools.lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Cut the commonest Swedish endings, leaving at least three letters."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word[: -len(ending)]
    return word


_VAGUE = frozenset(stem(word) for word in _VAGUE_WORDS)


def _fits(typed: str, known: str) -> float:
    """How well a typed word fits a known one: 1 equal or same stem, less for a beginning or a part of a compound."""
    if typed == known or stem(typed) == stem(known):
        return 1.0
    shorter = min(len(typed), len(known))
    if shorter >= _MIN_STEM and known.startswith(typed):
        return 0.8
    if shorter >= _MIN_PART and typed.startswith(stem(known)) and len(stem(known)) >= _MIN_PART:
        return 0.7
    root = stem(known)
    is_part = (len(root) >= _MIN_STEM and typed.endswith(known)) or (len(root) >= _MIN_PART and root in typed)
    return 0.5 if is_part else 0.0


@functools.cache
def _index() -> tuple[tuple[Reason, tuple[tuple[tuple[str, ...], float], ...]], ...]:
    """Terms of every reason as folded content words, with their weight (more words, more certain)."""
    found = []
    for reason in reasons().values():
        entries = []
        for term in (*reason.terms, reason.title):
            content = tuple(word for word in words(term) if word not in _STOP)
            if content:
                entries.append((content, 1.0 + 0.5 * (len(content) - 1)))
        found.append((reason, tuple(entries)))
    return tuple(found)


def search(text: str, *, limit: int = 5) -> list[Hit]:
    """Suggest contact reasons for the resident's own words, best first.

    Args:
        text: free text, any length (only the first 400 words are read).
        limit: the most suggestions wanted.
    """
    typed = [word for word in words(text)[:400] if word not in _STOP and len(word) > 1]
    if not typed:
        return []
    unique = list(dict.fromkeys(typed))
    hits = [Hit(reason, score) for reason, entries in _index() if (score := _score(unique, entries)) > 0]
    hits.sort(key=lambda hit: (-hit.score, hit.reason.title))
    return [hit for hit in hits[:limit] if hit.score >= 0.35 * hits[0].score]


def _score(typed: list[str], entries: Iterable[tuple[tuple[str, ...], float]]) -> float:
    """Best term first; further terms of the same reason add a little.

    A term counts in full when all its words are there, by a third when only some telling ones are.
    """
    scores = []
    for content, weight in entries:
        fits = [max(_fits(word, known) for word in typed) for known in content]
        if min(fits) > 0:
            scores.append(weight * sum(fits) / len(fits))
        elif len(content) > 1 and any(_joined(word, content) for word in typed):
            scores.append(weight * 0.9)
        elif any(fit >= 0.7 and stem(known) not in _VAGUE for fit, known in zip(fits, content, strict=True)):
            scores.append(weight * sum(fits) / len(fits) / 3)
    scores.sort(reverse=True)
    return scores[0] + 0.1 * sum(scores[1:4]) if scores else 0.0


def _joined(word: str, content: tuple[str, ...]) -> bool:
    """Say whether a word is a compound of a two-word term in either order ("knaont" for "ont i kna")."""
    if len(content) != 2 or min(len(part) for part in content) < _MIN_STEM:
        return False
    first, second = content
    pairs = ((first, second), (second, first))
    return any(word.startswith(stem(a)) and (word.endswith(b) or stem(word).endswith(stem(b))) for a, b in pairs)


@functools.cache
def _red_terms() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for reason in reasons().values():
        for term in reason.red_terms:
            content = tuple(word for word in words(term) if word not in _STOP)
            # One word alone says too little: "skär mig" is not every "skär".
            found[term] = (term, reason.id, content if len(content) > 1 else tuple(words(term)))
    return tuple(found.values())


def red_flags(text: str) -> dict[str, str]:
    """Find red-flag words in a text: word to the id of the contact reason it belongs to.

    Negations are not understood ("inte andnöd" also hits): a person reads the text.
    """
    typed = words(text)[:2000]
    return {term: reason for term, reason, content in _red_terms() if _in_order(content, typed)}


def _in_order(content: tuple[str, ...], typed: list[str]) -> bool:
    """Say whether the words of a term stand in the text in order, at most four words apart."""
    for start, word in enumerate(typed):
        if not _starts(word, content[0]):
            continue
        position, found = start, True
        for known in content[1:]:
            window = range(position + 1, min(position + 5, len(typed)))
            position = next((index for index in window if _starts(typed[index], known)), -1)
            if position < 0:
                found = False
                break
        if found:
            return True
    return False


def _starts(typed: str, known: str) -> bool:
    if typed == known or (len(known) >= _MIN_PART and typed.startswith(known)):
        return True
    # A stem of three letters is too short to be trusted: "ska" is not "skär".
    return len(stem(known)) >= _MIN_PART and stem(typed) == stem(known)
