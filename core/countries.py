"""The countries that the service works in: their clocks, the hours in which the law lets one call, their holidays."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

MONDAY_TO_FRIDAY = frozenset(range(5))
SATURDAY = frozenset({5})


@dataclass(frozen=True)
class Span:
    """The hours of some weekdays, local time, ``opens`` inside and ``closes`` outside."""

    weekdays: frozenset[int]  #: 0 Monday … 6 Sunday
    opens: time
    closes: time


@dataclass(frozen=True)
class Country:
    """Defaults of requirements.md, law and recommended defaults."""

    code: str  #: as ``core.phones`` and ``core.documents`` take it
    name: str
    zone: ZoneInfo  #: the capital's
    spans: tuple[Span, ...]
    other_zones: tuple[str, ...] = ()  #: IANA names of those besides the capital's

    def is_holiday(self, day: date) -> bool:
        return day in _holidays(self.code)


COUNTRIES = {
    "SV": Country("SV", "El Salvador", ZoneInfo("America/El_Salvador"), (Span(MONDAY_TO_FRIDAY, time(8), time(18)),)),
    "CO": Country(
        "CO",
        "Colombia",
        ZoneInfo("America/Bogota"),
        (Span(MONDAY_TO_FRIDAY, time(7), time(19)), Span(SATURDAY, time(8), time(15))),
    ),
    "MX": Country(
        "MX",
        "México",
        ZoneInfo("America/Mexico_City"),
        (Span(MONDAY_TO_FRIDAY, time(9), time(19)),),
        (  # since the law of husos horarios of October 2022
            *("America/Cancun", "America/Matamoros", "America/Ojinaga", "America/Ciudad_Juarez"),
            *("America/Mazatlan", "America/Hermosillo", "America/Tijuana"),
        ),
    ),
}


def country_in(zone: ZoneInfo) -> Country:
    """The country whose clock it is, by any of its zones. Raises KeyError: none of ours."""
    return _BY_ZONE[zone.key]


_BY_ZONE = {key: country for country in COUNTRIES.values() for key in (country.zone.key, *country.other_zones)}


@cache
def _holidays(code: str) -> holidays.HolidayBase:
    return holidays.country_holidays(code)


def holidays_between(country: str, since: date, days: int) -> list[tuple[date, str]]:
    """The country's own holidays of that many days from ``since`` on, each with its name in Spanish."""
    found = holidays.country_holidays(country, language="es")
    ahead = (since + timedelta(days=n) for n in range(days))
    return [(day, found[day]) for day in ahead if day in found]
