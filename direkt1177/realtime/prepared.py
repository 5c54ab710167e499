"""Querysets of the hot path whose SQL is made once: Django takes longer to write it than PostgreSQL to answer.

The result is what the queryset itself gives, read with Django's own compiler, select list and populators; only writing
the statement is skipped. A test holds each use against the plain queryset.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models import query as django_query

M = TypeVar("M", bound=models.Model)


class Prepared(Generic[M]):
    """A queryset with gaps.

    Args:
        make: builds it from the values of the gaps; called once, with ``samples``.
        samples: values of the right types that are different from everything else in the statement.
    """

    def __init__(self, make: Callable[..., models.QuerySet[M]], *samples: Any) -> None:
        self._make = make
        self._samples = samples
        self._ready: _Statement | None = None

    def all(self, *values: Any) -> list[M]:
        """The rows for these values, in one query."""
        return list(self._rows(values))

    def first(self, *values: Any) -> M | None:
        """The first row, or None; the queryset says itself which one that is."""
        return next(self._rows(values), None)

    def _rows(self, values: tuple[Any, ...]) -> Iterator[M]:
        ready = self._ready
        if ready is None:
            ready = self._ready = _Statement(self._make(*self._samples), self._samples)
        return ready.rows(values)


class _Statement:
    def __init__(self, queryset: models.QuerySet[Any], samples: tuple[Any, ...]) -> None:
        self._compiler: Any = queryset.query.get_compiler(using=connection.alias)
        self._sql, parameters = self._compiler.as_sql()
        self._parameters = list(parameters)
        self._gaps = [(at, samples.index(p)) for at, p in enumerate(self._parameters) if p in samples]
        if {gap for _, gap in self._gaps} != set(range(len(samples))):
            raise ValueError("a value of a prepared queryset does not reach its statement")
        info, select = self._compiler.klass_info, self._compiler.select
        fields = info["select_fields"]
        self._model = info["model"]
        self._start, self._end = fields[0], fields[-1] + 1
        self._names = [column[0].target.attname for column in select[self._start : self._end]]
        populators: Any = django_query.get_related_populators
        self._populators = populators(info, select, connection.alias)
        self._annotations = list((self._compiler.annotation_col_map or {}).items())
        self._locks = bool(queryset.query.select_for_update)

    def rows(self, values: tuple[Any, ...]) -> Iterator[Any]:
        if self._locks and not connection.in_atomic_block:
            raise RuntimeError("rows are locked inside a transaction only")
        parameters = list(self._parameters)
        for at, gap in self._gaps:
            parameters[at] = values[gap]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall()
        compiler = copy.copy(self._compiler)  # never shared between threads
        compiler.connection = connection
        for row in compiler.results_iter([found]):
            instance = self._model.from_db(connection.alias, self._names, row[self._start : self._end])
            for populator in self._populators:
                populator.populate(row, instance)
            for name, column in self._annotations:
                setattr(instance, name, row[column])
            yield instance
