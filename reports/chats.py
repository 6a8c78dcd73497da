"""Written conversations of a period, by line and day (R21, R23): beside the calls, and not in their service level."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from desk.chats import counting
from reports.periods import Period


@dataclass
class ChatDay:
    """One line on one day, each figure by its own moment: ``opened``, a person was ``asked`` for, ``attended`` for the
    first time by one (after ``waited`` seconds, of all together), ended ``unattended`` though one was asked for."""

    line: str
    day: date
    opened: int = 0
    asked: int = 0
    attended: int = 0
    unattended: int = 0
    waited: float = 0.0


def chats_in(tx: Connection, period: Period, hidden: Collection[str] = (), line: str = "") -> list[ChatDay]:
    """Each line on each day on which something happened, days first."""
    found: dict[tuple[date, str], ChatDay] = {}
    when = (period.since, period.until, period.zone)
    for counted in (counting.opened, counting.asked, counting.attended, counting.unattended):
        for row in counted(tx, *when):
            each = found.setdefault((row.day, row.line), ChatDay(row.line, row.day))
            for name, count in row._mapping.items():
                if name not in ("line", "day"):
                    setattr(each, name, float(count or 0) if name == "waited" else count)
    return [found[key] for key in sorted(found) if key[1] not in hidden and (not line or key[1] == line)]
