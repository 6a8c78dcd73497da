"""When a line is attended, and when the desk may ring a citizen: less the days that a supervisor closed, both."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from campaigns.rules.hours import Window
from core.closed_days import closed_days
from core.countries import COUNTRIES
from core.opening import Opening
from desk.lines import DeskLine

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


def _closed_in(tx: Connection, line: DeskLine, closed: Closed | None) -> frozenset[date]:
    return closed_days(tx, line.country) if closed is None else closed.get(line.country, frozenset())
