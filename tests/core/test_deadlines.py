"""What falls due while nobody attends (R73, R74)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.countries import MONDAY_TO_FRIDAY, SATURDAY, Span
from core.deadlines import closed_throughout, falls_due_closed, last_open_before
from core.opening import Opening

HOURS = (Span(MONDAY_TO_FRIDAY, time(7, 30), time(15, 30)),)
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class AtTheBorder(Opening):
    """By a clock that still changes twice a year: 2026-03-08 at two, 2026-11-01 at two."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo("America/Tijuana")


OFFICE = Opening("SV", HOURS)
LUNCH = Opening("SV", (Span(MONDAY_TO_FRIDAY, time(8), time(12)), Span(MONDAY_TO_FRIDAY, time(13), time(16))))
OVERLAPPING = Opening("SV", (Span(MONDAY_TO_FRIDAY, time(8), time(16)), Span(frozenset({4}), time(9), time(12))))
SATURDAYS = Opening("CO", (Span(MONDAY_TO_FRIDAY, time(8), time(18)), Span(SATURDAY, time(8), time(12))))
ON_HOLIDAYS = Opening("SV", (Span(EVERY_DAY, time(8), time(20)),), on_holidays=True)
UNTIL_MIDNIGHT = Opening("SV", (Span(EVERY_DAY, time(8), time.max),))
ALWAYS = Opening("SV")
VACATION = Opening("SV", HOURS, closed_days=frozenset({date(2026, 11, 27)}))  # as the line's own file says
ALWAYS_BUT_ONE = Opening("SV", closed_days=frozenset({date(2026, 11, 27)}))
BORDER_OFFICE = AtTheBorder("MX", (Span(EVERY_DAY, time(1), time(4)),))
BORDER = AtTheBorder("MX")

NONE: frozenset[date] = frozenset()
FRIDAY = frozenset({date(2026, 11, 27)})
LONG = frozenset(date(2026, 9, 1) + timedelta(days=n) for n in range(90))


def at(opening: Opening, told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=opening.zone)


@pytest.mark.parametrize(
    ("opening", "closed", "due", "last"),
    [
        (OFFICE, NONE, "2026-11-24 15:00", "2026-11-24 15:00"),  # a Tuesday
        (OFFICE, NONE, "2026-11-24 20:00", "2026-11-24 15:30"),
        (OFFICE, NONE, "2026-11-28 15:00", "2026-11-27 15:30"),  # of Friday at three: a Saturday
        (OFFICE, NONE, "2026-11-30 07:30", "2026-11-27 15:30"),  # as it opens on Monday: nobody could
        (OFFICE, NONE, "2026-11-30 07:31", "2026-11-30 07:31"),
        (OFFICE, NONE, "2026-11-27 15:30", "2026-11-27 15:30"),  # as it closes: they could
        (OFFICE, NONE, "2026-12-25 10:00", "2026-12-24 15:30"),  # Christmas, a Friday
        (OFFICE, NONE, "2026-12-28 07:00", "2026-12-24 15:30"),
        (OFFICE, FRIDAY, "2026-11-27 10:00", "2026-11-26 15:30"),  # decreed
        (OFFICE, FRIDAY, "2026-11-28 10:00", "2026-11-26 15:30"),
        (VACATION, NONE, "2026-11-27 10:00", "2026-11-26 15:30"),
        (VACATION, frozenset({date(2026, 11, 26)}), "2026-11-27 10:00", "2026-11-25 15:30"),  # both
        (OFFICE, LONG, "2026-11-28 10:00", None),
        (LUNCH, NONE, "2026-11-24 12:30", "2026-11-24 12:00"),
        (LUNCH, NONE, "2026-11-24 13:30", "2026-11-24 13:30"),
        (OVERLAPPING, NONE, "2026-11-27 15:00", "2026-11-27 15:00"),
        (OVERLAPPING, NONE, "2026-11-28 15:00", "2026-11-27 16:00"),
        (SATURDAYS, NONE, "2026-11-28 15:00", "2026-11-28 12:00"),
        (SATURDAYS, NONE, "2026-11-16 10:00", "2026-11-14 12:00"),  # a Monday of Emiliani
        (ON_HOLIDAYS, FRIDAY, "2026-11-27 10:00", "2026-11-27 10:00"),
        (ON_HOLIDAYS, NONE, "2026-12-25 21:00", "2026-12-25 20:00"),
        (UNTIL_MIDNIGHT, NONE, "2026-11-25 00:00", "2026-11-25 00:00"),
        (UNTIL_MIDNIGHT, NONE, "2026-11-25 03:00", "2026-11-25 00:00"),
        (ALWAYS, FRIDAY, "2026-11-27 03:00", "2026-11-27 03:00"),
        (ALWAYS, NONE, "2026-12-25 00:00", "2026-12-25 00:00"),
        (ALWAYS_BUT_ONE, NONE, "2026-11-27 10:00", "2026-11-27 00:00"),
        (BORDER_OFFICE, NONE, "2026-03-08 04:00", "2026-03-08 04:00"),  # an hour of it is missing
        (BORDER_OFFICE, NONE, "2026-03-08 05:00", "2026-03-08 04:00"),
        (BORDER_OFFICE, NONE, "2026-11-01 05:00", "2026-11-01 04:00"),
        (BORDER, NONE, "2026-03-09 00:00", "2026-03-09 00:00"),  # days of 23 and 25 hours
        (BORDER, NONE, "2026-11-01 23:59", "2026-11-01 23:59"),
    ],
)
def test_until_when_they_attend(opening: Opening, closed: frozenset[date], due: str, last: str | None) -> None:
    moment, found = at(opening, due), at(opening, last) if last else None
    assert last_open_before(opening.observing(closed), moment) == found
    assert falls_due_closed(opening.observing(closed), moment) is (found != moment)


@pytest.mark.parametrize("opened", ["07:31", "15:00", "15:29"])
def test_what_is_left_on_a_friday_is_found_while_the_line_is_open(opened: str) -> None:
    made = at(OFFICE, f"2026-11-27 {opened}")
    due = made + timedelta(hours=24)
    assert falls_due_closed(OFFICE, due)
    last = last_open_before(OFFICE, due)
    assert last is not None
    assert made < last < due


def test_a_day_of_the_clock_is_not_one_of_the_calendar() -> None:
    """Made at half past three on the Saturday before the clock goes back: 24 hours later it is half past two."""
    afternoons = AtTheBorder("MX", (Span(EVERY_DAY, time(9), time(15)),))
    made = at(afternoons, "2026-10-31 15:30").astimezone(UTC)
    due = made + timedelta(hours=24)
    assert f"{due.astimezone(afternoons.zone):%H:%M}" == "14:30"
    assert not falls_due_closed(afternoons, due)
    assert falls_due_closed(afternoons, due + timedelta(days=1, hours=1))


@pytest.mark.parametrize(
    ("opening", "closed", "since", "until", "expected"),
    [
        (OFFICE, NONE, "2026-11-27 15:30", "2026-11-30 07:30", True),
        (OFFICE, NONE, "2026-11-27 15:29", "2026-11-30 07:30", False),
        (OFFICE, NONE, "2026-11-27 15:30", "2026-11-30 07:31", False),
        (OFFICE, NONE, "2026-11-24 16:00", "2026-11-25 16:00", False),
        (OFFICE, FRIDAY, "2026-11-26 15:30", "2026-11-30 07:30", True),
        (OFFICE, NONE, "2026-11-26 15:30", "2026-11-30 07:30", False),
        (OFFICE, NONE, "2026-12-24 15:30", "2026-12-28 07:30", True),
        (OFFICE, LONG, "2026-09-01 00:00", "2026-11-30 00:00", True),  # longer than is looked back for a last hour
        (OFFICE, LONG, "2026-08-31 15:29", "2026-11-30 00:00", False),
        (LUNCH, NONE, "2026-11-24 12:00", "2026-11-24 13:00", True),
        (LUNCH, NONE, "2026-11-24 11:00", "2026-11-24 13:00", False),
        (ON_HOLIDAYS, FRIDAY, "2026-11-27 08:00", "2026-11-27 09:00", False),
        (ALWAYS, FRIDAY, "2026-11-27 08:00", "2026-11-27 08:01", False),
        (ALWAYS_BUT_ONE, NONE, "2026-11-27 00:00", "2026-11-28 00:00", True),
        (UNTIL_MIDNIGHT, NONE, "2026-11-27 00:00", "2026-11-27 08:00", True),
        (UNTIL_MIDNIGHT, NONE, "2026-11-26 23:59:59.999999", "2026-11-27 08:00", False),
        (BORDER_OFFICE, NONE, "2026-03-08 04:00", "2026-03-09 01:00", True),
        (BORDER_OFFICE, NONE, "2026-11-01 00:00", "2026-11-01 01:00", True),
        (BORDER, NONE, "2026-11-01 00:00", "2026-11-02 00:00", False),
    ],
)
def test_closed_all_the_time(opening: Opening, closed: frozenset[date], since: str, until: str, expected: bool) -> None:
    assert closed_throughout(opening.observing(closed), at(opening, since), at(opening, until)) is expected


def test_a_period_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="after it begins"):
        closed_throughout(OFFICE, at(OFFICE, "2026-11-27 10:00"), at(OFFICE, "2026-11-27 10:00"))


openings = st.sampled_from(
    [OFFICE, LUNCH, OVERLAPPING, SATURDAYS, ON_HOLIDAYS, UNTIL_MIDNIGHT, ALWAYS, ALWAYS_BUT_ONE, BORDER_OFFICE, BORDER]
)
days = st.frozensets(st.dates(date(2026, 10, 20), date(2026, 12, 31)), max_size=12)
moments = st.datetimes(datetime(2026, 10, 25), datetime(2026, 12, 31), timezones=st.just(UTC))


@settings(max_examples=300, deadline=None)
@given(openings, days, moments)
def test_nobody_attends_between_the_last_hour_and_the_moment(
    opening: Opening, closed: frozenset[date], moment: datetime
) -> None:
    last = last_open_before(opening.observing(closed), moment)
    assert last is not None
    assert last <= moment
    assert last == moment or closed_throughout(opening.observing(closed), last, moment)
    assert not closed_throughout(opening.observing(closed), last - timedelta(microseconds=1), moment)
