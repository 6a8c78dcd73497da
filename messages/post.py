"""Sends what waits in the post: one job a try, given anew each minute to what has none.

A job that failed, or whose worker was killed, leaves its row where it was. What was handed over is written down as
``unknown`` before it is: a process that dies then leaves a doubt, never a second text.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, Row, or_, select, text, update

from core import audit, jobs
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.logs import where
from core.post import FAILED, IS_WAITING, QUEUED, SEND, SENT, UNKNOWN, Channel, defer_sending, erase, post
from core.post_states import fold
from core.troubles import DATABASE_ERRORS
from messages.courier import Answer, Courier, Doubtful, Later, Never, Taken

log = logging.getLogger(__name__)

DOUBT = timedelta(seconds=90)  #: longer than any answer takes: after it the other side is asked what it has
_AT_ONCE = 10_000  # rows of one look
_TOO_LATE = "Pasó demasiado tiempo sin poder enviarlo."
_NOT_TAKEN = "No se tomó la primera vez: se intenta otra."
_NOBODY_KNOWS = "No se sabe si salió."
_UNREADABLE = "Lo que decía, o su línea, ya no existe."


@dataclass(frozen=True)
class PostOffice:
    """What sending needs; the worker keeps one."""

    db: Database
    clock: Clock
    couriers: Mapping[str, Courier]

    def send(self, post_id: int) -> None:
        """Sends one, once: whoever finds it being sent, or sent, leaves it. Of what is in doubt the other side is asked
        first. No transaction is open meanwhile."""
        with self.db.begin() as tx:
            taken_up = self._take_up(tx, post_id)
        if taken_up is None:
            return
        row, courier, written = taken_up
        if row.state == UNKNOWN:
            found = courier.look_for(written, row.not_before or row.queued_at)
            with self.db.begin() as tx:
                self._settle(tx, row, courier, found)
        else:
            answer = courier.hand_over(written)
            with self.db.begin() as tx:
                self._store(tx, row, courier, answer)

    def send_again(self) -> int:
        """Leaves a job for each that is to be tried now and has none; how many."""
        now = self.clock.now()
        is_due = or_(post.c.not_before.is_(None), post.c.not_before <= now)
        with self.db.begin() as tx:
            query = select(post).where(text(IS_WAITING), is_due).order_by(post.c.id).limit(_AT_ONCE)
            at_work = {arguments["post_id"] for arguments in jobs.arguments_waiting(tx, SEND)}
            left = [row for row in tx.execute(query) if row.id not in at_work and self._is_due(row, now)]
            for row in left:
                defer_sending(tx, row.id, row.channel)
        return len(left)

    def forget_texts(self, kept: timedelta) -> None:
        """Erases whom the texts went to that are older than ``kept``."""
        now = self.clock.now()
        with self.db.begin() as tx:
            erased = erase(tx, (post.c.channel != Channel.MAIL) & (post.c.queued_at <= now - kept))
            if erased:
                audit.record(tx, now, "system", "texts.purged", "text", "post", texts=erased)

    def _is_due(self, row: Row, now: datetime) -> bool:
        if row.tried_at is None:
            return True
        return (row.tried_at + DOUBT if row.state == UNKNOWN else self.couriers[row.channel].next_try(row)) <= now

    def _take_up(self, tx: Connection, post_id: int) -> tuple[Row, Courier, object] | None:
        """The row as it was, its courier and what to hand over; None: there is nothing to do now."""
        now = self.clock.now()
        query = select(post).where(post.c.id == post_id, text(IS_WAITING)).with_for_update(skip_locked=True)
        row = tx.execute(query).first()
        if row is None or (row.not_before or now) > now or (row.state == UNKNOWN and not self._is_due(row, now)):
            return None
        courier = self.couriers[row.channel]
        if row.state == QUEUED and courier.is_over(row.tries, row.not_before or row.queued_at, now):
            self._give_up(tx, row, row.problem or _TOO_LATE)
            return None
        try:
            written = courier.written(row)
            segments = courier.segments(written)
        except Exception as problem:  # a line or a sentence that is no more, another DATA_KEY: no try mends it
            log.error("the post %s of the line %s cannot be sent: %s", post_id, row.line, where(problem))
            self._give_up(tx, row, _UNREADABLE)
            return None
        tries = row.tries + (row.state == QUEUED)
        handed = {"state": UNKNOWN, "tries": tries, "tried_at": now, "segments": segments}
        tx.execute(update(post).where(post.c.id == post_id).values(**handed))
        return row, courier, written

    def _store(self, tx: Connection, row: Row, courier: Courier, answer: Answer) -> None:
        """What came of handing over ``row``, which was waiting for its first or another try."""
        now = self.clock.now()
        match answer:
            case Taken(None):
                _change(tx, row, state=SENT, sent_at=now, problem=None)
            case Taken(str(sid), status, code):
                fold(tx, now, row.id, sid, status, code)
            case Never(problem, state, code):
                _change(tx, row, state=state, problem=problem, error_code=code)
            case Later(problem, counts):
                tries = row.tries + counts
                is_over = courier.is_over(tries, row.not_before or row.queued_at, now)
                _change(tx, row, state=FAILED if is_over else QUEUED, tries=tries, problem=problem)
            case Doubtful(problem):
                _change(tx, row, problem=problem)

    def _settle(self, tx: Connection, row: Row, courier: Courier, found: Sequence[Taken] | None) -> None:
        """A doubt: one that the other side has and nobody else's is this; has it none, this was not taken."""
        now = self.clock.now()
        sids = [each.sid for each in found or ()]
        others = set(tx.execute(select(post.c.remote_sid).where(post.c.remote_sid.in_(sids))).scalars())
        is_over = courier.is_over(row.tries, row.not_before or row.queued_at, now)
        for each in found or ():
            if each.sid is not None and each.sid not in others:
                fold(tx, now, row.id, each.sid, each.status, each.code)
                return
        if is_over:
            self._give_up(tx, row, _NOBODY_KNOWS if found is None else _TOO_LATE)
        elif found is not None:
            _change(tx, row, state=QUEUED, problem=_NOT_TAKEN)

    def _give_up(self, tx: Connection, row: Row, problem: str) -> None:
        log.error("the post %s is given up", row.id)
        _change(tx, row, state=FAILED, problem=problem)


def _change(tx: Connection, row: Row, **values: object) -> None:
    """Unless the carrier told meanwhile what became of it."""
    tx.execute(update(post).where(post.c.id == row.id, text(IS_WAITING)).values(**values))


@app.task(name=SEND, pass_context=True)
def send_post(context: JobContext, post_id: int) -> None:
    """The job that ``core.post.leave`` leaves behind. Where nobody takes it now the row says so; where the database is
    down, it waits for ``send_post_again``."""
    try:
        _office(context).send(post_id)
    except DATABASE_ERRORS as error:
        log.warning("the post %s is left to the next look: %s", post_id, where(error))


@every("* * * * *", "messages.send_post_again")
def send_post_again(context: JobContext, timestamp: int) -> None:
    """Each minute."""
    if count := _office(context).send_again():
        log.info("post that is tried again: %s", count)


@every("25 * * * *", "messages.look_after_texts")
def look_after_texts(context: JobContext, timestamp: int) -> None:
    """Each hour. Who was texted is known for as long as who called (ivr/housekeeping.py)."""
    _office(context).forget_texts(context.additional_context["kept"])


def _office(context: JobContext) -> PostOffice:
    return context.additional_context["post"]
