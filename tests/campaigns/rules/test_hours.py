"""When a citizen may be called: each country's hours and holidays, and what a campaign makes of them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rules.hours import Window
from core.countries import COUNTRIES

SV, CO, MX = (COUNTRIES[code] for code in ("SV", "CO", "MX"))
WORKDAYS = frozenset(range(5))


def at(country, told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=country.zone)


@pytest.mark.parametrize(
    ("country", "local", "is_open"),
    [
        (SV, "2026-11-23 07:59:59", False),  # a Monday
        (SV, "2026-11-23 08:00", True),
        (SV, "2026-11-23 17:59:59", True),
        (SV, "2026-11-23 18:00", False),
        (SV, "2026-11-28 10:00", False),  # Saturday
        (SV, "2026-11-29 10:00", False),  # Sunday
        (CO, "2026-11-23 06:59", False),
        (CO, "2026-11-23 07:00", True),
        (CO, "2026-11-23 18:59", True),
        (CO, "2026-11-23 19:00", False),
        (CO, "2026-11-28 07:30", False),  # Saturday begins at 8
        (CO, "2026-11-28 08:00", True),
        (CO, "2026-11-28 14:59", True),
        (CO, "2026-11-28 15:00", False),
        (CO, "2026-11-29 10:00", False),
        (MX, "2026-11-23 08:59", False),
        (MX, "2026-11-23 09:00", True),
        (MX, "2026-11-23 18:59", True),
        (MX, "2026-11-23 19:00", False),
        (MX, "2026-11-28 10:00", False),
    ],
)
def test_the_legal_hours_of_each_country(country, local, is_open):
    assert Window(country).is_open(at(country, local)) is is_open


@pytest.mark.parametrize(
    ("country", "days"),
    [
        (SV, "2026-04-02 2026-04-03 2026-05-01 2026-06-17 2026-08-06 2026-09-15 2026-11-02 2026-12-25"),
        (SV, "2027-01-01 2027-03-25 2027-03-26 2027-05-10 2027-06-17 2027-08-06 2027-09-15 2027-11-02"),
        (CO, "2026-01-12 2026-03-23 2026-05-18 2026-06-29 2026-08-17 2026-10-12 2026-11-02 2026-11-16"),  # Emiliani
        (CO, "2026-04-02 2026-04-03 2026-05-01 2026-07-20 2026-08-07 2026-12-08 2026-12-25"),
        (CO, "2027-01-11 2027-03-22 2027-05-10 2027-05-31 2027-06-07 2027-07-05 2027-08-16 2027-10-18 2027-11-15"),
        (MX, "2026-02-02 2026-03-16 2026-05-01 2026-09-16 2026-11-16 2026-12-25"),
        (MX, "2027-01-01 2027-02-01 2027-03-15 2027-09-16 2027-11-15"),
    ],
)
def test_nobody_is_called_on_a_holiday(country, days):
    for day in days.split():
        assert not Window(country).is_open(at(country, f"{day} 11:00")), day


@pytest.mark.parametrize(
    ("country", "day"),
    [
        (CO, "2026-01-06"),  # Reyes is kept on the Monday after
        (CO, "2026-03-19"),
        (CO, "2026-06-11"),
        (MX, "2026-02-05"),
        (MX, "2026-11-20"),
        (MX, "2026-04-03"),  # Good Friday is no legal rest day there
        (SV, "2026-07-20"),
    ],
)
def test_the_day_itself_is_worked_where_the_holiday_was_moved_or_is_another_countrys(country, day):
    assert Window(country).is_open(at(country, f"{day} 11:00"))


@pytest.mark.parametrize(
    ("opens", "closes", "local", "is_open"),
    [
        (time(9), time(12), "08:30", False),
        (time(9), time(12), "09:00", True),
        (time(9), time(12), "12:00", False),
        (time(6), time(22), "07:00", False),  # a wider wish gives nothing
        (time(6), time(22), "08:00", True),
        (time(6), time(22), "18:00", False),
        (None, time(10), "08:00", True),
        (None, time(10), "10:00", False),
        (time(16), None, "15:59", False),
        (time(16), None, "17:59", True),
        (time(18), time(20), "18:30", False),
    ],
)
def test_a_campaign_narrows_the_hours_and_never_widens_them(opens, closes, local, is_open):
    assert Window(SV, opens, closes).is_open(at(SV, f"2026-11-23 {local}")) is is_open


def test_a_campaign_names_its_weekdays_and_gains_none():
    assert not Window(SV, weekdays=frozenset({1, 5})).is_open(at(SV, "2026-11-23 10:00"))
    assert Window(SV, weekdays=frozenset({1, 5})).is_open(at(SV, "2026-11-24 10:00"))
    assert not Window(SV, weekdays=frozenset({1, 5})).is_open(at(SV, "2026-11-28 10:00"))  # SV never on Saturday
    assert not Window(SV, weekdays=frozenset()).is_open(at(SV, "2026-11-23 10:00"))


def test_the_last_day_is_still_one_to_call_on():
    window = Window(SV, last_day=date(2026, 11, 24))
    assert window.is_open(at(SV, "2026-11-24 17:59"))
    assert not window.is_open(at(SV, "2026-11-25 10:00"))
    assert window.ends_after(at(SV, "2026-11-24 17:59"))
    assert not window.ends_after(at(SV, "2026-11-24 18:00"))


@pytest.mark.parametrize(
    ("country", "local", "opens"),
    [
        (SV, "2026-11-23 10:00", "2026-11-23 10:00"),  # at once
        (SV, "2026-11-23 05:00", "2026-11-23 08:00"),
        (SV, "2026-11-23 18:00", "2026-11-24 08:00"),
        (SV, "2026-11-27 18:00", "2026-11-30 08:00"),  # over a weekend
        (SV, "2026-12-24 19:00", "2026-12-28 08:00"),  # and Christmas on a Friday
        (SV, "2026-04-01 18:00", "2026-04-06 08:00"),  # Holy Week
        (CO, "2026-11-27 20:00", "2026-11-28 08:00"),
        (CO, "2026-11-14 15:00", "2026-11-17 07:00"),  # a Monday of Emiliani
        (MX, "2026-11-13 19:00", "2026-11-17 09:00"),
    ],
)
def test_the_next_legal_moment(country, local, opens):
    assert Window(country).next_open(at(country, local)) == at(country, opens)


@pytest.mark.parametrize(
    ("local", "opens"),
    [
        ("2026-11-23 07:00", "2026-11-24 08:00"),
        ("2026-11-23 23:59", "2026-11-24 08:00"),
        ("2026-11-27 10:00", "2026-11-30 08:00"),
        ("2026-12-24 10:00", "2026-12-28 08:00"),
    ],
)
def test_the_next_legal_day(local, opens):
    assert Window(SV).next_day_open(at(SV, local)) == at(SV, opens)


def test_a_day_is_the_citizens_day_not_utcs():
    evening = at(SV, "2026-11-23 17:30")  # 23:30 in UTC
    assert Window(SV).is_open(evening.astimezone(UTC))
    assert Window(SV).next_day_open(evening.astimezone(UTC)) == at(SV, "2026-11-24 08:00")


def test_there_is_none_after_the_end_nor_where_nothing_is_left():
    assert Window(SV, last_day=date(2026, 11, 20)).next_open(at(SV, "2026-11-23 10:00")) is None
    assert Window(SV, time(18), time(20)).next_open(at(SV, "2026-11-23 10:00")) is None
    assert Window(MX, weekdays=frozenset({5, 6})).next_day_open(at(MX, "2026-11-23 10:00")) is None


windows = st.builds(
    Window,
    st.sampled_from([SV, CO, MX]),
    st.one_of(st.none(), st.times(max_value=time(14))),
    st.one_of(st.none(), st.times(min_value=time(12))),
    st.one_of(st.none(), st.frozensets(st.integers(0, 6), min_size=1)),
    st.one_of(st.none(), st.dates(date(2026, 11, 1), date(2027, 3, 1))),
)
moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))


@settings(max_examples=200, deadline=None)
@given(windows, moments, st.floats(0, 1))
def test_the_next_legal_moment_is_legal_and_nothing_before_it_is(window, moment, part):
    found = window.next_open(moment)
    if found is None:
        assert not window.is_open(moment + part * timedelta(days=59))
        return
    assert found >= moment
    assert window.is_open(found)
    if found > moment:
        assert not window.is_open(moment)
        assert not window.is_open(moment + part * (found - moment - timedelta(microseconds=1)))


@settings(max_examples=100, deadline=None)
@given(windows, moments)
def test_whenever_a_campaign_may_call_so_may_its_country(window, moment):
    assert Window(window.country).is_open(moment) or not window.is_open(moment)
