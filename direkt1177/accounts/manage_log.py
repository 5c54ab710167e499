"""The change log as Manage tells it: what was done in words, and from what to what (ADM-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from direkt1177.accounts.models import AdminPermission
from direkt1177.audit.models import ChangeLog
from direkt1177.units.policies import check_value
from direkt1177.units.policy_model import Policy, setting_of
from direkt1177.units.policy_values import WEEKDAYS
from direkt1177.units.policy_words import WORDS, words_of

WHAT: dict[str, Promise] = {
    "user_created": gettext_lazy("User added"),
    "user_changed": gettext_lazy("User changed"),
    "user_activated": gettext_lazy("Account opened"),
    "user_deactivated": gettext_lazy("Account closed"),
    "role_granted": gettext_lazy("Care role given"),
    "role_ended": gettext_lazy("Care role ended"),
    "permission_granted": gettext_lazy("Permission given"),
    "permission_ended": gettext_lazy("Permission ended"),
    "profile_changed": gettext_lazy("Profile changed by the user"),
    "signed_in": gettext_lazy("Signed in"),
    "signed_out": gettext_lazy("Signed out"),
    "unit_changed": gettext_lazy("Unit changed"),
    "policy_changed": gettext_lazy("Setting changed"),
    "policy_ended": gettext_lazy("The unit's own setting ended"),
    "hours_changed": gettext_lazy("Opening hours changed"),
    "calendar_exception_added": gettext_lazy("Exception added"),
    "calendar_exception_changed": gettext_lazy("Exception changed"),
    "calendar_exception_removed": gettext_lazy("Exception removed"),
    "phrase_added": gettext_lazy("Phrase added"),
    "phrase_changed": gettext_lazy("Phrase changed"),
    "region_loaded": gettext_lazy("The region's settings were loaded"),
}
_FIELDS: dict[str, Promise] = {
    "name": gettext_lazy("name"),
    "phone": gettext_lazy("phone"),
    "contact_card_url": gettext_lazy("contact card"),
    "welcome_message": gettext_lazy("welcome message"),
    "receipt_message": gettext_lazy("SMS when a case is received"),
    "category": gettext_lazy("Category"),
    "title": gettext_lazy("Title"),
    "text": gettext_lazy("Text"),
    "active": gettext_lazy("In use"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the log in words."""

    at: datetime
    who: str
    what: str
    detail: str
    old: str
    new: str
    reason: str


def told(row: ChangeLog) -> Told:
    """A row of the log as a person reads it."""
    data = row.data
    detail = str(data.get("permission", ""))
    if detail in AdminPermission.Kind.values:
        detail = str(AdminPermission.Kind(detail).label)
    detail = str(WORDS.get(detail, detail))
    key = data.get("key", "")
    if key in Policy.model_fields:
        detail = str(setting_of(key).label)
    old, new = data.get("old"), data.get("new")
    if row.event == "policy_ended":
        new = _("the region's value from %(day)s") % {"day": data.get("ends", "")}
    return Told(
        at=row.at,
        who=row.actor_name,
        what=str(WHAT.get(row.event, row.event)),
        detail=detail,
        old=_words(old, key),
        new=new if row.event == "policy_ended" else _words(new, key),
        reason=str(data.get("reason", "")),
    )


def _words(value: Any, key: str) -> str:
    if value is None or value in ("", {}):
        return ""
    if key in Policy.model_fields:
        try:
            return words_of(check_value(key, value))
        except ValueError:  # no longer allowed
            return str(value)
    if isinstance(value, Mapping):
        return "; ".join(f"{_field(name)}: {words_of(part)}" for name, part in value.items())
    return str(value)


def _field(name: str) -> str:
    if name.isdigit() and int(name) < len(WEEKDAYS):
        return str(WORDS[WEEKDAYS[int(name)]])
    return str(_FIELDS.get(name, name))
