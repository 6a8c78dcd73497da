"""The rehearsal clock: it runs like the real one, starts where it is told, and jumps over what nobody waits for.

Its offset is kept in the database: every process shares it, and a restart never takes it back (architecture, 7).
"""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.database import Database
from core.tables import clock_offset

_FRESH = 0.2  # seconds for which the offset is believed without asking again


class RehearsalClock:
    """A Clock that is ahead of (or behind) the real one by an offset that only grows."""

    def __init__(self, db: Database, start: datetime) -> None:
        self._db = db
        self._start = start
        self._offset = 0.0
        self._read_at = float("-inf")

    def now(self) -> datetime:
        if time.monotonic() - self._read_at > _FRESH:
            self._read()
        return datetime.now(UTC) + timedelta(seconds=self._offset)

    def jump_to(self, moment: datetime) -> None:
        """Moves on to a moment; an earlier one changes nothing."""
        wanted = (moment - datetime.now(UTC)).total_seconds()
        with self._db.begin() as tx:
            later = func.greatest(clock_offset.c.seconds, wanted)
            tx.execute(update(clock_offset).values(seconds=later))
        self._read_at = float("-inf")

    def _read(self) -> None:
        with self._db.begin() as tx:
            offset = tx.execute(select(clock_offset.c.seconds)).scalar()
            if offset is None:
                first = (self._start - datetime.now(UTC)).total_seconds()
                tx.execute(insert(clock_offset).values(id=1, seconds=first).on_conflict_do_nothing())
                offset = tx.execute(select(clock_offset.c.seconds)).scalar_one()
        self._offset, self._read_at = offset, time.monotonic()
