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
from direkt1177.units.staffed_time import STOCKHOLM

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
    "closure_requested": gettext_lazy("Closure requested"),
    "closure_agreed": gettext_lazy("The region agreed"),
    "closure_ordered": gettext_lazy("Closure ordered"),
    "closure_approved": gettext_lazy("Closure approved"),
    "closure_rejected": gettext_lazy("Closure rejected"),
    "closure_cancelled": gettext_lazy("Closure cancelled"),
    "closure_acute": gettext_lazy("Closed acutely"),
    "closure_retargeted": gettext_lazy("Other receiving unit"),
    "closure_reopened": gettext_lazy("Opened again earlier"),
    "closure_card_published": gettext_lazy("Contact card published"),
    "closure_card_withdrawn": gettext_lazy("Text taken off the contact card"),
    "branch_decided": gettext_lazy("Decision on the branch's cases"),
    "unit_renamed": gettext_lazy("New name or HSA-id"),
    "unit_change_planned": gettext_lazy("Winding up or takeover planned"),
    "unit_change_region_told": gettext_lazy("Regional administration told"),
    "unit_change_done": gettext_lazy("Unit closed for good"),
    "unit_change_cancelled": gettext_lazy("Winding up or takeover cancelled"),
}
_FIELDS: dict[str, Promise] = {
    "name": gettext_lazy("name"),
    "hsa_id": gettext_lazy("HSA-id"),
    "own_cases": gettext_lazy("handles its own cases"),
    "decided_by": gettext_lazy("decided by"),
    "decided_on": gettext_lazy("date of the decision"),
    "valid_from": gettext_lazy("valid from"),
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
    if not detail and "starts" in data and "ends" in data:
        detail = _closed(data)
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


def _closed(data: Mapping[str, Any]) -> str:
    """A closure's interval and target."""
    start, end = (datetime.fromisoformat(str(data[name])).astimezone(STOCKHOLM) for name in ("starts", "ends"))
    interval = f"{start:%Y-%m-%d %H.%M}–{end:%Y-%m-%d %H.%M}"
    return f"{interval}, {data['target']}" if data.get("target") else interval


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
