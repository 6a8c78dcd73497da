"""What falls due while nobody attends its line (R73, R74). A deadline's hours are the clock's, on a Sunday too.

``opening``: with the days that stand closed in the line's country (``Opening.observing``).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.opening import Opening

_LONGEST = 60  # days in a row without anybody, that are looked back over


def closed_throughout(opening: Opening, since: datetime, until: datetime) -> bool:
    """Whether nobody attends at any moment from ``since`` on and before ``until``. Raises ValueError: the end is not
    after the beginning."""
    if until <= since:
        raise ValueError("a period ends after it begins")
    days = (opening.day_of(until) - opening.day_of(since)).days + 1
    return not any(opens < until and since < closes for day in _back(opening, until, days) for opens, closes in day)


def falls_due_closed(opening: Opening, due: datetime) -> bool:
    """Whether the time runs out with nobody there: they left before ``due``, and are back at it or after it.

    What falls due as the line closes was still to be done until then; what falls due as it opens was not.
    """
    return last_open_before(opening, due) != due


def last_open_before(opening: Opening, moment: datetime) -> datetime | None:
    """Until when people last attend before this moment: the moment itself where they do right until it; None: they have
    not attended for 60 days."""
    for day in _back(opening, moment, _LONGEST):
        if ends := [min(closes, moment) for opens, closes in day if opens < moment]:
            return max(ends)
    return None


def _back(line: Opening, moment: datetime, days: int) -> Iterator[list[tuple[datetime, datetime]]]:
    """The hours of each of that many days, the moment's own first."""
    last = line.day_of(moment)
    return (line.hours_of(last - timedelta(days=back)) for back in range(days))
