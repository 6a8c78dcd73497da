"""When the desk may ring a citizen: the legal hours of the line's country, less the days that a supervisor closed."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import Connection

from campaigns.rules.hours import Window
from core.closed_days import closed_days
from core.countries import COUNTRIES
from desk.lines import DeskLine

Closed: TypeAlias = Mapping[str, frozenset[date]]  #: by country, where they have been read already (every_closed_day)


def legal_window(tx: Connection, line: DeskLine, *, closed: Closed | None = None) -> Window:
    """The hours in which somebody may be rung from a line (requirements §6). One query, none where ``closed`` is given:
    whoever looks at many calls reads the days once."""
    days = closed_days(tx, line.country) if closed is None else closed.get(line.country, frozenset())
    return Window(COUNTRIES[line.country], closed=days)


def is_legal_now(tx: Connection, line: DeskLine, now: datetime, *, closed: Closed | None = None) -> bool:
    """Whether a citizen may be rung from a line at this moment."""
    return legal_window(tx, line, closed=closed).is_open(now)
