"""Telephones of three countries, and the fast path against the library that is the authority."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.phones import (
    EXPECTED,
    Phone,
    PhoneProblem,
    by_library,
    is_mobile,
    looks_like_caller_id,
    parse_phone,
    parse_public_number,
)
from tests.slow import IS_WHOLE


@pytest.mark.parametrize(
    ("country", "written", "e164"),
    [
        ("SV", "2237-3333", "+50322373333"),
        ("SV", "71234567", "+50371234567"),
        ("SV", "+503 7123 4567", "+50371234567"),
        ("SV", "(503) 7123-4567", "+50371234567"),
        ("SV", "0050371234567", "+50371234567"),
        ("CO", "300 123 4567", "+573001234567"),
        ("CO", "(601) 345 6789", "+576013456789"),
        ("MX", "722 226 1950", "+527222261950"),
        ("MX", "+52 55 1234 5678", "+525512345678"),
    ],
)
def test_a_good_telephone_is_taken_as_it_is(country, written, e164):
    assert parse_phone(written, country) == Phone(e164)


@pytest.mark.parametrize(
    ("country", "written", "e164"),
    [
        ("CO", "+57 1 345 6789", "+576013456789"),
        ("CO", "1 345 6789", "+576013456789"),
        ("CO", "4 345 6789", "+576043456789"),
        ("MX", "+52 1 55 1234 5678", "+525512345678"),
        ("MX", "044 55 1234 5678", "+525512345678"),
        ("MX", "045 55 1234 5678", "+525512345678"),
        ("MX", "01 722 226 1950", "+527222261950"),
    ],
)
def test_an_old_numbering_is_brought_up_to_date_and_said(country, written, e164):
    found = parse_phone(written, country)
    assert isinstance(found, Phone)
    assert found.e164 == e164
    assert found.note


@pytest.mark.parametrize(
    ("country", "written", "said"),
    [
        ("SV", "2237-333", "faltan dígitos"),
        ("SV", "2237-33334", "sobran dígitos"),
        ("SV", "911", "corto o de emergencia"),
        ("SV", "131", "corto o de emergencia"),
        ("CO", "123", "corto o de emergencia"),
        ("SV", "800 1234", "servicio"),
        ("SV", "9001 2345", "no existe"),
        ("MX", "800 696 9696", "servicio"),
        ("MX", "900 123 4567", "servicio"),
        ("CO", "01 8000 911119", "servicio"),
        ("SV", "2237-3333 ext. 12", "extensión"),
        ("SV", "2237-3333,12", "extensión"),
        ("SV", "2237-3333x12", "extensión"),
        *(
            ("SV", f"2237-3333{between}7123-4567", "más de un número")
            for between in (" / ", "/", ", ", ";", " y ", " ", "\n", " - +503 ")
        ),
        ("CO", "3001234567 6013456789", "más de un número"),
        ("MX", "722 226 1950, 55 1234 5678", "más de un número"),
        ("SV", "7.1234567E+07", "notación científica"),
        ("SV", "+1 212 555 2368", "otro país"),
        ("SV", "no tiene", "no es un número"),
        ("SV", "N/A", "no es un número"),
        ("CO", "345 6789", "faltan dígitos"),
        ("SV", "+503131", "corto o de emergencia"),
    ],
)
def test_what_is_no_telephone_of_a_person_says_why_and_what_to_put(country, written, said):
    found = parse_phone(written, country)
    assert isinstance(found, PhoneProblem)
    assert said in found.reason
    assert found.suggestion == EXPECTED[country]


@pytest.mark.parametrize("written", ["7XXX-XXXX", "+503 7XXX XXXX", "3xx xxx xxxx", "7123-XXXX"])
def test_one_that_was_never_filled_in_asks_for_a_whole_number(written):
    found = parse_phone(written, "SV")
    assert found == PhoneProblem("trae X en lugar de dígitos", "un número completo en lugar de las X")


digits_near_a_length = st.sampled_from(
    ["", "0", "1", "01", "+", "+503", "+57", "+52", "503", "57", "52", "521"]
).flatmap(lambda prefix: st.text("0123456789", min_size=5, max_size=11).map(lambda rest: prefix + rest))


def agrees_with_the_library(written: str, country: str) -> bool:
    """A number taken as it is must be the library's; one brought up to date or refused must not be valid to it."""
    found = parse_phone(written, country)
    if isinstance(found, Phone) and found.note is None:
        return found == by_library(written, country)
    return isinstance(by_library(written, country), PhoneProblem)


@settings(max_examples=1500 if IS_WHOLE else 500, deadline=None)
@given(written=digits_near_a_length, country=st.sampled_from(["SV", "CO", "MX"]))
def test_the_fast_path_never_disagrees_with_the_library(written, country):
    assert agrees_with_the_library(written, country)


@pytest.mark.parametrize(("country", "rest"), [("SV", "0123"), ("CO", "012345"), ("MX", "012345")])
def test_every_block_of_numbers_is_judged_as_the_library_judges_it(country, rest):
    blocks = [f"{prefix}{rest}" for prefix in range(1000, 10_000, 5)]
    assert [written for written in blocks if not agrees_with_the_library(written, country)] == []


@given(st.text(max_size=30), st.sampled_from(["SV", "CO", "MX"]))
def test_no_text_makes_it_fail(text, country):
    assert isinstance(parse_phone(text, country), (Phone, PhoneProblem))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("+50371234567", "+50371234567"),
        (" +50371234567 ", "+50371234567"),
        ("anonymous", None),
        ("unknown", None),
        ("+266696687", None),
        ("client:ana", None),
        ("sip:ana@example.org", None),
        ("71234567", None),
        ("", None),
    ],
)
def test_a_caller_id_may_be_withheld(given, expected):
    assert looks_like_caller_id(given) == expected


@pytest.mark.parametrize(
    ("country", "written", "expected"),
    [
        ("SV", "2237-3333", "+50322373333"),
        ("SV", "131", "131"),
        ("MX", "800 696 9696", "+528006969696"),
        ("SV", "12", None),
        ("SV", "dos dos", None),
    ],
)
def test_a_number_to_call_back_may_be_short_or_free(country, written, expected):
    assert parse_public_number(written, country) == expected


def test_mobiles_can_be_told_where_the_country_tells_them_apart():
    assert is_mobile("+50371234567")
    assert not is_mobile("+50322373333")
    assert is_mobile("+525512345678")
    assert not is_mobile("anonymous")
