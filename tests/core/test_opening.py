"""When a line attends."""

from datetime import date, datetime, time

import pytest

from core.countries import MONDAY_TO_FRIDAY, SATURDAY, Span
from core.opening import Opening

OFFICE = Opening(
    "SV", (Span(MONDAY_TO_FRIDAY, time(7, 30), time(15, 30)),), closed_days=frozenset({date(2026, 12, 24)})
)
LUNCH = Opening("MX", (Span(MONDAY_TO_FRIDAY, time(9), time(13)), Span(MONDAY_TO_FRIDAY, time(14), time(18))))
SATURDAYS = Opening("CO", (Span(MONDAY_TO_FRIDAY, time(8), time(18)), Span(SATURDAY, time(8), time(12))))
EVERY_DAY = Opening("MX", (Span(frozenset(range(7)), time(9), time(21)),), on_holidays=True)
ALWAYS = Opening("SV")


def local(moment: str, opening: Opening) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=opening.zone)


@pytest.mark.parametrize(
    ("opening", "moment", "opens"),
    [
        (OFFICE, "2026-11-23 07:29", "2026-11-23 07:30"),
        (OFFICE, "2026-11-23 07:30", None),
        (OFFICE, "2026-11-23 15:29", None),
        (OFFICE, "2026-11-23 15:30", "2026-11-24 07:30"),
        (OFFICE, "2026-11-20 16:00", "2026-11-23 07:30"),  # a Friday
        (OFFICE, "2026-11-22 10:00", "2026-11-23 07:30"),  # a Sunday
        (OFFICE, "2026-12-24 10:00", "2026-12-28 07:30"),  # decreed, then Christmas and a weekend
        (OFFICE, "2027-01-01 10:00", "2027-01-04 07:30"),  # a holiday of the country, a Friday
        (LUNCH, "2026-11-23 13:30", "2026-11-23 14:00"),
        (LUNCH, "2026-11-23 08:00", "2026-11-23 09:00"),
        (SATURDAYS, "2026-11-21 11:59", None),
        (SATURDAYS, "2026-11-21 12:00", "2026-11-23 08:00"),
        (EVERY_DAY, "2026-12-25 10:00", None),
        (EVERY_DAY, "2026-12-25 21:00", "2026-12-26 09:00"),
        (ALWAYS, "2026-12-25 03:00", None),
    ],
)
def test_opening(opening: Opening, moment: str, opens: str | None) -> None:
    """``opens``: the next time it does; None: it is open."""
    at = local(moment, opening)
    assert opening.is_open(at) is (opens is None)
    assert opening.opens_next(at) == (local(opens, opening) if opens else at)


def test_a_line_that_is_closed_for_long() -> None:
    days = frozenset(date.fromordinal(date(2026, 11, 1).toordinal() + n) for n in range(90))
    closed = Opening("SV", OFFICE.spans, closed_days=days)
    assert closed.opens_next(local("2026-11-23 10:00", closed)) is None
