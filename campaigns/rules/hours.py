"""When a citizen may be called: the country's legal hours and holidays, narrowed by the campaign."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from core.countries import COUNTRIES, Country


@dataclass(frozen=True)
class Window:
    """The hours in which one campaign may dial, or dial one person. It never reaches beyond the country's.

    ``zone``: the person's own, where it is not the country's: every hour and day is told there. ``preferred``: the
    hours that the person would rather be called at; where they leave nothing, they cannot be kept and are not.
    ``closed``: days on which nobody is called, beside the country's holidays.
    """

    country: Country
    opens: time | None = None
    closes: time | None = None
    weekdays: frozenset[int] | None = None
    last_day: date | None = None
    zone: ZoneInfo | None = None
    preferred: tuple[time, time] | None = None
    closed: frozenset[date] = frozenset()

    @cached_property
    def own_zone(self) -> ZoneInfo:
        return self.zone or self.country.zone

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.own_zone)

    def is_closed(self, day: date) -> bool:
        """Whether a local day is a holiday, or one that a supervisor took out of the calendar."""
        return day in self.closed or self.country.is_holiday(day)

    def day_begins(self, day: date) -> datetime:
        """Midnight of a local day."""
        return self._at(day, time.min)

    def spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open spans of a local day, as aware moments; none on a holiday or after the last day."""
        if day not in self._known_days:  # a round asks the same day of a hundred people
            self._known_days[day] = self._spans_of(day)
        return self._known_days[day]

    @cached_property
    def _known_days(self) -> dict[date, list[tuple[datetime, datetime]]]:
        return {}

    def _spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        if self.is_closed(day) or (self.last_day and day > self.last_day):
            return []
        hours = self._hours
        return [(self._at(day, opens), self._at(day, closes)) for days, opens, closes in hours if day.weekday() in days]

    @cached_property
    def _hours(self) -> list[tuple[frozenset[int], time, time]]:
        """(weekdays, opens, closes) of a week: the country's, narrowed by the campaign and then by the person."""
        found = []
        for span in self.country.spans:
            opens, closes = max(span.opens, self.opens or time.min), min(span.closes, self.closes or time.max)
            days = span.weekdays if self.weekdays is None else span.weekdays & self.weekdays
            if days and opens < closes:
                found.append((days, opens, closes))
        if self.preferred is None:
            return found
        first, last = self.preferred
        liked = [(days, max(opens, first), min(closes, last)) for days, opens, closes in found]
        return [each for each in liked if each[1] < each[2]] or found

    def is_open(self, moment: datetime) -> bool:
        """Whether a call may be placed at this moment."""
        return self.open_until(moment) is not None

    def open_until(self, moment: datetime) -> datetime | None:
        """When the hours close in which this moment is; None: it is in none."""
        spans = self.spans_of(self.local(moment).date())
        return next((closes for opens, closes in spans if opens <= moment < closes), None)

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

    def as_planned(self) -> "Window":
        """Without the days that were closed since. They may be opened again, and a period that is over cannot: so this
        alone tells when it is."""
        return replace(self, closed=frozenset()) if self.closed else self

    def end(self) -> datetime | None:
        """When the last hour of the period closes, as it was planned; None for one without a last day."""
        if self.last_day is None:
            return None
        planned = self.as_planned()
        for back in range(60):
            for _, closes in reversed(planned.spans_of(self.last_day - timedelta(days=back))):
                return closes
        return None

    def ends_after(self, moment: datetime) -> bool:
        """Whether the period, as it was planned, has legal time left at this moment."""
        return self.as_planned().next_open(moment) is not None

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.own_zone).astimezone(UTC)


def window_of(row: Row) -> Window:
    """The hours in which a campaign, given as its row, may dial, by what was planned alone.

    Days that a supervisor closed, and a person's own zone, are in the database: campaigns/rules/calendar.py.
    """
    return Window(
        COUNTRIES[row.country],
        time.fromisoformat(row.hours_from) if row.hours_from else None,
        time.fromisoformat(row.hours_to) if row.hours_to else None,
        frozenset(row.weekdays) if row.weekdays is not None else None,
        row.ends_on,
    )
