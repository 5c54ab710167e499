"""Policy values in words, for pages; the Swedish is in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from pydantic import BaseModel

WORDS: dict[str, Promise | str] = {
    # ways in, permissions
    "one_link_per_interface": gettext_lazy("one link to each interface"),
    "intranet_icons": gettext_lazy("icons on the intranet"),
    "system_list": gettext_lazy("a list of systems"),
    "other": gettext_lazy("other"),
    "unit_system_administrator": gettext_lazy("the unit's system administrator"),
    "administrative_role": gettext_lazy("a user with an administrative permission at the unit"),
    "long_leave": gettext_lazy("long leave"),
    "end_of_employment": gettext_lazy("end of employment"),
    "continuous_review": gettext_lazy("continuous review"),
    "nurse": gettext_lazy("nurse"),
    "doctor": gettext_lazy("doctor"),
    "counsellor": gettext_lazy("counsellor"),
    "physiotherapist": gettext_lazy("physiotherapist"),
    "medical_admin": gettext_lazy("medical administration"),
    "administrator": gettext_lazy("administrator"),
    "seek_care": gettext_lazy("Seek care"),
    "admin_question": gettext_lazy("Administrative questions"),
    # hours and closures
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
    "form_to_operator": gettext_lazy("form to the operator"),
    "region_then_order": gettext_lazy("the region first, then an order"),
    "planned_such_as_training": gettext_lazy("planned closure such as training"),
    "exceptional_single_days": gettext_lazy("exceptional cases, single days"),
    "warn": gettext_lazy("warn and let the resident choose"),
    "refuse": gettext_lazy("refuse and refer to 1177 and 112"),
    # entrance
    "to_listed_unit": gettext_lazy("to the unit where they are listed"),
    "free_choice": gettext_lazy("the resident chooses"),
    "hard": gettext_lazy("cannot act"),
    "soft": gettext_lazy("should not act"),
    "register": gettext_lazy("the person register"),
    "record_system": gettext_lazy("the record system"),
    "not_other_providers": gettext_lazy("not other care providers' records"),
    "medication_and_record": gettext_lazy("medication list and record"),
    "history_and_medication": gettext_lazy("care history and medication list"),
    "interpreter_by_phone_or_video": gettext_lazy("interpreter by phone or video"),
    "swedish_only": gettext_lazy("Swedish only"),
    # while the case runs
    "reply": pgettext_lazy("policy", "reply to the patient"),
    "received": pgettext_lazy("policy", "received by staff"),
    "staffed_time": gettext_lazy("staffed time"),
    "calendar_time": gettext_lazy("calendar time"),
    "holder_decides": gettext_lazy("the holder decides"),
    "may_be_closed": gettext_lazy("the case may be closed"),
    "close_with_note": gettext_lazy("the case is closed with a short note"),
    "chat_message": gettext_lazy("message in the chat"),
    "sms_by_hand": gettext_lazy("SMS sent by staff"),
    "always": gettext_lazy("always"),
    "if_acute": gettext_lazy("if judged acute"),
    "never": gettext_lazy("never"),
    "hand_over_to_role": gettext_lazy("hand over to a role"),
    "make_asynchronous": gettext_lazy("make asynchronous"),
    "pause": pgettext_lazy("policy", "pause"),
    "close_and_book": gettext_lazy("close and book a time"),
    "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
    "by_closing": gettext_lazy("by closing with follow-up"),
    # handover, tickets, acknowledgement
    "role": gettext_lazy("a role"),
    "signed_in_colleague": gettext_lazy("a colleague who is signed in"),
    "always_nurse": gettext_lazy("always a nurse"),
    "any": gettext_lazy("any role"),
    "nurse_or_medical_admin": gettext_lazy("nurse, or medical administration for administrative cases"),
    "handover_same_provider": gettext_lazy("handover within the care provider, otherwise ticket"),
    "ticket_for_all": gettext_lazy("ticket to all other units"),
    "none": pgettext_lazy("policy", "none"),
    "read": pgettext_lazy("policy", "read only"),
    "must": gettext_lazy("must"),
    "should": gettext_lazy("should"),
    "rehab_physiotherapist": gettext_lazy("physiotherapist at rehab, otherwise as chosen"),
    "addressed_unit": gettext_lazy("the addressed unit"),
    "issuer": gettext_lazy("the issuer"),
    "watch": gettext_lazy("watching one's own and the unit's"),
    "follow_up": gettext_lazy("follow-up"),
    "information": gettext_lazy("information to a colleague"),
    "expired_tickets": gettext_lazy("expired tickets"),
    # phrases, SMS, support
    "national": gettext_lazy("national"),
    "unit": gettext_lazy("unit"),
    "personal": gettext_lazy("personal"),
    "super_user": gettext_lazy("super-user"),
    "manager_decides": gettext_lazy("the manager decides"),
    "any_number": gettext_lazy("any mobile number"),
    "earlier_sign_in": gettext_lazy("has signed in before"),
    "dialogue_consent": gettext_lazy("has accepted dialogue"),
    "agreement": gettext_lazy("has agreed"),
    "every_message": gettext_lazy("at every message"),
    "new_case": gettext_lazy("at a new case"),
    "if_left": gettext_lazy("if the patient has left the service"),
    "integrated": gettext_lazy("integrated with the contact centre"),
    "web": gettext_lazy("web version"),
    "own": gettext_lazy("own decision support"),
    # journal
    "before_handover": gettext_lazy("before handover to another unit, otherwise at closing"),
    "after_closing": gettext_lazy("after closing"),
    "giver_and_receiver": gettext_lazy("by both giver and receiver"),
    "decision_table": gettext_lazy("by the decision table"),
    "qualified": gettext_lazy("only for a qualified contact"),
    "chat": gettext_lazy("chat"),
    "video": gettext_lazy("video"),
    "phone": gettext_lazy("phone"),
    "fixed": gettext_lazy("fixed"),
    "most_suitable": gettext_lazy("the most suitable"),
    "by_contact_type": gettext_lazy("by contact type"),
    "not_used": gettext_lazy("not used"),
    "relevant_and_additional": gettext_lazy("relevant code and additional code"),
    "keyword": gettext_lazy("under a keyword"),
    "existing_routine": gettext_lazy("existing routine"),
    "optional": gettext_lazy("optional"),
    "disease_or_symptom": gettext_lazy("disease, otherwise symptom"),
    "keyword_recommended": gettext_lazy("keyword recommended"),
    "when_replacing_visit": gettext_lazy("when it replaces a visit"),
    "normally_not": gettext_lazy("normally not"),
    "service_and_record_system": gettext_lazy("in the service and in the record system"),
    "record_system_app": gettext_lazy("in the record system or its app"),
    "blocking_type_only": gettext_lazy("only a blocking type in the record system"),
    "qualified_fixed": gettext_lazy("fixed amount for a qualified contact"),
    "by_action": gettext_lazy("by what is done"),
    "link_only": gettext_lazy("by the region's fee list"),
    "invoice": gettext_lazy("invoice"),
    "invoice_to_registered_address": gettext_lazy("invoice to the registered address"),
    "pacs_if_good": gettext_lazy("to PACS when of good quality"),
    "described_in_words": gettext_lazy("not saved, described in words"),
    "cosmic": "Cosmic",
    "pmo": "PMO",
}


def words_of(value: Any) -> str:
    """A policy value as a person reads it."""
    if value is None or value in ("", (), {}):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return str(WORDS.get(value, value))
    if isinstance(value, BaseModel):
        parts = [words_of(part) for _name, part in value if part not in (None, "", ())]
        return ", ".join(parts)
    if isinstance(value, Mapping):
        return "; ".join(f"{words_of(key)}: {words_of(part)}" for key, part in value.items())
    if isinstance(value, tuple):
        return ", ".join(words_of(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
