"""Checking what was sent for a question: a stored answer, or a message that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direkt1177.questions import kinds
from direkt1177.questions.kinds import NONE, UNKNOWN, AnswerValue, Question

_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")
#: Characters that never belong in typed text: controls other than tab and line breaks.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Checked:
    """The outcome for one question.

    Args:
        value: the answer to store; None when there is an error.
        error: what to do about it, in the reader's language; "" when fine.
        typed: exactly what was sent, to fill the form again.
    """

    value: AnswerValue | None
    error: str = ""
    typed: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Say whether there is an answer to store."""
        return not self.error


def field_name(question: Question) -> str:
    """Give the form field of a question."""
    return f"q_{question.id}"


def unknown_field(question: Question) -> str:
    """Give the form field of the tick "I have not measured" beside a number."""
    return f"q_{question.id}_unknown"


def check(question: Question, sent: Mapping[str, Sequence[str]]) -> Checked:
    """Check what a form sent for a question.

    Args:
        question: the question.
        sent: form field to all its values (as ``dict(QueryDict.lists())``).

    Returns:
        The answer to store, or an error together with what was typed. Never raises on bad input.
    """
    typed = tuple(str(item) for item in sent.get(field_name(question), ()))
    match question:
        case kinds.YesNo():
            allowed = {"yes", "no"} | ({UNKNOWN} if question.allow_unknown else set())
            return _one(typed, allowed, _("Choose one of the answers."))
        case kinds.One() | kinds.Duration() | kinds.BodySite():
            allowed = {item.id for item in question.options} | ({UNKNOWN} if question.allow_unknown else set())
            return _one(typed, allowed, _("Choose one of the answers."))
        case kinds.Several():
            return _several(question, typed)
        case kinds.Number():
            return _number(question, typed, bool(sent.get(unknown_field(question))))
        case kinds.FreeText():
            return _free_text(question, typed)
        case kinds.Image():
            return _images(question, typed)


def _one(typed: tuple[str, ...], allowed: set[str], message: str) -> Checked:
    if len(typed) == 1 and typed[0] in allowed:
        return Checked(typed[0], typed=typed)
    return Checked(None, message, typed)


def _several(question: kinds.Several, typed: tuple[str, ...]) -> Checked:
    chosen = list(dict.fromkeys(typed))
    if not chosen:
        return Checked(None, _("Choose what fits, or “%(none)s”.") % {"none": question.none_text}, typed)
    alone = {NONE} | ({UNKNOWN} if question.allow_unknown else set())
    single = [item for item in chosen if item in alone]
    if single:
        if len(chosen) > 1:
            return Checked(
                None, _("You chose both an alternative and “none” or “I don't know”. Keep what fits."), typed
            )
        return Checked(UNKNOWN if single[0] == UNKNOWN else [], typed=typed)
    order = [item.id for item in question.options]
    if not set(chosen) <= set(order):
        return Checked(None, _("Choose one of the answers."), typed)
    return Checked([item for item in order if item in chosen], typed=typed)


def _number(question: kinds.Number, typed: tuple[str, ...], not_measured: bool) -> Checked:
    text = "".join(typed[:1]).strip().replace("\u2212", "-").replace(" ", "")
    text = text.removesuffix(question.unit).strip()
    if not_measured and question.unknown_text:
        if text:
            return Checked(
                None, _("Write a number or tick “%(unknown)s”, not both.") % {"unknown": question.unknown_text}, typed
            )
        return Checked(UNKNOWN, typed=typed)
    low, high = spell(question.minimum, question), spell(question.maximum, question)
    if not text:
        return Checked(None, _("Write a number between %(low)s and %(high)s.") % {"low": low, "high": high}, typed)
    if not _NUMBER.match(text) or len(text) > 12:
        return Checked(
            None, _("Write digits only, a number between %(low)s and %(high)s.") % {"low": low, "high": high}, typed
        )
    value = float(text.replace(",", "."))
    if question.minimum <= value <= question.maximum:
        rounded = round(value, question.decimals)
        return Checked(int(rounded) if question.decimals == 0 else rounded, typed=typed)
    values = {"low": low, "high": high}
    if question.decimals and question.minimum <= value / 10 <= question.maximum:
        values["guess"] = spell(value / 10, question)
        return Checked(None, _("Write a number between %(low)s and %(high)s. Did you mean %(guess)s?") % values, typed)
    return Checked(None, _("Write a number between %(low)s and %(high)s.") % values, typed)


def _free_text(question: kinds.FreeText, typed: tuple[str, ...]) -> Checked:
    text = clean_text("".join(typed[:1]))
    if question.required and not text:
        return Checked(None, _("Write a few words."), typed)
    over = len(text) - question.max_length
    if over > 0:
        message = ngettext(
            "The text is %(count)d character too long. Shorten it.",
            "The text is %(count)d characters too long. Shorten it.",
            over,
        )
        return Checked(None, message % {"count": over}, typed)
    return Checked(text, typed=typed)


def _images(question: kinds.Image, typed: tuple[str, ...]) -> Checked:
    ids = list(dict.fromkeys(item for item in typed if item))
    if len(ids) > question.max_images:
        message = ngettext(
            "You can send %(count)d picture here. Remove the others.",
            "You can send %(count)d pictures here. Remove the others.",
            question.max_images,
        )
        return Checked(None, message % {"count": question.max_images}, typed)
    return Checked(ids, typed=typed)


def clean_text(text: str) -> str:
    """Make typed text storable: no control characters, line breaks as LF, no blanks around it."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def spell(value: float, question: kinds.Number) -> str:
    """Write a number the Swedish way: comma, no needless zeros ("38,5", "34")."""
    text = f"{value:.{question.decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
