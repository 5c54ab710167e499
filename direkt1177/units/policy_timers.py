"""The settings that steer timers, end of day and handover; none is stated by a region (requirements §11-16, §31.26)."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field

from direkt1177.units import policy_texts as texts
from direkt1177.units.policy_values import Setting, SmsWords, Words


class TimerSettings(BaseModel):
    """When a timer speaks up, and the words that go with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handover_escalation_minutes: Annotated[
        Annotated[int, Field(ge=5, le=8 * 60)],
        Setting(_("Minutes until an offer nobody accepts reaches the coordinator"), "half an hour (HOV-09)", True),
    ] = 30
    target_escalation_minutes: Annotated[
        Annotated[int, Field(ge=5, le=24 * 60)],
        Setting(_("Minutes past a target until coordinator and manager are told"), "half an hour (QUE-14)", True),
    ] = 30
    paused_without_shift_minutes: Annotated[
        Annotated[int, Field(ge=5, le=8 * 60)],
        Setting(
            _("Staffed minutes that a paused case waits for its holder"), "an hour after the agreed time", per_unit=True
        ),
    ] = 60
    async_unread_staffed_days: Annotated[
        Annotated[int, Field(ge=1, le=5)],
        Setting(
            _("Staffed days that a message in follow-up may lie unread"), "one day: nobody is forgotten", per_unit=True
        ),
    ] = 1
    unclosed_sms_minutes: Annotated[
        Annotated[int, Field(ge=15, le=24 * 60)],
        Setting(_("Minutes until the holder of an open visit gets an SMS"), "half a working day (NOT-08)", True),
    ] = 240
    return_unfinished_at_closing: Annotated[
        bool,
        Setting(_("Unfinished cases go back to the queue after closing"), "off: the holder decides", per_unit=True),
    ] = False
    load_alert_threshold: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        Setting(_("Waiting cases that alert the manager"), "no figure is stated: no alert (HRS-20)", per_unit=True),
    ] = None
    work_phone_allowed: Annotated[
        bool,
        Setting(_("The manager allows SMS to staff's work phones"), "off until a manager has decided (NOT-05)", True),
    ] = False
    ticket_max_days: Annotated[
        Annotated[int, Field(ge=1, le=365)],
        Setting(_("Longest validity of a ticket, days"), "no source gives a figure (§31.26): a month", per_unit=True),
    ] = 30

    inactivity_warning_text: Annotated[
        Words, Setting(_("Warning at inactivity"), "the two-hour rule in words (INA-04)", per_unit=True)
    ] = texts.INACTIVITY_WARNING
    no_reply_text: Annotated[
        Words, Setting(_("Message when closed without reply"), "safety net (INA-06)", per_unit=True)
    ] = texts.NO_REPLY_CLOSING
    handover_text: Annotated[
        Words, Setting(_("Message at handover"), "whom to and what to do meanwhile (CAS-14, CAS-15)", per_unit=True)
    ] = texts.HANDOVER_TOLD
    handover_rehab_text: Annotated[
        Words, Setting(_("Message at handover to rehab"), "with the expected reply time (REH-03)", per_unit=True)
    ] = texts.HANDOVER_TOLD_REHAB
    pause_text: Annotated[
        Words, Setting(_("Message when a case is paused"), "when we go on (CAS-12, CAS-15)", per_unit=True)
    ] = texts.PAUSE_TOLD
    closing_for_day_text: Annotated[
        Words, Setting(_("Message before the service closes"), "when somebody answers again (HRS-05)", per_unit=True)
    ] = texts.CLOSING_FOR_DAY
    released_text: Annotated[
        Words, Setting(_("Message when another member of staff takes over"), "no reason, no names", per_unit=True)
    ] = texts.RELEASED_TOLD
    rehab_decision_aid: Annotated[
        str, Setting(_("Decision aid for handing over to rehab"), "the region's figure is not in our copy (REH-06)")
    ] = ""

    closing_day_sms: Annotated[
        SmsWords, Setting(_("SMS when the service has closed"), "no health information (NOT-04)", per_unit=True)
    ] = texts.CLOSING_DAY_SMS
    ticket_begins_sms: Annotated[
        SmsWords, Setting(_("SMS when a ticket's visit begins"), "as above (TIK-11)", per_unit=True)
    ] = texts.TICKET_BEGINS_SMS
    staff_unclosed_sms: Annotated[
        SmsWords, Setting(_("SMS to staff: open visit"), "nothing of the patient (NOT-08)", per_unit=True)
    ] = texts.STAFF_UNCLOSED_SMS
    staff_new_sms: Annotated[
        SmsWords, Setting(_("SMS to staff: new case"), "nothing of the patient (NOT-01 a)", per_unit=True)
    ] = texts.STAFF_NEW_SMS
    staff_async_sms: Annotated[
        SmsWords, Setting(_("SMS to staff: message in follow-up"), "nothing of the patient (NOT-01 b)", per_unit=True)
    ] = texts.STAFF_ASYNC_SMS
