"""The allowed values of policies, by name; ``policy_words`` has them in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

#: Care roles that ship; a region's catalogue is a choice of these (ORG-08).
NURSE: Final = "nurse"
DOCTOR: Final = "doctor"
COUNSELLOR: Final = "counsellor"
PHYSIOTHERAPIST: Final = "physiotherapist"
MEDICAL_ADMIN: Final = "medical_admin"
ADMINISTRATOR: Final = "administrator"

RoleCode = Literal["nurse", "doctor", "counsellor", "physiotherapist", "medical_admin", "administrator"]
CaseKind = Literal["seek_care", "admin_question"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: "08.00-16.00"; 24.00 is allowed as an end.
HoursText = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3])\.[0-5]\d-(([01]\d|2[0-3])\.[0-5]\d|24\.00)$")]
WeeklyHours = dict[Weekday, tuple[HoursText, ...]]
Minutes = Annotated[int, Field(ge=0, le=60 * 24 * 60)]
Urgency = Annotated[int, Field(ge=1, le=5)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
#: Fits one SMS of 160 characters in the phone alphabet; never names, numbers or health information (NOT-04).
SmsWords = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]


@dataclass(frozen=True, slots=True)
class Setting:
    """What people need to know of a key besides its type.

    Attributes:
        label: name on pages.
        why: why the default is what it is (English, for the documentation).
        per_unit: whether a unit may have a value of its own (ADM-07).
    """

    label: Promise | str
    why: str
    per_unit: bool = False


class Value(BaseModel):
    """A policy value of several parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InactivityThreshold(Value):
    """Silence after which the holder is asked to decide (INA-01)."""

    hours: Annotated[float, Field(gt=0, le=24 * 30)]
    counted_in: Literal["staffed_time", "calendar_time"]


class PhoneFallback(Value):
    """For which urgencies a closing without reply needs a phone attempt (INA-05); none: the holder judges each case."""

    urgencies: tuple[Urgency, ...]
    when: Literal["always", "if_acute", "never"]


class SupportStep(Value):
    """One step of the staff's support ladder (SUP-01)."""

    who: Words
    contact: str = ""
    hours: str = ""


class CareServiceRule(Value):
    """How Vårdtjänst is chosen when a contact is registered (DOC-04, DOC-09, DOC-15, DOC-16)."""

    rule: Literal["fixed", "most_suitable", "by_contact_type", "not_used"]
    names: tuple[Words, ...] = ()


class ProcedureCodeRule(Value):
    """Procedure codes and the additional code that is never set alone (JOU-15, JOU-16)."""

    rule: Literal["relevant_and_additional", "keyword", "existing_routine", "optional"]
    additional_code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}\d{3}$")] | None = None


class FeeRule(Value):
    """When a fee may be charged; the judgement is always made by staff (FEE-01, FEE-03)."""

    rule: Literal["qualified_fixed", "by_action", "video", "link_only"]
    amount_kronor: Annotated[int, Field(ge=0, le=5000)] | None = None
    url: str = ""


class RetentionYears(Value):
    """How long each type of information is kept (IMG-02)."""

    shortest: Annotated[int, Field(ge=1, le=100)]
    longest: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _ordered(self) -> RetentionYears:
        if self.longest < self.shortest:
            raise ValueError("the longest is not shorter than the shortest")
        return self
