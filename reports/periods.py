"""Days, weeks and months where an institution is: which ended last, which end in a range, and what each is called."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from reports import words

LONGEST = 400  # days of one report


class Span(StrEnum):
    """How many days one is of. A week is from Monday to Sunday."""

    DAY = "diario"
    WEEK = "semanal"
    MONTH = "mensual"

    @property
    def label(self) -> str:
        """What a column of them is headed by."""
        return {Span.DAY: "Día", Span.WEEK: "Semana", Span.MONTH: "Mes"}[self]


@dataclass(frozen=True)
class Period:
    """Whole days, both inside, where the institution is: on the day a clock is changed, 23 or 25 hours."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def until(self) -> datetime:
        """Outside."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    @property
    def told(self) -> str:
        if self.first == self.last:
            return words.day(self.first)
        return f"{words.day(self.first)} – {words.day(self.last)}"


def first_of(span: Span, day: date) -> date:
    """The first day of the day, week or month that this one is in."""
    if span is Span.DAY:
        return day
    return day - timedelta(days=day.weekday()) if span is Span.WEEK else day.replace(day=1)


def last_of(span: Span, today: date) -> date:
    """The last day of the newest period that is over: yesterday, Sunday, the last of the month."""
    return first_of(span, today) - timedelta(days=1)


def period_of(span: Span, last: date, zone: ZoneInfo) -> Period:
    """The days of the period that ends on ``last``."""
    return Period(first_of(span, last), last, zone)


def name_of(span: Span, last: date) -> str:
    """``llamadas-diario-2026-11-22``, ``llamadas-semanal-2026-S47``, ``llamadas-mensual-2026-11``: always the same."""
    if span is Span.DAY:
        return f"llamadas-{span}-{last}"
    return f"llamadas-{span}-{_week(last)}" if span is Span.WEEK else f"llamadas-{span}-{last:%Y-%m}"


def told(span: Span, day: date) -> str:
    """The day, week or month that a day is in, as a table says it: ``23/11/2026``, ``23–29 nov 2026``, ``11/2026``."""
    if span is Span.DAY:
        return words.day(day)
    return _days_of_week(day) if span is Span.WEEK else f"{day:%m/%Y}"


def briefly(span: Span, day: date) -> str:
    """The same under a plot."""
    if span is Span.DAY:
        return f"{day:%d/%m}"
    return words.short_day(first_of(span, day)) if span is Span.WEEK else f"{day:%m/%Y}"


def ends_in(first: date, last: date) -> list[tuple[Span, date]]:
    """Every period that ends on one of these days."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [(span, day) for day in days for span in Span if last_of(span, day + timedelta(days=1)) == day]


def _days_of_week(day: date) -> str:
    """``23–29 nov 2026``, ``30 nov – 6 dic 2026``: from Monday to Sunday, the year that of its last day."""
    first = first_of(Span.WEEK, day)
    last = first + timedelta(days=6)
    since = f"{first.day}–" if first.month == last.month else f"{words.short_day(first)} – "
    return f"{since}{words.short_day(last)} {last.year}"


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-S{week:02}"
