"""The settings that steer staff's work: chat, handover, tickets, journal, fees (requirements §29)."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import ConfigDict, Field

from direkt1177.units import policy_texts as texts
from direkt1177.units.policy_timers import TimerSettings
from direkt1177.units.policy_values import (
    CareServiceRule,
    FeeRule,
    HoursText,
    InactivityThreshold,
    PhoneFallback,
    ProcedureCodeRule,
    RetentionYears,
    Setting,
    SupportStep,
    Words,
)


class StaffSettings(TimerSettings):
    """The half of ``Policy`` that only staff meet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # While the case runs
    inactivity_threshold: Annotated[
        InactivityThreshold, Setting(_("Silence before the holder is asked"), "the longest stated closes nobody early")
    ] = InactivityThreshold(hours=24, counted_in="calendar_time")
    inactivity_action: Annotated[
        Literal["holder_decides", "may_be_closed", "close_with_note"],
        Setting(_("What happens at inactivity"), "never by itself; the holder decides (INA-02)"),
    ] = "holder_decides"
    inactivity_warning: Annotated[
        Literal["chat_message", "sms_by_hand"],
        Setting(_("Warning before closing"), "stays in the case for all to read"),
    ] = "chat_message"
    min_contact_attempts: Annotated[
        Annotated[int, Field(ge=0, le=10)], Setting(_("Contact attempts before closing"), "both who state it say two")
    ] = 2
    phone_fallback: Annotated[
        PhoneFallback, Setting(_("Phone when there is no reply"), "always for 1 and 2 (§31.5)")
    ] = PhoneFallback(urgencies=(1, 2), when="always")
    end_of_day_options: Annotated[
        tuple[Literal["hand_over_to_role", "make_asynchronous", "pause", "close_and_book"], ...],
        Setting(_("Unfinished at the end of the day"), "back to a queue that somebody reads: stated by three"),
    ] = ("hand_over_to_role",)
    allow_sync_to_async_at_shift_end: Annotated[
        Literal["yes", "by_closing", "no"],
        Setting(_("Making a case asynchronous at the end of a shift"), "through closing is what two of three state"),
    ] = "by_closing"
    follow_up_max_days: Annotated[
        Annotated[int, Field(ge=0, le=90)],
        Setting(_("Longest follow-up, days"), "no source gives a figure (§31.26): two weeks", per_unit=True),
    ] = 14

    # Handover, tickets, acknowledgement
    handover_target: Annotated[
        tuple[Literal["role", "signed_in_colleague"], ...],
        Setting(_("To whom a case is handed over"), "a role always has somebody; a person may have gone home"),
    ] = ("role",)
    interunit_handover_role: Annotated[
        Literal["always_nurse", "any", "nurse_or_medical_admin"],
        Setting(_("Role at another unit"), "the nurse reads and distributes"),
    ] = "always_nurse"
    interunit_mechanism: Annotated[
        Literal["handover_same_provider", "ticket_for_all"],
        Setting(_("Between units"), "stated by two; tickets between care providers in any case"),
    ] = "handover_same_provider"
    giver_access_after_acceptance: Annotated[
        Literal["none", "read"], Setting(_("The giver's access afterwards"), "stated default (HOV-15)")
    ] = "none"
    inform_patient_on_handover: Annotated[
        Literal["must", "should"], Setting(_("Telling the patient at handover"), "the stricter value")
    ] = "must"
    rehab_expected_reply_time: Annotated[
        bool, Setting(_("Tell the expected reply time at handover to rehab"), "more information, no risk")
    ] = True
    ticket_role: Annotated[
        Literal["always_nurse", "rehab_physiotherapist", "nurse_or_medical_admin"],
        Setting(_("Role on a ticket"), "the nurse reads and distributes"),
    ] = "always_nurse"
    allow_book_time_ticket: Annotated[
        bool, Setting(_("Tickets with a booked time"), "forbidden where a rule is stated")
    ] = False
    ticket_expiry_ack_target: Annotated[
        Literal["addressed_unit", "issuer"], Setting(_("Who is told of an expired ticket"), "§31.3: addressed unit")
    ] = "addressed_unit"
    acknowledgement_use: Annotated[
        tuple[Literal["watch", "follow_up", "information", "expired_tickets"], ...],
        Setting(_("What acknowledgement is used for"), "all stated uses; none excludes another"),
    ] = ("watch", "follow_up", "information", "expired_tickets")

    # Phrases, SMS, support
    phrase_levels: Annotated[
        tuple[Literal["national", "unit", "personal"], ...], Setting(_("Levels of phrases"), "all three")
    ] = ("national", "unit", "personal")
    phrase_maintainer: Annotated[
        Literal["unit_system_administrator", "super_user"],
        Setting(_("Who keeps shared phrases"), "needs the permission of a configuration administrator anyhow"),
    ] = "unit_system_administrator"
    work_phone_notifications: Annotated[
        Literal["manager_decides", "any_number"], Setting(_("SMS to staff's phones"), "off until a manager has decided")
    ] = "manager_decides"
    care_initiated_precondition: Annotated[
        tuple[Literal["earlier_sign_in", "dialogue_consent", "agreement"], ...],
        Setting(_("Before care contacts a patient"), "all stated conditions together"),
    ] = ("earlier_sign_in", "dialogue_consent", "agreement")
    async_sms: Annotated[
        Literal["every_message", "new_case", "if_left"],
        Setting(_("SMS in the asynchronous phase"), "no message goes unnoticed"),
    ] = "every_message"
    staff_support: Annotated[
        tuple[SupportStep, ...], Setting(_("Support for staff"), "the super-user of one's own unit comes first")
    ] = (SupportStep(who=texts.SUPER_USER),)
    support_phone: Annotated[str, Setting(_("Support for residents, phone"), "national number (ENT-39)")] = (
        texts.SUPPORT_PHONE
    )
    support_hours: Annotated[str, Setting(_("Support for residents, hours"), "national hours (ENT-39)")] = (
        texts.SUPPORT_HOURS
    )
    advice_support_variant: Annotated[
        Literal["integrated", "web", "own"], Setting(_("Support for advice by phone"), "what most regions have")
    ] = "integrated"
    resident_reads_call_notes: Annotated[
        bool, Setting(_("Residents read notes of calls"), "stated default (TEL-10)")
    ] = True
    rehab_hours: Annotated[
        tuple[HoursText, ...] | None,
        Setting(_("Rehab units' hours on weekdays"), "nothing stated: the unit's own hours"),
    ] = None

    # Journal, fees, images, deviations
    documentation_timing: Annotated[
        Literal["before_handover", "after_closing", "giver_and_receiver", "decision_table"],
        Setting(_("When the note is written"), "before access is lost; else at closing"),
    ] = "before_handover"
    note_template: Annotated[Words, Setting(_("Note template"), "the name of the service")] = "1177 direkt"
    note_keywords: Annotated[
        tuple[Words, ...], Setting(_("Keywords of the note"), "none: the note is one text, nothing is misfiled")
    ] = ()
    care_contact_required: Annotated[
        Literal["always", "qualified", "decision_table"], Setting(_("Care contact for the note"), "the strictest")
    ] = "always"
    contact_type_map: Annotated[
        dict[Literal["chat", "video", "phone"], Words],
        Setting(_("Care contact type"), "none: chosen by hand, and the page says so"),
    ] = {}
    care_service_rule: Annotated[CareServiceRule, Setting(_("Care service"), "staff choose the most suitable")] = (
        CareServiceRule(rule="most_suitable")
    )
    procedure_code_rule: Annotated[ProcedureCodeRule, Setting(_("Procedure code"), "the unit's existing routine")] = (
        ProcedureCodeRule(rule="existing_routine")
    )
    diagnosis_rule: Annotated[
        Literal["disease_or_symptom", "keyword_recommended", "existing_routine", "when_replacing_visit"],
        Setting(_("Diagnosis"), "always a code, of the symptom if need be"),
    ] = "disease_or_symptom"
    document_admin_cases: Annotated[
        Literal["normally_not", "always"], Setting(_("Administrative cases in the record"), "the only stated value")
    ] = "normally_not"
    booking_system: Annotated[
        Literal["service_and_record_system", "record_system", "record_system_app", "blocking_type_only"],
        Setting(_("Booking of digital visits"), "one place to book"),
    ] = "record_system"
    fee_rule: Annotated[FeeRule, Setting(_("Fee"), "no amount is ever guessed")] = FeeRule(rule="link_only")
    fee_payment: Annotated[
        Literal["invoice", "invoice_to_registered_address"], Setting(_("Payment"), "invoice; nothing is paid here")
    ] = "invoice"
    image_export: Annotated[
        Literal["never", "pacs_if_good", "described_in_words"], Setting(_("Images to the record"), "nothing leaves")
    ] = "never"
    retention: Annotated[RetentionYears, Setting(_("Kept for years"), "the longest stated loses nothing")] = (
        RetentionYears(shortest=10, longest=10)
    )
    deviation_system: Annotated[str, Setting(_("Deviations are reported in"), "no name: the region's own system")] = ""
