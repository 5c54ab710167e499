"""Question types: frozen data that protocols and forms are made of.

Texts are Swedish content, not gettext. They may hold the placeholders of ``voice.py`` so that one text serves an adult,
a guardian writing about a child, and staff reading the answers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from direkt1177.questions.conditions import Condition, Data

#: The stored answer "I don't know", the same for every type.
UNKNOWN = "unknown"
#: The stored answer "none of these" in a list of several.
NONE = "none"

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Option(Data):
    """One card to choose.

    Args:
        short: noun phrase for staff, used in the anamnesis ("kan inte svälja saliv").
        days: for durations, the shortest time in days that the option stands for.
        place: for body sites, the key of a spot on the drawing.
        image: file name of a picture below static/img/questions.
    """

    id: Slug
    text: str
    hint: str = ""
    short: str = ""
    days: float | None = None
    place: str | None = None
    image: str | None = None


class Base(Data):
    """What every question has.

    Args:
        short: noun phrase for staff ("svårt att andas"), used in the anamnesis.
        why: answer to "why do we ask?", shown on demand.
        ask_when: asked only when this holds over *earlier* answers and the facts.
        red_flag: a yes here can never lower the urgency (checked by the property tests).
        controls: id of the question this one controls: asked only when that was answered "I don't know".
        say: own anamnesis phrase per answer ("yes", "no", an option id).
    """

    id: Slug
    text: str
    hint: str = ""
    why: str = ""
    short: str
    ask_when: Condition | None = None
    red_flag: bool = False
    controls: Slug | None = None
    say: dict[str, str] = Field(default_factory=dict)


class YesNo(Base):
    """Yes, no or (when allowed) I don't know."""

    kind: Literal["yes_no"]
    allow_unknown: bool = True


class One(Base):
    """One of several cards, as radio buttons; with pictures when every option has one."""

    kind: Literal["one"]
    options: tuple[Option, ...] = Field(min_length=2)
    allow_unknown: bool = True


class Several(Base):
    """Any number of cards; "none of these" is an answer of its own, so that a skipped list is never a no."""

    kind: Literal["several"]
    options: tuple[Option, ...] = Field(min_length=1)
    none_text: str = "Inget av detta"
    allow_unknown: bool = True


class Number(Base):
    """A number with a unit and a range; ``unknown_text`` offers "I have not measured"."""

    kind: Literal["number"]
    unit: str
    unit_name: str
    minimum: float
    maximum: float
    decimals: int = Field(default=0, ge=0, le=2)
    unknown_text: str = ""


class Duration(Base):
    """How long, as cards; comparisons see the option's ``days``."""

    kind: Literal["duration"]
    options: tuple[Option, ...] = Field(min_length=2)
    allow_unknown: bool = True


class BodySite(Base):
    """Where on the body, as radio buttons beside a drawing that mirrors them."""

    kind: Literal["body_site"]
    options: tuple[Option, ...] = Field(min_length=2)
    allow_unknown: bool = True


class FreeText(Base):
    """Own words; may be left empty unless ``required``."""

    kind: Literal["free_text"]
    required: bool = False
    rows: int = 4
    max_length: int = Field(default=2000, le=8000)


class Image(Base):
    """Photographs; may always be left out. The answer is a list of upload ids."""

    kind: Literal["image"]
    max_images: int = Field(default=3, ge=1, le=6)


Question = Annotated[
    YesNo | One | Several | Number | Duration | BodySite | FreeText | Image, Field(discriminator="kind")
]
Choosing = One | Duration | BodySite
AnswerValue = str | int | float | list[str]


def options_of(question: Question) -> tuple[Option, ...]:
    """Give a question's options, empty for types without."""
    return question.options if isinstance(question, One | Several | Duration | BodySite) else ()


def option(question: Question, option_id: str) -> Option | None:
    """Find one option by id, or None."""
    return next((item for item in options_of(question) if item.id == option_id), None)


def allows_unknown(question: Question) -> bool:
    """Say whether "I don't know" is an answer to the question."""
    if isinstance(question, Number):
        return bool(question.unknown_text)
    return getattr(question, "allow_unknown", False) is True
