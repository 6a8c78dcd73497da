"""When a line is attended, and when the desk may ring a citizen: less the days that a supervisor closed, both."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection

from campaigns.rules.hours import Window
from core.closed_days import closed_days
from core.countries import COUNTRIES
from core.opening import Opening
from desk.lines import DeskLine

_AHEAD = 60  # days

Closed: TypeAlias = Mapping[str, frozenset[date]]  #: by country, where they have been read already (every_closed_day)


def attended(tx: Connection, line: DeskLine, *, closed: Closed | None = None) -> Opening:
    """When people attend a line. Whoever asks whether it is open asks this: the line's file knows its own days alone.
    One query, none where ``closed`` is given: whoever looks at many lines reads the days once."""
    return line.opening.observing(_closed_in(tx, line, closed))


def legal_window(tx: Connection, line: DeskLine, *, closed: Closed | None = None) -> Window:
    """The hours in which somebody may be rung from a line (requirements §6); ``closed``: as in ``attended``."""
    return Window(COUNTRIES[line.country], closed=_closed_in(tx, line, closed))


def is_legal_now(tx: Connection, line: DeskLine, now: datetime, *, closed: Closed | None = None) -> bool:
    """Whether a citizen may be rung from a line at this moment."""
    return legal_window(tx, line, closed=closed).is_open(now)


def promisable(tx: Connection, line: DeskLine, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """(opens, closes), UTC: the hours of this local day and of the 60 that follow in which the line is attended and
    somebody may be rung from it. One query."""
    closed = {line.country: closed_days(tx, line.country)}
    opening, window = attended(tx, line, closed=closed), legal_window(tx, line, closed=closed)
    for day in (opening.day_of(since) + timedelta(days=ahead) for ahead in range(_AHEAD + 1)):
        for begins, ends in opening.hours_of(day):
            both = ((max(begins, opens), min(ends, closes)) for opens, closes in window.spans_of(day))
            yield from (span for span in both if span[0] < span[1])


def first_promisable(tx: Connection, line: DeskLine, since: datetime) -> datetime | None:
    """The moment itself where a call may be promised for it, or the first after it; None within 60 days."""
    return next((max(opens, since) for opens, closes in promisable(tx, line, since) if since < closes), None)


def typed_hour(line: DeskLine, local: datetime) -> datetime:
    """The moment that somebody typed, with no zone: the hour is the line's own, to the minute (``clock_of``)."""
    return local.replace(second=0, microsecond=0, tzinfo=line.zone)


def clock_of(line: DeskLine) -> str:
    """``hora de Colombia``: beside every field in which an hour of the line is typed."""
    country = COUNTRIES[line.country]
    place = country.name if line.zone == country.zone else line.zone.key.rpartition("/")[2].replace("_", " ")
    return f"hora de {place}"


def _closed_in(tx: Connection, line: DeskLine, closed: Closed | None) -> frozenset[date]:
    return closed_days(tx, line.country) if closed is None else closed.get(line.country, frozenset())
