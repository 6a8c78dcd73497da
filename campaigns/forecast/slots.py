"""The legal hours of a campaign's period cut into slots, and which slot a moment lies in."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from campaigns.rules.hours import Window

MOST_DAYS = 366
#: Up to so many legal days, slots of so many seconds: a long campaign is told in coarser ones.
_STEPS = ((5, 300), (15, 600), (40, 1200), (80, 1800), (120, 3600), (MOST_DAYS, 7200))


@dataclass(frozen=True)
class Slot:
    """``seconds`` of a legal ``day`` from ``start`` on."""

    start: datetime
    seconds: float
    day: date

    def at(self, share: float) -> datetime:
        """The moment at which so much of it (0 to 1) has passed."""
        return self.start + timedelta(seconds=self.seconds * share)


@dataclass(frozen=True)
class Slots:
    """Every slot of a period, in order."""

    all: list[Slot]
    _starts: list[datetime] = field(repr=False)

    @classmethod
    def of(cls, window: Window, starts_at: datetime) -> "Slots":
        """From ``starts_at`` to the end of the period, or for ``MOST_DAYS``."""
        spans = _spans(window, starts_at)
        days = len({window.local(opens).date() for opens, _ in spans})
        step = timedelta(seconds=next(seconds for most, seconds in _STEPS if days <= most))
        found = []
        for opens, closes in spans:
            while opens < closes:
                ends = min(opens + step, closes)
                found.append(Slot(opens, (ends - opens).total_seconds(), window.local(opens).date()))
                opens = ends
        return cls(found, [slot.start for slot in found])

    def index(self, moment: datetime) -> int:
        """Of the slot that a legal moment lies in; of the last one that began before any other moment."""
        return max(bisect_right(self._starts, moment) - 1, 0)

    def seconds_by_day(self) -> Mapping[date, float]:
        """Legal seconds of each day."""
        found: dict[date, float] = {}
        for slot in self.all:
            found[slot.day] = found.get(slot.day, 0.0) + slot.seconds
        return found


def _spans(window: Window, starts_at: datetime) -> list[tuple[datetime, datetime]]:
    first = window.local(starts_at).date()
    last = min(window.last_day or date.max, first + timedelta(days=MOST_DAYS - 1))
    days = (first + timedelta(days=n) for n in range(max((last - first).days + 1, 0)))
    spans = (span for each in days for span in window.spans_of(each))
    return [(max(opens, starts_at), closes) for opens, closes in spans if closes > starts_at]
