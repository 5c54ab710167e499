"""A form for every setting, made from its type: choices in words, limits, one line per weekday or urgency (ADM-07).

``piece_for(key)`` gives a ``Piece``: named form fields, what stands in them for a value, and the raw value of what was
filled in. The policy model stays the only place that knows what is allowed; ``raw_value`` checks the result again.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from direkt1177.units.hours import parse_line
from direkt1177.units.policy_model import Policy
from direkt1177.units.policy_values import HoursText, SupportStep, WeeklyHours, Words
from direkt1177.units.policy_words import WORDS, words_of

NAME = "value"
_LONG = 200
_PARTS = {
    "hours": _("Hours (number)"),
    "counted_in": _("Counted in"),
    "urgencies": _("Urgencies"),
    "when": _("When"),
    "rule": _("Rule"),
    "names": _("Names"),
    "additional_code": _("Additional code"),
    "amount_kronor": _("Amount, kronor"),
    "url": _("Link"),
    "shortest": _("Shortest, years"),
    "longest": _("Longest, years"),
}


class Piece(Protocol):
    """One or several form fields that together are a value."""

    def fields(self, name: str, *, label: Any) -> dict[str, forms.Field]:
        """Form fields by name."""

    def initial(self, name: str, value: Any) -> dict[str, Any]:
        """What stands in them for a typed value."""

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """The raw value of cleaned data; None is nothing."""


class HoursField(forms.CharField):
    """Intervals of one day in a line."""

    def clean(self, value: Any) -> Any:
        """As policies store them."""
        try:
            return parse_line(super().clean(value))
        except ValueError as error:
            message = _("Write hours like this: 08.00-12.00, 13.00-17.00. Leave it empty when closed.")
            raise forms.ValidationError(message) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Always sent on; the command sees whether anything is new."""
        return True


class One:
    """A single field."""

    def __init__(self, kind: type[forms.Field], **options: Any) -> None:
        self.kind, self.options = kind, options

    def fields(self, name: str, *, label: Any) -> dict[str, forms.Field]:
        """The field."""
        return {name: self.kind(label=label, **self.options)}

    def initial(self, name: str, value: Any) -> dict[str, Any]:
        """As typed; a choice between yes and no is a word."""
        if isinstance(value, bool):
            return {name: "yes" if value else "no"}
        return {name: list(value) if isinstance(value, tuple) else value}

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """As cleaned."""
        value = data.get(name)
        return None if value in ("", []) and not self.options.get("required", True) else value


class YesNo(One):
    """A choice between yes and no, so that neither is a matter of an overlooked box."""

    def __init__(self) -> None:
        super().__init__(forms.ChoiceField, choices=[(w, WORDS[w]) for w in ("yes", "no")], widget=forms.RadioSelect)

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """A truth value."""
        return data.get(name) == "yes"


class Lines(One):
    """Several texts, one a line; a support step has up to three parts with semicolons between."""

    def __init__(self, *, steps: bool = False, nothing: Any = ()) -> None:
        text = _("One step a line: who; contact; hours") if steps else _("One a line")
        widget = forms.Textarea(attrs={"rows": 5})
        super().__init__(forms.CharField, required=False, help_text=text, max_length=4000, widget=widget)
        self.steps, self.nothing = steps, nothing

    def initial(self, name: str, value: Any) -> dict[str, Any]:
        """Line by line."""
        if self.steps:
            return {name: "\n".join("; ".join(v for _k, v in step).rstrip("; ") for step in value or ())}
        return {name: "\n".join(value or ())}

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """A list without empty lines."""
        lines = [line.strip() for line in (data.get(name) or "").splitlines() if line.strip()]
        if not lines:
            return self.nothing
        if self.steps:
            names = ("who", "contact", "hours")
            return [dict(zip(names, map(str.strip, line.split(";", 2)), strict=False)) for line in lines]
        return lines


class HoursLine(One):
    """The hours of a day, or of every weekday."""

    def __init__(self, *, nothing: Any = ()) -> None:
        super().__init__(HoursField, required=False, max_length=100)
        self.nothing = nothing

    def initial(self, name: str, value: Any) -> dict[str, Any]:
        """One line."""
        return {name: ", ".join(value or ())}

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """Intervals."""
        return data.get(name) or self.nothing


class Many:
    """A field, or several, for each part of a mapping or of a value with named parts."""

    def __init__(
        self, parts: Mapping[Any, tuple[Any, Piece]], *, dropped: tuple[Any, ...] = (None, "", (), [])
    ) -> None:
        self.parts, self.dropped = parts, dropped

    def fields(self, name: str, *, label: Any) -> dict[str, forms.Field]:
        """All of them."""
        found: dict[str, forms.Field] = {}
        for key, (words, piece) in self.parts.items():
            found |= piece.fields(f"{name}_{key}", label=capfirst(str(words)))
        return found

    def initial(self, name: str, value: Any) -> dict[str, Any]:
        """All of them."""
        found: dict[str, Any] = {}
        for key, (_words, piece) in self.parts.items():
            part = value.get(key) if isinstance(value, Mapping) else getattr(value, str(key), None)
            found |= piece.initial(f"{name}_{key}", part)
        return found

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        """A mapping without what was left empty."""
        found = {key: piece.raw(f"{name}_{key}", data) for key, (_words, piece) in self.parts.items()}
        return {key: value for key, value in found.items() if value not in self.dropped}


def piece_for(key: str) -> Piece:
    """The form of one setting.

    Raises:
        KeyError: no such key.
    """
    field = Policy.model_fields[key]
    if field.annotation == WeeklyHours:
        return Many({day: (WORDS[day], HoursLine()) for day in get_args(get_args(WeeklyHours)[0])})
    return _piece(field.annotation, _limits(field.metadata))


def form_fields(key: str, value: Any) -> dict[str, forms.Field]:
    """Form fields of one setting with a typed value filled in.

    Raises:
        KeyError: no such key.
    """
    piece = piece_for(key)
    found = piece.fields(NAME, label=_("Value"))
    for name, initial in piece.initial(NAME, value).items():
        found[name].initial = initial
    return found


def _piece(annotation: Any, limits: Mapping[str, Any], *, optional: bool = False) -> Piece:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _piece(arguments[0], {**_limits(arguments[1:]), **limits}, optional=optional)
    if origin in (Union, types.UnionType):
        inner = next(a for a in arguments if a is not type(None))
        return _piece(inner, limits, optional=True)
    if origin is Literal:
        choices = [(word, WORDS.get(word, word)) for word in arguments]
        return One(forms.ChoiceField, choices=choices, widget=forms.RadioSelect)
    if annotation is bool:
        return YesNo()
    if annotation in (int, float):
        return One(
            forms.IntegerField if annotation is int else forms.FloatField,
            required=not optional, min_value=limits.get("ge", limits.get("gt")), max_value=limits.get("le"),
            help_text=_range_words(limits),
        )  # fmt: skip
    if annotation is str:
        return _text(limits, optional=optional)
    if origin is tuple:
        return _several(arguments[0], optional=optional)
    if origin is dict:
        return _mapping(*arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        parts = {}
        for name, field in annotation.model_fields.items():
            piece = _piece(field.annotation, _limits(field.metadata), optional=not field.is_required())
            parts[name] = (_PARTS.get(name, name), piece)
        return Many(parts, dropped=(None, ""))
    raise TypeError(f"no form for {annotation!r}")


def _several(item: Any, *, optional: bool) -> Piece:
    if item is SupportStep:
        return Lines(steps=True)
    if item == HoursText:
        return HoursLine(nothing=None if optional else ())
    if item == Words:
        return Lines(nothing=None if optional else ())
    if get_origin(item) is Literal:
        choices = [(word, WORDS.get(word, word)) for word in get_args(item)]
        return One(forms.MultipleChoiceField, choices=choices, widget=forms.CheckboxSelectMultiple)
    limits = _limits(get_args(item)[1:])
    numbers = [(n, str(n)) for n in range(limits["ge"], limits["le"] + 1)]
    return One(
        forms.TypedMultipleChoiceField, choices=numbers, coerce=int, required=False, empty_value=(),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


def _mapping(key: Any, value: Any) -> Piece:
    if get_origin(key) is Literal:
        keys: list[Any] = list(get_args(key))
    else:
        limits = _limits(get_args(key)[1:])
        keys = list(range(limits["ge"], limits["le"] + 1))
    optional = type(None) in get_args(value)
    # Words of a few channels may be left out; words of the five urgencies may not.
    loose = value == Words and get_origin(key) is Literal
    parts = {k: (_name(k), _piece(value, {}, optional=optional or loose)) for k in keys}
    return Many(parts, dropped=()) if optional else Many(parts)


def _name(key: Any) -> Any:
    return WORDS.get(key, key) if isinstance(key, str) else _("Urgency %(number)s") % {"number": key}


def _text(limits: Mapping[str, Any], *, optional: bool) -> Piece:
    longest = limits.get("max_length") or _LONG
    may_be_empty = optional or (not limits.get("min_length") and not limits.get("pattern"))
    options: dict[str, Any] = {"max_length": longest, "required": not may_be_empty}
    pattern = limits.get("pattern")
    if pattern:
        return One(forms.RegexField, regex=pattern, **options)
    if longest > 100:
        options["widget"] = forms.Textarea(attrs={"rows": 3 if longest <= _LONG else 8})
        options["help_text"] = _("At most %(number)s characters.") % {"number": longest}
    return One(forms.CharField, **options) if not may_be_empty or optional else _Empty(forms.CharField, **options)


class _Empty(One):
    """A text that may be empty: then it is an empty text, not nothing."""

    def raw(self, name: str, data: Mapping[str, Any]) -> Any:
        return data.get(name) or ""


def _limits(metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in metadata:
        if isinstance(part, FieldInfo):
            found |= _limits(part.metadata)
        elif isinstance(part, StringConstraints):
            found |= {k: getattr(part, k) for k in ("min_length", "max_length", "pattern")}
        else:
            names = ("ge", "gt", "le", "min_length", "max_length", "pattern")
            found |= {k: getattr(part, k) for k in names if getattr(part, k, None) is not None}
    return found


def _range_words(limits: Mapping[str, Any]) -> Any:
    low, high = limits.get("ge", limits.get("gt")), limits.get("le")
    if low is None or high is None:
        return ""
    return _("From %(low)s to %(high)s.") % {"low": words_of(low), "high": words_of(high)}
