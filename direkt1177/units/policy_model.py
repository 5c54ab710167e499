"""Every setting in which regions differ, typed, with a documented default for "not stated" (requirements §29).

A field is a key. Its default is what holds where a region's document says nothing ("n/s"): the safest of the stated
values, with the reason in ``why``. Code asks ``policy(unit).inactivity_threshold``, never which region it is.
"""

from __future__ import annotations

from datetime import time
from typing import Annotated, Any, Literal, cast

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from direkt1177.units import policy_texts as texts
from direkt1177.units.policy_staff import StaffSettings
from direkt1177.units.policy_values import (
    ADMINISTRATOR,
    COUNSELLOR,
    DOCTOR,
    MEDICAL_ADMIN,
    NURSE,
    PHYSIOTHERAPIST,
    CaseKind,
    Minutes,
    RoleCode,
    Setting,
    SmsWords,
    Urgency,
    WeeklyHours,
    Words,
)

MINUTES_A_DAY = 24 * 60


class Policy(StaffSettings):
    """All settings that hold for one unit at one date. Immutable."""

    # Sign-in, permissions, roles
    launch_points: Annotated[
        Literal["one_link_per_interface", "intranet_icons", "system_list"],
        Setting(_("How staff reach the service"), "one link each is what every other way builds on"),
    ] = "one_link_per_interface"
    record_system: Annotated[
        Literal["cosmic", "pmo", "other"],
        Setting(_("Record system"), "no assumption about another system's buttons"),
    ] = "other"
    permission_granter: Annotated[
        Literal["unit_system_administrator", "administrative_role"],
        Setting(_("Who grants permissions"), "a granter acts only at units where they hold the permission (ORG-14)"),
    ] = "administrative_role"
    permission_end_triggers: Annotated[
        tuple[Literal["long_leave", "end_of_employment", "continuous_review"], ...],
        Setting(_("When permissions end"), "all stated reasons together are the strictest"),
    ] = ("long_leave", "end_of_employment", "continuous_review")
    role_catalogue: Annotated[
        tuple[RoleCode, ...], Setting(_("Care roles"), "the seed catalogue (ORG-08)", per_unit=True)
    ] = (NURSE, DOCTOR, COUNSELLOR, PHYSIOTHERAPIST, MEDICAL_ADMIN, ADMINISTRATOR)
    new_case_visibility: Annotated[
        dict[CaseKind, tuple[RoleCode, ...]],
        Setting(_("Who sees new cases"), "the narrowest stated: each kind to the role that handles it", per_unit=True),
    ] = {"seek_care": (NURSE,), "admin_question": (MEDICAL_ADMIN,)}
    receiving_roles: Annotated[
        dict[CaseKind, RoleCode],
        Setting(_("Which role new cases are addressed to"), "responsibility is apart from visibility (§31.8)", True),
    ] = {"seek_care": NURSE, "admin_question": MEDICAL_ADMIN}

    # Hours and closures
    branch_redirect_default: Annotated[
        # A branch that differs has a decision of its own, with decider and date (``BranchDecision``).
        bool, Setting(_("Branches' cases go to the health centre"), "the only stated value (ORG-21)")
    ] = True
    staffed_hours: Annotated[
        WeeklyHours, Setting(_("Staffed hours"), "the shortest stated: promises least", per_unit=True)
    ] = {
        "mon": ("08.00-16.00",),
        "tue": ("08.00-16.00",),
        "wed": ("08.00-16.00",),
        "thu": ("08.00-16.00",),
        "fri": ("08.00-14.30",),
    }
    staffed_tail_minutes: Annotated[
        Annotated[int, Field(ge=0, le=240)],
        Setting(_("Minutes that staff go on after closing"), "stated default (HRS-03)", per_unit=True),
    ] = 0
    accept_outside_hours: Annotated[
        bool, Setting(_("Residents may send outside staffed hours"), "stated default (HRS-04)", per_unit=True)
    ] = True
    closure_lead_time: Annotated[
        Annotated[int, Field(ge=0, le=26)], Setting(_("Weeks before a planned closure"), "both who state it say three")
    ] = 3
    closure_approval: Annotated[
        Literal["form_to_operator", "region_then_order"],
        Setting(_("How a planned closure is approved"), "the chain with one more pair of eyes"),
    ] = "region_then_order"
    closure_grounds: Annotated[
        Literal["planned_such_as_training", "exceptional_single_days"],
        Setting(_("Grounds for closing"), "the narrower ground"),
    ] = "exceptional_single_days"
    allow_acute_closure: Annotated[bool, Setting(_("Acute closure is allowed"), "stated default (HRS-15)")] = False
    unstaffed_urgent_action: Annotated[
        Literal["warn", "refuse"],
        Setting(
            _("When nobody reads an urgent case in time"),
            "warning with an explicit choice keeps the way in; refusing could silence somebody who cannot phone",
            per_unit=True,
        ),
    ] = "warn"

    # Entrance
    listing_routing: Annotated[
        Literal["to_listed_unit", "free_choice"],
        Setting(_("Where listed residents are sent"), "without a stated listing service the resident chooses"),
    ] = "free_choice"
    min_age_years: Annotated[
        Annotated[int, Field(ge=0, le=18)], Setting(_("Youngest age"), "all who state it say one year (ENT-15)")
    ] = 1
    guardian_upper_age_rule: Annotated[
        Literal["hard", "soft"], Setting(_("Guardians from the 13th birthday"), "hard cut at the birthday (§31.10)")
    ] = "hard"
    guardian_until_age: Annotated[
        Annotated[int, Field(ge=1, le=18)], Setting(_("Guardians act until the age of"), "stated by all: 13")
    ] = 13
    protected_identity_source: Annotated[
        Literal["register", "record_system"],
        Setting(_("Where protected identity is checked"), "both, strictest wins (§31.2)"),
    ] = "record_system"
    require_protected_check: Annotated[
        bool, Setting(_("Protected identity must be checked before the first message"), "the stricter value")
    ] = True
    protected_routine_url: Annotated[
        str, Setting(_("Routine for protected identity"), "no link is shown when there is none (ENT-31)")
    ] = ""
    consent_scope: Annotated[
        Literal["not_other_providers", "medication_and_record", "history_and_medication"],
        Setting(_("What the consent covers"), "never open other providers' records on the tick alone (§31.1)"),
    ] = "not_other_providers"
    language_support: Annotated[
        Literal["interpreter_by_phone_or_video", "swedish_only"],
        Setting(_("When written Swedish does not work"), "the way that keeps the contact"),
    ] = "interpreter_by_phone_or_video"

    # Triage and the queue
    urgency_labels: Annotated[
        dict[Urgency, Words], Setting(_("Words for urgency"), "Jönköping's, the only complete set")
    ] = texts.URGENCY_LABELS
    urgency_targets: Annotated[
        dict[Urgency, Minutes | None],
        Setting(
            _("Assessment target, minutes"),
            "1 at once; 2 the strict reading of 'one or a few hours'; 3 24 hours; 4 a week; 5 waits, no target",
        ),
    ] = {1: 0, 2: 120, 3: MINUTES_A_DAY, 4: 7 * MINUTES_A_DAY, 5: None}
    response_target: Annotated[
        Annotated[int, Field(ge=1, le=MINUTES_A_DAY)],
        Setting(_("Response target, minutes"), "15 is the only figure any region states (QUE-14)", per_unit=True),
    ] = 15
    same_day_response: Annotated[
        bool, Setting(_("Every case is answered the same day"), "the stricter value, and the only stated one (QUE-14)")
    ] = True
    response_clock_stop: Annotated[
        Literal["reply", "received"], Setting(_("What stops the response clock"), "reply is what the patient feels")
    ] = "reply"

    # Words for residents
    emergency_text: Annotated[Words, Setting(_("Text at danger"), "plain words, call 112")] = texts.EMERGENCY
    entrance_text_seek_care: Annotated[Words, Setting(_("Text at Seek care"), "promises no time")] = texts.SEEK_CARE
    entrance_text_admin_question: Annotated[
        Words, Setting(_("Text at Administrative questions"), "no medical assessment (ENT-02)")
    ] = texts.ADMIN_QUESTION
    too_young_text: Annotated[Words, Setting(_("Text for children who are too young"), "1177 by phone")] = (
        texts.TOO_YOUNG
    )
    fee_text: Annotated[Words, Setting(_("Information on fees"), "names no amount")] = texts.FEE
    fee_text_version: Annotated[
        Annotated[str, Field(pattern=r"^[\w.:-]{1,40}$")], Setting(_("Version of the fee information"), "ENT-36")
    ] = "standard-1"
    welcome_message: Annotated[
        Words, Setting(_("Welcome message"), "sent when the visit starts (CAS-04)", per_unit=True)
    ] = texts.WELCOME
    closing_message: Annotated[
        Words, Setting(_("Message when the visit is closed"), "safety net: what to do if it gets worse", per_unit=True)
    ] = texts.CLOSING
    receipt_sms: Annotated[
        SmsWords, Setting(_("SMS when a case is received"), "no name, no health information (NOT-04)", per_unit=True)
    ] = texts.RECEIPT_SMS
    new_message_sms: Annotated[SmsWords, Setting(_("SMS at a new message"), "as above", per_unit=True)] = (
        texts.NEW_MESSAGE_SMS
    )
    reminder_sms: Annotated[SmsWords, Setting(_("SMS reminder"), "as above", per_unit=True)] = texts.REMINDER_SMS

    @property
    def response_target_minutes(self) -> int:
        """Response target, the same for all urgencies (TRI-04)."""
        return self.response_target

    @property
    def entrance_texts(self) -> dict[str, str]:
        """Text per case kind (ENT-02, ENT-03)."""
        return {"seek_care": self.entrance_text_seek_care, "admin_question": self.entrance_text_admin_question}

    @property
    def sms_texts(self) -> dict[str, str]:
        """Text per template of the effect ``resident_sms``."""
        return {
            "case_received": self.receipt_sms,
            "new_message": self.new_message_sms,
            "reminder": self.reminder_sms,
            "closing_day": self.closing_day_sms,
            "ticket_begins": self.ticket_begins_sms,
        }

    @property
    def work_phones_allowed(self) -> bool:
        """Whether staff may get SMS about new cases on the number in their profile (NOT-05)."""
        return self.work_phone_notifications == "any_number" or self.work_phone_allowed

    def assessment_minutes(self, urgency: int | None) -> int | None:
        """Minutes until somebody must have assessed it; None when no target holds.

        A case that is not assessed has the target of urgency 3, above which it is sorted.
        """
        return self.urgency_targets.get(3 if urgency is None else urgency)

    def receiving_role(self, kind: str) -> str:
        """Code of the role whose queue a new case of this kind enters."""
        return self.receiving_roles[cast("CaseKind", kind)]

    def sees_new_cases(self, kind: str) -> tuple[str, ...]:
        """Codes of the roles that may read and take new cases of this kind without "anyway" (ORG-19)."""
        return self.new_case_visibility[cast("CaseKind", kind)]


def setting_of(key: str) -> Setting:
    """What is known of a key.

    Raises:
        KeyError: no such key.
    """
    return next(part for part in Policy.model_fields[key].metadata if isinstance(part, Setting))


def default_of(key: str) -> Any:
    """The value that holds where nothing is stated."""
    return Policy.model_fields[key].get_default(call_default_factory=True)


def parse_hours(text: str) -> tuple[time, time]:
    """``"08.00-16.00"`` as two times; 24.00 becomes the last minute, which counts as midnight."""
    start, end = (part.replace(".", ":") for part in text.split("-"))
    return time.fromisoformat(start), time(23, 59) if end == "24:00" else time.fromisoformat(end)
