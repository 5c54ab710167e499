"""What the question templates show: a view object per question, texts in the right voice, the saved answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from direkt1177.questions import kinds
from direkt1177.questions.answers import Checked, field_name, spell, unknown_field
from direkt1177.questions.kinds import NONE, UNKNOWN, AnswerValue, Question
from direkt1177.questions.voice import Voice

#: Where a body site's number stands on the drawing (viewBox 2 4 116 262).
PLACES: dict[str, tuple[float, float]] = {
    "head": (60, 24),
    "ear": (88, 40),
    "throat": (60, 67),
    "chest": (60, 92),
    "chest_left": (76, 104),
    "chest_right": (44, 104),
    "belly": (60, 128),
    "back": (60, 110),
    "arm": (98, 130),
    "leg": (46, 210),
}


@dataclass(frozen=True)
class OptionView:
    """One card: radio button or check box."""

    id: str
    html_id: str
    text: str
    hint: str = ""
    image: str = ""
    number: int = 0
    x: float = 0
    y: float = 0
    label_y: float = 0
    checked: bool = False
    first: bool = False


@dataclass(frozen=True)
class QuestionView:
    """A question as its template needs it.

    Args:
        big: the question is the page's heading (one question a page).
        error: what to do, shown at the field and in the error summary.
        value: text for text and number fields, exactly as typed.
    """

    question: Question
    kind: str
    template: str
    field: str
    html_id: str
    target: str
    text: str
    hint: str
    why: str
    options: tuple[OptionView, ...]
    value: str
    error: str
    big: bool
    pictures: bool = False
    unknown_field: str = ""
    unknown_text: str = ""
    unknown_checked: bool = False
    sites: str = ""
    required: bool = True

    @property
    def described_by(self) -> str:
        """Ids for aria-describedby."""
        parts = [f"{self.html_id}-hint"] if self.hint else []
        parts += [f"{self.html_id}-error"] if self.error else []
        return " ".join(parts)


def view_of(
    question: Question,
    *,
    voice: Voice,
    saved: AnswerValue | None = None,
    checked: Checked | None = None,
    today: date | None = None,
    big: bool = True,
) -> QuestionView:
    """Prepare a question for its template; nothing is chosen unless it was saved or just sent.

    Args:
        saved: the stored answer, shown again when the question is revisited.
        checked: what was just sent, when it is shown again because of an error.
        today: date for weekday hints of durations.
    """
    chosen = _chosen(question, saved, checked)
    html_id = f"id_{field_name(question)}"
    options = _options(question, voice, chosen, html_id, today)
    is_choice = not isinstance(question, kinds.Number | kinds.FreeText | kinds.Image)
    return QuestionView(
        question=question,
        kind=question.kind,
        template=f"questions/_{question.kind}.html",
        field=field_name(question),
        html_id=html_id,
        target=options[0].html_id if is_choice and options else html_id,
        text=voice(question.text),
        hint=voice(question.hint),
        why=voice(question.why),
        options=options,
        value=_typed(question, saved, checked),
        error=checked.error if checked is not None else "",
        big=big,
        pictures=bool(kinds.options_of(question)) and all(item.image for item in kinds.options_of(question)),
        unknown_field=unknown_field(question),
        unknown_text=question.unknown_text if isinstance(question, kinds.Number) else "",
        unknown_checked=saved == UNKNOWN and checked is None,
        sites=", ".join(f"{item.number} {item.text}" for item in options if item.number),
        required=getattr(question, "required", not isinstance(question, kinds.Image)),
    )


def _chosen(question: Question, saved: AnswerValue | None, checked: Checked | None) -> tuple[str, ...]:
    if checked is not None:
        return checked.typed
    if saved is None:
        return ()
    if isinstance(saved, list):
        return tuple(saved) or ((NONE,) if isinstance(question, kinds.Several) else ())
    return (str(saved),)


def _typed(question: Question, saved: AnswerValue | None, checked: Checked | None) -> str:
    if checked is not None:
        return "".join(checked.typed[:1])
    if saved is None or saved == UNKNOWN:
        return ""
    if isinstance(question, kinds.Number) and isinstance(saved, int | float):
        return spell(float(saved), question)
    return str(saved)


def _options(
    question: Question, voice: Voice, chosen: Sequence[str], html_id: str, today: date | None
) -> tuple[OptionView, ...]:
    plain: list[tuple[str, str, str, kinds.Option | None]] = []
    if isinstance(question, kinds.YesNo):
        plain = [("yes", _("Yes"), "", None), ("no", _("No"), "", None)]
    for given in kinds.options_of(question):
        plain.append((given.id, voice(given.text), voice(given.hint) or _weekday(given, today), given))
    if isinstance(question, kinds.Several):
        plain.append((NONE, voice(question.none_text), "", None))
    if kinds.allows_unknown(question) and not isinstance(question, kinds.Number):
        plain.append((UNKNOWN, _("I don't know"), "", None))
    found: list[OptionView] = []
    number = 0
    for index, (option_id, text, hint, item) in enumerate(plain):
        spot = PLACES.get(item.place or "") if item is not None and isinstance(question, kinds.BodySite) else None
        number += 1 if spot else 0
        x, y = spot or (0, 0)
        found.append(
            OptionView(
                id=option_id,
                html_id=f"plats-{number}" if spot else f"{html_id}_{index}",
                text=text,
                hint=hint,
                image=(item.image or "") if item is not None else "",
                number=number if spot else 0,
                x=x,
                y=y,
                label_y=y + 4.5,
                checked=option_id in chosen,
                first=index == 0,
            )
        )
    return tuple(found)


def _weekday(option: kinds.Option, today: date | None) -> str:
    if today is None or option.days != 1:
        return ""
    return str(WEEKDAYS[(today - timedelta(days=1)).weekday()]).lower()
