"""Personnummer, samordningsnummer and mobile numbers: read what people type, keep one form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import phonenumbers
from personnummer.personnummer import Personnummer, PersonnummerException

_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
_LONGEST = 40


class NumberError(ValueError):
    """What was typed is no such number."""


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A personnummer or samordningsnummer with what it says of its holder."""

    digits: str  # 12 digits
    birth_date: date
    sex: str  # "female" or "male"
    is_coordination_number: bool


def parse_personal_number(text: str) -> PersonalNumber:
    """Read 10 or 12 digits with or without ``-`` or ``+``; test numbers are numbers like any other.

    Raises:
        NumberError: no such date, wrong check digit, or something else.
    """
    if not text.isascii():  # digits of other scripts are digits to Python
        raise NumberError(text)
    try:
        number = Personnummer(text.strip())
        return PersonalNumber(
            digits=number.format(True),
            birth_date=number.get_date(),
            sex="female" if number.is_female() else "male",
            is_coordination_number=number.is_coordination_number(),
        )
    except (PersonnummerException, ValueError, TypeError) as error:
        raise NumberError(text) from error


def dashed(digits: str) -> str:
    """``YYYYMMDD-NNNN`` of twelve digits; anything else unchanged."""
    return f"{digits[:8]}-{digits[8:]}" if len(digits) == 12 else digits


def parse_mobile(text: str) -> str:
    """A mobile number in E.164, read as Swedish unless it starts with ``+`` or ``00`` (ENT-14).

    Raises:
        NumberError: no valid number, or not one that takes SMS.
    """
    if len(text) > _LONGEST:
        raise NumberError(text)
    try:
        number = phonenumbers.parse(text, "SE")
    except phonenumbers.NumberParseException as error:
        raise NumberError(text) from error
    if number.extension or not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE:
        raise NumberError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_mobile(e164: str) -> str:
    """As people write it: ``070-174 06 05`` for Swedish numbers, international otherwise; empty stays empty."""
    if not e164:
        return ""
    try:
        number = phonenumbers.parse(e164, "SE")
    except phonenumbers.NumberParseException:
        return e164
    swedish = number.country_code == phonenumbers.country_code_for_region("SE")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if swedish else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
