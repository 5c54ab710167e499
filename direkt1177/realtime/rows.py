"""Rows of the hot path's own statements as model instances, without Django's cost of making them.

An instance of some columns only reads the others when they are asked for, as with ``only()``: outside a thread that is
an error, never a wrong value.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


@functools.cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)  # noqa: SLF001 - public by its documentation


def columns_of(model: type[models.Model], alias: str) -> str:
    """All columns of a model for a SELECT, in the order of ``made_of``."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)  # noqa: SLF001


def made_of(model: type[M], values: Sequence[Any], names: Sequence[str] | None = None, **related: Any) -> M:
    """An instance of a stored row; no signal is sent.

    Args:
        model: without fields that change what the database gives.
        values: of all columns, or of ``names``.
        names: attributes, when it is some columns only.
        related: instances that its foreign keys lead to, or None.
    """
    instance = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, "default"
    state.fields_cache = related
    instance.__dict__.update(zip(names or _names(model), values, strict=True))
    instance._state = state  # noqa: SLF001
    return instance
