"""Personnummer and mobile numbers."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from direkt1177.residents.numbers import NumberError, dashed, parse_mobile, parse_personal_number, shown_mobile

# From Skatteverket's public test series.
TEST_NUMBERS = ("189001019802", "198401012383", "201012312391")


@pytest.mark.parametrize("text", ["19840101-2383", "198401012383", "840101-2383", " 19840101-2383 ", "8401012383"])
def test_ways_to_write_a_number(text: str) -> None:
    number = parse_personal_number(text)
    assert (number.digits, number.birth_date, number.sex) == ("198401012383", date(1984, 1, 1), "female")


def test_test_numbers_and_more_than_a_hundred_years() -> None:
    assert parse_personal_number("189001019802").birth_date == date(1890, 1, 1)
    assert parse_personal_number("900101+9802").digits == "189001019802"


def test_coordination_number() -> None:
    number = parse_personal_number("701063-2391")
    assert (number.digits, number.birth_date, number.is_coordination_number) == (
        "197010632391",
        date(1970, 10, 3),
        True,
    )


@pytest.mark.parametrize(
    "text", ["", "19840101-2384", "19841301-2383", "x", "1984", "\0", "１９８４０１０１２３８３", "9" * 500]
)
def test_wrong_numbers(text: str) -> None:
    with pytest.raises(NumberError):
        parse_personal_number(text)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    with contextlib.suppress(NumberError):
        assert len(parse_personal_number(text).digits) == 12


def test_dashed() -> None:
    assert dashed("198401012383") == "19840101-2383"


@pytest.mark.req("ENT-14")
@pytest.mark.parametrize("text", ["070-174 06 05", "0701740605", "+46701740605", "0046 70 174 06 05", "070-1740605"])
def test_swedish_mobile_in_e164(text: str) -> None:
    assert parse_mobile(text) == "+46701740605"


@pytest.mark.parametrize(
    "text", ["08-465 004 00", "112", "070-17", "abc", "+46701740605;ext=5", "0" * 41, "+999123456"]
)
def test_not_a_mobile(text: str) -> None:
    with pytest.raises(NumberError):
        parse_mobile(text)


def test_foreign_mobile_is_taken() -> None:
    assert parse_mobile("+358 40 1234567") == "+358401234567"


def test_shown() -> None:
    assert shown_mobile("+46701740605") == "070-174 06 05"
    assert shown_mobile("") == ""
