"""The rehearsal clock: it runs like the real one, starts where it is told, and jumps over what nobody waits for.

Its offset is kept in the database: every process shares it, and a restart never takes it back (architecture, 7).
It may also run faster than the real one, so that a day of calls takes minutes; a database keeps one speed for good.
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Database
from core.tables import clock_offset

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # from where a fast clock is counted: any fixed moment would do
_OFFSET = select(clock_offset.c.seconds)
FRESH = 0.2  # seconds for which the offset is believed without asking again


def is_rehearsed(db: Database) -> bool:
    """Whether the database keeps the clock of a rehearsal."""
    with db.at_once() as tx:
        return tx.execute(_OFFSET).scalar() is not None


class RehearsalClock:
    """A Clock that is ahead of (or behind) the real one by an offset that only grows."""

    def __init__(self, db: Database, start: datetime, speed: float = 1.0) -> None:
        """``speed``: its seconds for each real one."""
        self._db = db
        self._start = start
        self.speed = speed
        self._offset = 0.0
        self._read_at = float("-inf")

    def now(self) -> datetime:
        if time.monotonic() - self._read_at > FRESH:
            self._read()
        now = datetime.now(UTC)
        return now + timedelta(seconds=self._offset + self._gained(now))

    def jump_to(self, moment: datetime) -> None:
        """Moves on to a moment; an earlier one changes nothing."""
        wanted = self._offset_for(moment)
        with self._db.begin() as tx:
            later = func.greatest(clock_offset.c.seconds, wanted)
            tx.execute(update(clock_offset).values(seconds=later))
        self._read_at = float("-inf")

    def begin(self) -> None:
        """It is the start now, whatever time went by while the service was being started: nothing is dated yet."""
        with self._db.begin() as tx:
            values = {"id": 1, "seconds": self._offset_for(self._start)}
            changed = {"seconds": values["seconds"]}
            tx.execute(insert(clock_offset).values(**values).on_conflict_do_update(index_elements=["id"], set_=changed))
        self._read_at = float("-inf")

    def _gained(self, now: datetime) -> float:
        """Seconds on the real clock, by speed alone."""
        return (now - _EPOCH).total_seconds() * (self.speed - 1)

    def _offset_for(self, moment: datetime) -> float:
        """The offset with which it is that moment now."""
        now = datetime.now(UTC)
        return (moment - now).total_seconds() - self._gained(now)

    def _read(self) -> None:
        with self._db.at_once() as tx:
            offset = tx.execute(_OFFSET).scalar()
            if offset is None:
                first = self._offset_for(self._start)
                tx.execute(insert(clock_offset).values(id=1, seconds=first).on_conflict_do_nothing())
                offset = tx.execute(_OFFSET).scalar_one()
        self._offset, self._read_at = offset, time.monotonic()
