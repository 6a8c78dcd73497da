"""Identity documents: check digits where there is one, shapes where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents import (
    Document,
    DocumentProblem,
    DocumentType,
    check_document,
    check_written,
    dui_check_digit,
    is_dui,
    normal_form,
)
from core.privacy import mask_document


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("000162975", True),
        ("045678903", True),
        ("045678904", False),
        ("000000000", False),  # the sum is right, the person is not
        ("00016297", False),
        ("0001629755", False),
        ("00016297५", False),
    ],
)
def test_a_dui_has_a_check_digit(digits, expected):
    assert is_dui(digits) is expected


@given(st.integers(1, 99_999_999), st.integers(1, 9))
def test_no_other_last_digit_makes_a_dui(number, step):
    first_eight = f"{number:08}"
    right = dui_check_digit(first_eight)
    assert is_dui(first_eight + right)
    assert not is_dui(first_eight + str((int(right) + step) % 10))


@pytest.mark.parametrize(
    ("kind", "written", "country", "number"),
    [
        ("DUI", "00016297-5", "SV", "000162975"),
        ("DUI", "000162975", "SV", "000162975"),
        ("DUI", " 00016297 - 5 ", "SV", "000162975"),
        ("CC", "52.123.456", "CO", "52123456"),
        ("TI", "1012345678", "CO", "1012345678"),
        ("CE", "123456", "CO", "123456"),
        ("PPT", "1234567", "CO", "1234567"),
        ("PEP", "123456789012345", "CO", "123456789012345"),
        ("CURP", "boxw310820hnerxn09", "MX", "BOXW310820HNERXN09"),
        ("RFC", "GODE561231GR8", "MX", "GODE561231GR8"),
        ("NIT", "0614-050707-104-8", "SV", "06140507071048"),
        ("NIT", "213.123.432-1", "CO", "2131234321"),
        ("PAS", "A0123456", "SV", "A0123456"),
        ("OTRO", "X-12", "SV", "X12"),
    ],
)
def test_a_good_document_is_kept_in_its_normal_form(kind, written, country, number):
    assert check_document(kind, written, country) == Document(DocumentType(kind), number)


@pytest.mark.parametrize(("written", "zeros"), [("162975", "3 ceros"), ("16297-5", "3 ceros"), ("45678903", "un cero")])
def test_a_dui_that_lost_its_zeros_gets_them_back(written, zeros):
    found = check_document("DUI", written, "SV")
    assert isinstance(found, Document)
    assert is_dui(found.number)
    assert found.note is not None
    assert zeros in found.note


@pytest.mark.parametrize(
    ("kind", "written", "country", "said"),
    [
        ("DUI", "00016297-6", "SV", "verificador"),
        ("DUI", "00000000-0", "SV", "ceros"),
        ("DUI", "162976", "SV", "faltan dígitos"),
        ("DUI", "1234", "SV", "faltan dígitos"),
        ("DUI", "0001629755", "SV", "sobran dígitos"),
        ("DUI", "0001629A5", "SV", "solo dígitos"),
        ("DUI", "=1+1", "SV", "signos"),
        ("DUI", "1.62975E+05", "SV", "notación científica"),
        ("CC", "12", "CO", "forma"),
        ("CC", "12345678901", "CO", "forma"),
        ("PAS", "00000", "SV", "forma"),
        ("CURP", "BOXW310820HNERXN08", "MX", "CURP"),
        ("NIT", "0614-050707-104-9", "SV", "NIT"),
        ("NIT", "213.123.432-2", "CO", "NIT"),
        ("NIT", "1", "MX", "no hay NIT"),
    ],
)
def test_a_bad_document_says_what_is_wrong(kind, written, country, said):
    found = check_document(kind, written, country)
    assert isinstance(found, DocumentProblem)
    assert said in found.reason
    assert found.suggestion


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("00016297-5", "SV", "000162975"),
        ("16297-5", "SV", None),  # typed, and not a sheet that lost its zeros
        ("A-1234567", "SV", "A1234567"),
        ("1.023.456", "CO", "1023456"),
        ("999", "SV", None),
        ("00016297-4", "SV", None),
        ("BOXW310820HNERXN08", "MX", None),
        ("12", "CO", None),
    ],
)
def test_a_document_whose_kind_nobody_said_is_checked_as_its_country_writes_it(written, country, number):
    found = check_written(written, country)
    assert (found.number if isinstance(found, Document) else None) == number


@pytest.mark.parametrize("number", ["", "9", "999", "12345", "123456", "000162975", "PEPG850101HDFRRR09"])
def test_a_mask_is_never_longer_than_its_document(number):
    hidden = mask_document(number)
    assert len(hidden.replace("-", "")) <= len(number)
    assert sum(sign != "•" and sign != "-" for sign in hidden) <= 2


@given(st.sampled_from(list(DocumentType)), st.text(max_size=25), st.sampled_from(["SV", "CO", "MX"]))
def test_no_text_makes_it_fail(kind, text, country):
    found = check_document(kind, text, country)
    if isinstance(found, Document):
        assert normal_form(found.number) == found.number
