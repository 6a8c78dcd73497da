"""When a citizen may be called: the country's legal hours and holidays, narrowed by the campaign."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from sqlalchemy import Row

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

    code: str
    zone: ZoneInfo
    spans: tuple[Span, ...]

    def is_holiday(self, day: date) -> bool:
        return day in _holidays(self.code)


COUNTRIES = {
    "SV": Country("SV", ZoneInfo("America/El_Salvador"), (Span(MONDAY_TO_FRIDAY, time(8), time(18)),)),
    "CO": Country(
        "CO",
        ZoneInfo("America/Bogota"),
        (Span(MONDAY_TO_FRIDAY, time(7), time(19)), Span(SATURDAY, time(8), time(15))),
    ),
    "MX": Country("MX", ZoneInfo("America/Mexico_City"), (Span(MONDAY_TO_FRIDAY, time(9), time(19)),)),
}


@cache
def _holidays(code: str) -> holidays.HolidayBase:
    return holidays.country_holidays(code)


@dataclass(frozen=True)
class Window:
    """The hours in which one campaign may dial. It never reaches beyond the country's."""

    country: Country
    opens: time | None = None
    closes: time | None = None
    weekdays: frozenset[int] | None = None
    last_day: date | None = None

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.country.zone)

    def spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open spans of a local day, as aware moments; none on a holiday or after the last day."""
        if self.country.is_holiday(day) or (self.last_day and day > self.last_day):
            return []
        if self.weekdays is not None and day.weekday() not in self.weekdays:
            return []
        found = []
        for span in self.country.spans:
            opens, closes = max(span.opens, self.opens or time.min), min(span.closes, self.closes or time.max)
            if day.weekday() in span.weekdays and opens < closes:
                found.append((self._at(day, opens), self._at(day, closes)))
        return found

    def is_open(self, moment: datetime) -> bool:
        """Whether a call may be placed at this moment."""
        return any(opens <= moment < closes for opens, closes in self.spans_of(self.local(moment).date()))

    def next_open(self, moment: datetime) -> datetime | None:
        """The first legal moment at or after this one; None if there is none within 60 days or before the end."""
        day = self.local(moment).date()
        for ahead in range(60):
            for opens, closes in self.spans_of(day + timedelta(days=ahead)):
                if moment < closes:
                    return max(moment, opens)
        return None

    def next_day_open(self, moment: datetime) -> datetime | None:
        """The first legal moment of a later local day."""
        tomorrow = self.local(moment).date() + timedelta(days=1)
        return self.next_open(self._at(tomorrow, time.min))

    def end(self) -> datetime | None:
        """When the last legal hour of the period closes; None for one without a last day."""
        if self.last_day is None:
            return None
        for back in range(60):
            for _, closes in reversed(self.spans_of(self.last_day - timedelta(days=back))):
                return closes
        return None

    def ends_after(self, moment: datetime) -> bool:
        """Whether the period has legal time left at this moment."""
        return self.next_open(moment) is not None

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.country.zone).astimezone(UTC)


def window_of(row: Row) -> Window:
    """The hours in which a campaign, given as its row, may dial."""
    return Window(
        COUNTRIES[row.country],
        time.fromisoformat(row.hours_from) if row.hours_from else None,
        time.fromisoformat(row.hours_to) if row.hours_to else None,
        frozenset(row.weekdays) if row.weekdays is not None else None,
        row.ends_on,
    )
