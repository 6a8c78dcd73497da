"""The clock hurries while few lines are busy: nobody waits for the hours in which a retry is due now and then.

The service plays a campaign as fast as this machine carries its fullest hour, and its clock goes from one day to the
next by itself (dialer/jumping.py). Between both there are hours in which somebody is always on the line, but few.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from campaigns.rules.calendar import window_for
from campaigns.rules.hours import Window
from campaigns.states import AttemptState
from campaigns.tables import attempt, campaign
from core.database import Database
from core.rehearsal import RehearsalClock
from dialer import queries
from rehearsal.measuring import Span

LOOK_EVERY = 0.2  # seconds
_BUSY = 0.8  # of all lines: with so many taken, the hour is a full one
_STEP = timedelta(minutes=1)  # at most, at one look: so much later than due may somebody be called


def hurried(now: datetime, due: Sequence[datetime], free: int, window: Window) -> datetime | None:
    """The moment to go on to: when as many are due as there are ``free`` lines, but no long step, for what the calls
    on the line are followed by is not known yet. None where somebody is due already, nobody is, or the day would be
    over: then it is the dialer's turn.

    ``due``: the next moments, in order, ``free`` of them if there are so many.
    """
    if free <= 0 or not due or due[0] <= now:
        return None
    moment = min(due[-1], now + _STEP) if len(due) == free else now + _STEP
    is_one_day = window.local(now).date() == window.local(moment).date()
    return moment if is_one_day and window.is_open(now) and window.is_open(moment) else None


class Hurry:
    """Moves the clock of one rehearsal on: call ``look`` every ``LOOK_EVERY`` seconds. Nobody changes the hours of a
    copy: they are read once."""

    def __init__(
        self,
        db: Database,
        clock: RehearsalClock,
        campaign_id: int,
        trunk: str,
        max_live_calls: int,
        tell_carrier: Callable[[], None],
    ) -> None:
        self._db, self._clock, self._tell_carrier = db, clock, tell_carrier
        self._campaign_id, self._trunk = campaign_id, trunk
        self._lines = max(int(max_live_calls * _BUSY), 1)
        self.full: list[Span] = []  #: from when to when the lines were, as far as it was looked
        self._was_full = False
        with db.begin() as tx:
            row = tx.execute(select(campaign).where(campaign.c.id == campaign_id)).one()
            self._window = window_for(tx, row)

    def look(self) -> bool:
        """Whether it moved the clock. What would come by itself before the next look is waited for."""
        now = self._clock.now()
        with self._db.begin() as tx:
            free = self._lines - queries.live_calls(tx, self._trunk)
            due = self._due(tx, free) if free > 0 else []
        self._note(now, is_full=free <= 0)
        moment = hurried(now, due, free, self._window)
        if moment is None or moment - now <= timedelta(seconds=LOOK_EVERY * self._clock.speed):
            return False
        self._clock.jump_to(moment)
        self._tell_carrier()
        return True

    def _note(self, now: datetime, *, is_full: bool) -> None:
        if is_full:
            opened = self.full.pop()[0] if self._was_full else now
            self.full.append((opened, now))
        self._was_full = is_full

    def _due(self, tx: Connection, most: int) -> list[datetime]:
        mine = (attempt.c.campaign_id == self._campaign_id, attempt.c.state == AttemptState.DUE)
        return list(tx.execute(select(attempt.c.due_at).where(*mine).order_by(attempt.c.due_at).limit(most)).scalars())
