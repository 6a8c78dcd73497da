"""The hours at which a person would rather be called, as offices write them."""

from datetime import datetime, time

import pytest

from campaigns.rules.hours import Window
from campaigns.rules.preference import preferred_hours, span_of
from core.countries import COUNTRIES

SV = COUNTRIES["SV"]


@pytest.mark.parametrize(
    ("told", "hours"),
    [
        ("mañana", "00:00-12:00"),
        ("Mediodía", "12:00-15:00"),
        (" TARDE ", "12:00-19:00"),
        ("por la noche", "18:00-22:00"),
        ("14:00-16:30", "14:00-16:30"),
        ("14:00 – 16:30", "14:00-16:30"),
        ("de 9 a 11", "09:00-11:00"),
        ("9h-11h", "09:00-11:00"),
        ("entre las 8 y las 10", "08:00-10:00"),
        ("16-14", None),
        ("25:00-26:00", None),
        ("8:70-9:00", None),
        ("cuando pueda", None),
        ("", None),
        ("=1+1", None),
    ],
)
def test_what_is_understood(told, hours):
    assert preferred_hours(told) == hours


@pytest.mark.parametrize(
    ("preferred", "local", "is_open"),
    [
        ("12:00-15:00", "11:59", False),
        ("12:00-15:00", "12:00", True),
        ("12:00-15:00", "15:00", False),
        ("00:00-12:00", "07:59", False),  # never before the law's hour
        ("00:00-12:00", "08:00", True),
        ("18:00-22:00", "10:00", True),  # nothing legal is left: it cannot be kept
        ("18:00-22:00", "18:00", False),
        (None, "10:00", True),
    ],
)
def test_it_narrows_the_legal_hours_and_never_widens_them(preferred, local, is_open):
    window = Window(SV, preferred=span_of(preferred))
    assert window.is_open(datetime.fromisoformat(f"2026-11-23T{local}:00-06:00")) is is_open


def test_kept_and_read_again():
    assert span_of("09:30-11:00") == (time(9, 30), time(11))
    assert span_of(None) is None
