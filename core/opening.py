"""When people attend a line: not when the law lets it call, which is its country's (``core.countries``)."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.countries import COUNTRIES, Span

_AHEAD = 30  # days


@dataclass(frozen=True)
class Opening:
    """When people attend a line, as its file says. No spans at all: always, day and night."""

    country: str
    spans: tuple[Span, ...] = ()
    on_holidays: bool = False
    closed_days: frozenset[date] = frozenset()  #: decreed days, vacations: the country's table does not know them

    @property
    def zone(self) -> ZoneInfo:
        return COUNTRIES[self.country].zone

    def observing(self, closed: frozenset[date]) -> "Opening":
        """The same, closed on these days too (``core.closed_days``), as on holidays: not a line that attends on
        holidays, nor one that always attends."""
        if self.on_holidays or not self.spans:
            return self
        return replace(self, closed_days=self.closed_days | closed)

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody attends at this moment."""
        return any(opens <= moment < closes for opens, closes in self.hours_of(self.day_of(moment)))

    def opens_next(self, moment: datetime) -> datetime | None:
        """The next moment at which it opens, within 30 days; the moment itself if it is open."""
        today = self.day_of(moment)
        for day in (today + timedelta(days=ahead) for ahead in range(_AHEAD)):
            for opens, closes in self.hours_of(day):
                if moment < closes:
                    return max(moment, opens)
        return None

    def day_of(self, moment: datetime) -> date:
        """The local day."""
        return moment.astimezone(self.zone).date()

    def hours_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """(opens, closes) of a local day, UTC, in their order; none where nobody attends."""
        if not self._attends_on(day):
            return []
        if not self.spans:
            return [(self._at(day, time.min), self._at(day, time.max))]
        spans = (span for span in self.spans if day.weekday() in span.weekdays)
        return sorted((self._at(day, span.opens), self._at(day, span.closes)) for span in spans)

    def _attends_on(self, day: date) -> bool:
        if day in self.closed_days:
            return False
        return self.on_holidays or not self.spans or not COUNTRIES[self.country].is_holiday(day)

    def _at(self, day: date, at: time) -> datetime:
        if at == time.max:  # 24:00, as a line's file may say
            day, at = day + timedelta(days=1), time.min
        return datetime.combine(day, at, self.zone).astimezone(UTC)
