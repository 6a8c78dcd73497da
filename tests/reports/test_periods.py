"""Days that a clock change makes shorter or longer, and what a week or a month is called."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from ivr.register import calls_by_day
from reports.calls import days_of
from reports.period import span_for
from reports.periods import Period, Span, briefly, first_of, told
from tests.reports.days import Days

TIJUANA = ZoneInfo("America/Tijuana")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-03-09", 24), ("2026-11-01", 25)])
def test_a_day_with_a_clock_change_is_whole(day, hours):
    one = date.fromisoformat(day)
    period = Period(one, one, TIJUANA)
    utc = ZoneInfo("UTC")
    assert period.until.astimezone(utc) - period.since.astimezone(utc) == timedelta(hours=hours)


def test_its_calls_are_all_of_it(db, vault):
    """At 01:30 twice, an hour apart: both are of that day, and so is its last second."""
    with db.begin() as tx:
        day = Days(tx, vault, TIJUANA)
        for at in ("01 00:00:00", "01 01:30:00", "01 23:59:59", "02 00:00:00"):
            day.rings(at)
        found = days_of(tx, Period(date(2026, 11, 1), date(2026, 11, 1), TIJUANA), calls_by_day)
        after = days_of(tx, Period(date(2026, 11, 2), date(2026, 11, 2), TIJUANA), calls_by_day)
    assert [(each.day.day, each.received) for each in [*found, *after]] == [(1, 3), (2, 1)]


@pytest.mark.parametrize(
    ("span", "day", "first", "long", "short"),
    [
        (Span.DAY, "2026-11-22", "2026-11-22", "22/11/2026", "22/11"),
        (Span.WEEK, "2026-11-22", "2026-11-16", "16–22 nov 2026", "16 nov"),
        (Span.WEEK, "2027-01-01", "2026-12-28", "28 dic – 3 ene 2027", "28 dic"),
        (Span.MONTH, "2026-11-22", "2026-11-01", "11/2026", "11/2026"),
    ],
)
def test_what_a_day_is_of(span, day, first, long, short):
    one = date.fromisoformat(day)
    assert (str(first_of(span, one)), told(span, one), briefly(span, one)) == (first, long, short)


@pytest.mark.parametrize(("days", "span"), [(1, Span.DAY), (31, Span.DAY), (63, Span.WEEK), (365, Span.MONTH)])
def test_what_a_report_is_told_by(days, span):
    first = date(2026, 1, 1)
    assert span_for(Period(first, first + timedelta(days=days - 1), TIJUANA)) is span
