"""Which PINs are too easy to guess, and that none of them is ever made (requirements.md §7)."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beneficiaries.pins import NoPinLeft, is_weak, make_pin

BORN = date(1985, 3, 12)
DOCUMENT = "045678903"
PHONE = "+50372461935"


def weak(pin: str, born: date = BORN, phone: str | None = PHONE) -> bool:
    return is_weak(pin, birth_date=born, document=DOCUMENT, phone=phone)


def make(digits: int, used: Callable[[str], bool], born: date = BORN) -> str:
    return make_pin(digits, birth_date=born, document=DOCUMENT, phone=PHONE, used=used)


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("1111", "one digit"),
        ("0000", "one digit"),
        ("1234", "upwards"),
        ("4321", "downwards"),
        ("7890", "upwards over the end of the keypad"),
        ("0987", "downwards from the end of the keypad"),
        ("0123", "upwards from nought"),
        ("2580", "the middle column"),
        ("0852", "the middle column from below"),
        ("1212", "a pair twice"),
        ("1122", "two doubles"),
        ("1967", "a year"),
        ("2004", "a year"),
        ("1203", "born on: DDMM"),
        ("0312", "born on: MMDD"),
        ("1985", "born in: AAAA"),
        ("8503", "born in: AAMM"),
        ("0385", "born in: MMAA"),
        ("0456", "begins the document"),
        ("8903", "ends the document"),
        ("7246", "begins the telephone"),
        ("1935", "ends the telephone"),
        ("0372", "crosses the country's code"),
        ("123456", "upwards"),
        ("123123", "three twice"),
        ("121212", "a pair three times"),
        ("112233", "three doubles"),
        ("925807", "holds the middle column"),
        ("731985", "ends in a year"),
        ("198573", "begins with a year"),
        ("120385", "begins with the birthday"),
        ("945679", "holds four digits of the document"),
    ],
)
def test_weak_pins(pin, why):
    assert weak(pin), why


@pytest.mark.parametrize("pin", ["4819", "1357", "9021", "1221", "2468", "3712", "5804", "481735", "719203"])
def test_good_pins(pin):
    assert not weak(pin)


def test_somebody_without_a_telephone_has_fewer_weak_pins():
    assert not weak("7246", phone=None)


def test_few_pins_are_refused():
    refused = sum(weak(f"{number:04}") for number in range(10_000))
    assert 200 < refused < 700


@given(digits=st.integers(4, 8), born=st.dates(date(1920, 1, 1), date(2008, 12, 31)))
def test_a_made_pin_is_never_weak(digits, born):
    pin = make(digits, lambda _: False, born)
    assert len(pin) == digits and pin.isdigit()
    assert not weak(pin, born)


def test_a_pin_that_was_used_is_not_made_again():
    asked = []

    def used(pin: str) -> bool:
        asked.append(pin)
        return len(asked) < 4

    assert make(4, used) == asked[3]
    assert not any(weak(pin) for pin in asked), "the slow question was put for a weak PIN"


def test_it_does_not_search_for_ever():
    with pytest.raises(NoPinLeft):
        make(4, lambda _: True)
