"""Answers in words: for the summary, for the original answers that staff open, and for the anamnesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direkt1177.questions import kinds
from direkt1177.questions.answers import spell
from direkt1177.questions.flow import Path
from direkt1177.questions.kinds import UNKNOWN, AnswerValue, Question
from direkt1177.questions.voice import FOR_STAFF, Voice


@dataclass(frozen=True)
class Worded:
    """One question with its answer in words."""

    question_id: str
    text: str
    answer: str


def in_words(question: Question, answer: AnswerValue, voice: Voice) -> str:
    """Say a stored answer the way the person chose it (in the reader's language for yes, no and I don't know)."""
    if answer == UNKNOWN and not isinstance(question, kinds.FreeText):
        return getattr(question, "unknown_text", "") or _("I don't know")
    match question:
        case kinds.YesNo():
            return _("Yes") if answer == "yes" else _("No")
        case kinds.Several():
            names = [voice(item.text) for item in question.options if isinstance(answer, list) and item.id in answer]
            return "; ".join(names) or question.none_text
        case kinds.Number():
            return (
                f"{spell(float(answer), question)} {question.unit}" if isinstance(answer, int | float) else str(answer)
            )
        case kinds.Image():
            count = len(answer) if isinstance(answer, list) else 0
            return (
                ngettext("%(count)d picture", "%(count)d pictures", count) % {"count": count}
                if count
                else _("No pictures")
            )
        case kinds.FreeText():
            return str(answer) or _("Nothing written")
        case _:
            chosen = kinds.option(question, str(answer))
            return voice(chosen.text) if chosen else str(answer)


def worded(path: Path, voice: Voice, *, detail: bool = False) -> tuple[Worded, ...]:
    """Give every answered question of a path with its answer in words.

    Args:
        detail: lists also tell what was not chosen, so that nothing answered no is hidden (TRI-10).
    """
    say = _in_detail if detail else in_words
    return tuple(
        Worded(item.id, voice(item.text), say(item, path.answers[item.id], voice))
        for item in path.asked
        if item.id in path.answers
    )


def _in_detail(question: Question, answer: AnswerValue, voice: Voice) -> str:
    if not isinstance(question, kinds.Several) or not isinstance(answer, list):
        return in_words(question, answer, voice)
    chosen = [voice(item.text) for item in question.options if item.id in answer]
    rest = [voice(item.text) for item in question.options if item.id not in answer]
    parts = [(_("Yes"), chosen), (_("No"), rest)]
    return "\n".join(f"{word}: {'; '.join(texts)}" for word, texts in parts if texts)


def anamnesis(title: str, path: Path, *, unknown_title: str = "Kunde inte svara") -> str:
    """Write the machine-made anamnesis in Swedish: what was said, what was denied, what was not known.

    Args:
        title: the contact reason, first in the text.
        path: the answered questions. Free texts and pictures are left out (staff see them on their own).
    """
    told: list[str] = []
    denied: list[str] = []
    unknown: list[str] = []
    for question in path.asked:
        answer = path.answers.get(question.id)
        if answer is None or isinstance(question, kinds.FreeText | kinds.Image):
            continue
        if answer == UNKNOWN:
            unknown.append(question.short)
        elif answer == "no" and isinstance(question, kinds.YesNo) and "no" not in question.say:
            denied.append(question.short)
        elif isinstance(question, kinds.Several) and not answer:
            denied.extend([question.say["none"]] if "none" in question.say else _shorts(question.options))
        else:
            told.append(_told(question, answer))
    lines = [f"{title}.", " ".join(told)]
    if denied:
        lines.append(f"Nekar till {', '.join(denied)}.")
    if unknown:
        lines.append(f"{unknown_title}: {', '.join(unknown)}.")
    return "\n".join(line for line in lines if line)


def _told(question: Question, answer: AnswerValue) -> str:
    if isinstance(answer, str) and answer in question.say:
        return _sentence(question.say[answer])
    match question:
        case kinds.YesNo():
            return _sentence(question.short)
        case kinds.Several():
            return _sentence(
                ", ".join(_shorts([o for o in question.options if isinstance(answer, list) and o.id in answer]))
            )
        case kinds.Number():
            return f"{_upper(question.short)} {in_words(question, answer, FOR_STAFF)}."
        case _:
            chosen = kinds.option(question, str(answer))
            text = (chosen.short or chosen.text) if chosen else str(answer)
            return f"{_upper(question.short)}: {text[:1].lower() + text[1:]}."


def _shorts(options: Sequence[kinds.Option]) -> list[str]:
    return [item.short or item.text[:1].lower() + item.text[1:] for item in options]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _upper(FOR_STAFF(text).strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."
