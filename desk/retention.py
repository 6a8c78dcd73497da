"""After so many days nothing of the desk's calls says any longer whose they were; that they were made, stays.

Of a room: telephone, what the IVR learnt, the exact location, the reasons that people wrote. Of its telephones: the
numbers, and the name of whoever was consulted. Of a promise: the telephone. What counts (line, queue, moments, who
attended, how it ended) is kept. Locks that are over, failed tries, and claims that were decided go whole: the trail has
what was decided. ``room_event`` holds codes, counts and states alone, and is evidence that cannot be changed: nothing
of it goes.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, case, literal_column, null, or_, select, update

from beneficiaries import old_locks
from cases.orders import claims
from core import audit
from core.clock import Clock
from core.database import Database
from core.jobs import every
from desk.promises import OPEN
from desk.states import LegRole, RoomState
from desk.tables import leg, promise, room

log = logging.getLogger(__name__)

AT_ONCE = 500  # rooms, promises, claims, locks and tries of one transaction
#: Written out in the statement, as the index says it.
_ENDED = room.c.state == literal_column(f"'{RoomState.ENDED}'")
_SAID = ("override_sealed", "reason_sealed")  # in somebody's own words: they may name anybody


@dataclass(frozen=True)
class Retention:
    """What erasing needs; the worker keeps one. ``kept``: from the end of a call, a promise or a lock on, and from
    when a claim was decided."""

    db: Database
    clock: Clock
    kept: timedelta

    def purge(self) -> int:
        """Erases what is too old, a part a transaction; how many of all. A second run finds nothing."""
        count = 0
        while True:
            now = self.clock.now()
            with self.db.begin() as tx:
                done = purge_some(tx, now, now - self.kept)
            if not done:
                return count
            count += done


def purge_some(tx: Connection, now: datetime, before: datetime) -> int:
    """Erases what is personal in rooms and promises that ended by then, and the locks, failed tries and claims that
    did, at most AT_ONCE of each; how many in all.

    Never a call that is open, nor an emergency that nobody confirmed: what is kept of it may be needed yet, until a
    supervisor settles it (``emergency.close_afterwards``).
    """
    rooms = _purge_rooms(tx, now, before)
    promises = _purge_promises(tx, now, before)
    decided, over = claims.erase_old(tx, before, AT_ONCE), old_locks.erase_old(tx, before, AT_ONCE)
    tries = old_locks.forget_tries(tx, before, AT_ONCE)
    done = rooms + promises + decided + over + tries
    if done:
        facts = {"rooms": rooms, "promises": promises, "claims": decided, "locks": over, "tries": tries}
        until = before.isoformat()
        audit.record(tx, now, "system", "desk.purged", "desk", "retention", None, **facts, until=until)
    return done


def _purge_rooms(tx: Connection, now: datetime, before: datetime) -> int:
    is_over = (_ENDED, room.c.ended_at <= before, room.c.purged_at.is_(None))
    is_settled = or_(~room.c.is_emergency, room.c.confirmed.is_not(None))
    found = select(room.c.id).where(*is_over, is_settled).order_by(room.c.ended_at, room.c.id).limit(AT_ONCE)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    if not ids:
        return 0
    forget_rooms(tx, now, ids)
    return len(ids)


def forget_rooms(tx: Connection, now: datetime, ids: Sequence[int]) -> None:
    """Nothing of these conversations, which are over, says any longer whose they were."""
    whose = ("citizen_sealed", "citizen_print", "learnt_sealed", "document_print", "place_sealed")
    nothing = dict.fromkeys((*whose, *_SAID))
    tx.execute(update(room).where(room.c.id.in_(ids)).values(**nothing, purged_at=now))
    # What a service is called is no person's name; who was consulted may be one of the directory.
    name = case((leg.c.role == LegRole.CONSULTED, null()), else_=leg.c.name)
    tx.execute(update(leg).where(leg.c.room_id.in_(ids)).values(address_sealed=None, send_digits=None, name=name))


def _purge_promises(tx: Connection, now: datetime, before: datetime) -> int:
    is_over = (promise.c.state.not_in(OPEN), promise.c.ended_at <= before, promise.c.purged_at.is_(None))
    found = select(promise.c.id).where(*is_over).order_by(promise.c.ended_at, promise.c.id).limit(AT_ONCE)
    ids = tx.execute(found.with_for_update(skip_locked=True)).scalars().all()
    forget_promises(tx, now, ids)
    return len(ids)


def forget_promises(tx: Connection, now: datetime, ids: Sequence[int]) -> None:
    """The same of promises that are not owed any more."""
    nothing = dict.fromkeys(("phone_sealed", "phone_print", "learnt_sealed", "document_print"))
    tx.execute(update(promise).where(promise.c.id.in_(ids)).values(**nothing, purged_at=now))


@every("40 3 * * *", "desk.purge", is_nightly=True)
def purge(context: JobContext, timestamp: int) -> None:
    """Every night."""
    retention: Retention = context.additional_context["retention"]
    if count := retention.purge():
        log.info("calls, promises, claims and locks that no longer say whose they were: %s", count)
