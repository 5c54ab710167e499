"""Which settings hold for a unit today: region's value, unit's own where allowed, else the documented default.

One query per unit object; nothing is kept between requests, so a changed policy holds from the next one.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from direkt1177.units.clock import now
from direkt1177.units.models import PolicyValue, Region, Unit
from direkt1177.units.policy_model import Policy, default_of, setting_of
from direkt1177.units.policy_words import words_of
from direkt1177.units.staffed_time import STOCKHOLM

log = logging.getLogger(__name__)
_ADAPTERS: dict[str, TypeAdapter[Any]] = {}
_built: dict[str, Policy] = {}
_BUILT_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as a page shows it.

    Attributes:
        value: the typed value that holds.
        words: in Swedish; says so when nothing is stated.
        stated: false when the standard holds because the source is silent.
        own: true when it is the unit's own value (HRS-02).
    """

    key: str
    label: str
    value: Any
    words: str
    stated: bool
    source: str
    valid_from: date | None
    own: bool


def check_value(key: str, value: Any) -> Any:
    """Check a raw (JSON or YAML) value against the key's type and give the typed value.

    Raises:
        KeyError: no such key.
        pydantic.ValidationError: not an allowed value.
    """
    if key not in _ADAPTERS:
        field = Policy.model_fields[key]
        annotation: Any = field.annotation
        for part in field.metadata:
            annotation = Annotated[annotation, part]
        _ADAPTERS[key] = TypeAdapter(annotation)
    return _ADAPTERS[key].validate_python(value)


def raw_value(key: str, value: Any) -> Any:
    """The typed value as JSON to store."""
    typed = check_value(key, value)
    return _ADAPTERS[key].dump_python(typed, mode="json")


def policy(unit: Unit, *, on: date | None = None) -> Policy:
    """All settings that hold for a unit; one query, kept on the given object.

    Args:
        unit: its provider need not be loaded.
        on: a date in Sweden; today when left out.
    """
    day = on or now().astimezone(STOCKHOLM).date()
    memo = unit.policy_memo
    if memo is None or memo[0] != day:
        memo = (day, _build(_rows_of([unit], day)[unit.pk], unit))
        unit.policy_memo = memo
    found: Policy = memo[1]
    return found


def policies_of(units: Iterable[Unit]) -> dict[int, Policy]:
    """Settings of several units by unit id, in one query."""
    units = list(units)
    day = now().astimezone(STOCKHOLM).date()
    rows = _rows_of(units, day)
    return {unit.pk: _build(rows[unit.pk], unit) for unit in units}


def region_policy(region: Region | int, *, on: date | None = None) -> Policy:
    """Settings of a region as a whole, for pages where no unit is chosen yet."""
    day = on or now().astimezone(STOCKHOLM).date()
    region_id = region if isinstance(region, int) else region.pk
    rows = _valid(day).filter(region_id=region_id, unit__isnull=True).order_by("valid_from").values_list(*_FIELDS)
    return _build({row.key: row for row in (_Row(*fields) for fields in rows)}, None)


def shown(unit: Unit) -> list[Shown]:
    """Every setting of a unit for a page, in the model's order; "not stated" is said where it is so."""
    rows = _rows_of([unit], now().astimezone(STOCKHOLM).date())[unit.pk]
    current = policy(unit)
    result = []
    for key in Policy.model_fields:
        row = rows.get(key)
        words = words_of(getattr(current, key))
        result.append(
            Shown(
                key=key,
                label=str(setting_of(key).label),
                value=getattr(current, key),
                words=words if row else _("not stated, standard: %(value)s") % {"value": words},
                stated=row is not None,
                source=row.source if row else "",
                valid_from=row.valid_from if row else None,
                own=row is not None and row.unit_id is not None,
            )
        )
    return result


def _valid(day: date) -> QuerySet[PolicyValue]:
    return PolicyValue.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)


@dataclass(frozen=True, slots=True)
class _Row:
    unit_id: int | None
    key: str
    value: Any
    source: str
    valid_from: date


_FIELDS = ("unit_id", "key", "value", "source", "valid_from")


def _rows_of(units: list[Unit], day: date) -> defaultdict[int, dict[str, _Row]]:
    """Unit id -> key -> the row that holds: the unit's own before the region's, the latest first."""
    found: defaultdict[int, dict[str, _Row]] = defaultdict(dict)
    rows = (
        _valid(day)
        .filter(region__providers__units__in=[u.pk for u in units])
        .annotate(for_unit=F("region__providers__units"))
        .filter(Q(unit__isnull=True) | Q(unit_id=F("for_unit")))
        .order_by(F("unit_id").asc(nulls_first=True), "valid_from")
        .values_list("for_unit", *_FIELDS)
    )
    for for_unit, *fields in rows:
        row = _Row(*fields)
        if row.key in Policy.model_fields and (row.unit_id is None or setting_of(row.key).per_unit):
            found[for_unit][row.key] = row
    return found


def _build(rows: Mapping[str, _Row], unit: Unit | None) -> Policy:
    raw = {key: row.value for key, row in rows.items() if key in Policy.model_fields}
    if unit is not None and unit.welcome_message:
        raw["welcome_message"] = unit.welcome_message
    if unit is not None and unit.receipt_message:
        raw["receipt_sms"] = unit.receipt_message
    # Parsing eighty values takes longer than reading them: equal rows give the same (immutable) object.
    content = json.dumps(raw, sort_keys=True)
    if content not in _built:
        if len(_built) > _BUILT_AT_MOST:
            _built.clear()
        _built[content] = _parse(raw)
    return _built[content]


def _parse(raw: Mapping[str, Any]) -> Policy:
    values = {key: default_of(key) for key in Policy.model_fields}
    for key, value in raw.items():
        try:
            values[key] = check_value(key, value)
        except ValidationError:
            # A stored value that is no longer allowed never stops care: the default holds and the log says so.
            log.exception("policy %s holds a value that is not allowed; the default is used", key)
    # One object serves many requests: its mappings are read-only too.
    for key, value in values.items():
        values[key] = MappingProxyType(value) if isinstance(value, dict) else value
    return Policy.model_construct(**values)
