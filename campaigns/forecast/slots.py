"""The legal hours of a campaign's period cut into slots, and which slot a moment lies in.

Where its people have hours of their own (other zones, hours they prefer), a slot is legal for some and not for others:
slots are cut wherever anybody's hours begin or end, so that each is open to somebody as a whole, or not at all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from campaigns.rules.hours import Window

MOST_DAYS = 366
#: Up to so many legal days, slots of so many seconds: a long campaign is told in coarser ones.
_STEPS = ((5, 300), (15, 600), (40, 1200), (80, 1800), (120, 3600), (MOST_DAYS, 7200))


class Hours(NamedTuple):
    """Whose hours: the ``zone`` and the ``preferred`` hours of a recipient's row; None: the country's, and any."""

    zone: str | None = None
    preferred: str | None = None


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
    """Every slot of a period, in order. ``_open``: those open to each, where they are not the same for all."""

    all: list[Slot]
    _starts: list[datetime] = field(repr=False)
    _open: Mapping[Hours, list[int]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, windows: Mapping[Hours, Window], starts_at: datetime, home: Window) -> "Slots":
        """From ``starts_at`` to the end of the period, or for ``MOST_DAYS``. ``windows``: of each kind of people;
        ``home``: whose calendar tells which day it is."""
        spans = {whose: _spans(window, starts_at) for whose, window in windows.items()}
        days = max((len({home.local(opens).date() for opens, _ in each}) for each in spans.values()), default=0)
        step = timedelta(seconds=next(seconds for most, seconds in _STEPS if days <= most))
        found = []
        for opens, closes in _pieces(list(spans.values())):
            while opens < closes:
                ends = min(opens + step, closes)
                found.append(Slot(opens, (ends - opens).total_seconds(), home.local(opens).date()))
                opens = ends
        starts = [slot.start for slot in found]
        is_mixed = len({tuple(each) for each in spans.values()}) > 1
        return cls(found, starts, {whose: _within(starts, each) for whose, each in spans.items()} if is_mixed else {})

    def index(self, moment: datetime) -> int:
        """Of the slot that a legal moment lies in; of the last one that began before any other moment."""
        return max(bisect_right(self._starts, moment) - 1, 0)

    def is_open(self, slot: int, whose: Hours) -> bool:
        """Whether those people may be called in this slot."""
        return not self._open or self.next_open(slot, whose) == slot

    def next_open(self, slot: int, whose: Hours) -> int | None:
        """The first slot from this one on in which they may be; None where there is none."""
        if not self._open:
            return slot
        place = bisect_left(mine := self._open[whose], slot)
        return mine[place] if place < len(mine) else None

    def seconds_by_day(self) -> Mapping[date, float]:
        """Legal seconds of each day."""
        found: dict[date, float] = {}
        for slot in self.all:
            found[slot.day] = found.get(slot.day, 0.0) + slot.seconds
        return found


_Span = tuple[datetime, datetime]


def _pieces(spans: list[list[_Span]]) -> Iterator[_Span]:
    """Of several people's spans, each in order: what lies between any two moments at which hours begin or end, where it
    is open to somebody."""
    if len({tuple(each) for each in spans}) == 1:
        yield from spans[0]
        return
    change: dict[datetime, int] = {}
    for opens, closes in (span for each in spans for span in each):
        change[opens] = change.get(opens, 0) + 1
        change[closes] = change.get(closes, 0) - 1
    moments, open_to = sorted(change), 0
    for opens, closes in zip(moments, moments[1:], strict=False):
        open_to += change[opens]
        if open_to:
            yield opens, closes


def _within(starts: list[datetime], spans: list[_Span]) -> list[int]:
    """The slots that begin in these spans."""
    return [n for opens, closes in spans for n in range(bisect_left(starts, opens), bisect_left(starts, closes))]


def _spans(window: Window, starts_at: datetime) -> list[_Span]:
    first = window.local(starts_at).date()
    last = min(window.last_day or date.max, first + timedelta(days=MOST_DAYS - 1))
    days = (first + timedelta(days=n) for n in range(max((last - first).days + 1, 0)))
    spans = (span for each in days for span in window.spans_of(each))
    return [(max(opens, starts_at), closes) for opens, closes in spans if closes > starts_at]
