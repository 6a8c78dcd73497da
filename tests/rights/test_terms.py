"""Until when an institution may answer (requirements §5)."""

from datetime import date

import pytest

from rights.terms import TERMS, Right


@pytest.mark.parametrize(
    ("country", "right", "requested", "last", "extended"),
    [
        # 20 working days of November and December 2026, and 20 more: Christmas and New Year's Day are none.
        ("SV", Right.EXPORT, "2026-11-20", "2026-12-18", "2027-01-19"),
        ("SV", Right.ERASE, "2026-11-20", "2026-12-18", "2027-01-19"),
        # 10 and 5 for a consulta, 15 and 8 for a reclamo; the 8th of December is a holiday in Colombia.
        ("CO", Right.EXPORT, "2026-11-23", "2026-12-07", "2026-12-15"),
        ("CO", Right.ERASE, "2026-11-23", "2026-12-15", "2026-12-28"),
        ("MX", Right.ERASE, "2026-11-23", "2026-12-21", "2027-01-06"),
        # Asked on a Saturday: it counts from Monday on, as it would asked on Friday.
        ("SV", Right.ERASE, "2026-11-21", "2026-12-18", "2027-01-19"),
    ],
)
def test_the_last_day(country: str, right: Right, requested: str, last: str, extended: str) -> None:
    term, on = TERMS[country, right], date.fromisoformat(requested)
    found = [term.last_day(country, on, frozenset(), is_extended=is_extended) for is_extended in (False, True)]
    assert [each.isoformat() for each in found] == [last, extended]


def test_a_day_that_was_decreed_is_not_worked() -> None:
    decreed = {date(2026, 12, 1)}
    last = TERMS["SV", Right.ERASE].last_day("SV", date(2026, 11, 20), decreed, is_extended=False)
    assert last == date(2026, 12, 21)


def test_what_nobody_confirmed_says_so() -> None:
    assert {key for key, term in TERMS.items() if not term.is_known} == {
        ("CO", Right.EXPORT),
        ("MX", Right.EXPORT),
        ("MX", Right.ERASE),
    }
