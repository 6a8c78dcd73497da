"""Sends what waits in the post: one job a try, given anew each minute to what has none (messages/sending.py).

A job that failed, or whose worker was killed, leaves its row where it was.
"""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, Row, or_, select, text, update

from campaigns.texting import stopping
from core import audit, jobs
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.logs import where
from core.post import FAILED, GUARDS, IS_WAITING, QUEUED, SEND, SENT, UNKNOWN, Channel, defer_sending, erase, post
from core.post_states import fold
from core.troubles import DATABASE_ERRORS
from messages import sending
from messages.courier import Answer, Courier, Doubtful, Later, Never, Taken
from messages.sending import AT_ONCE, DOUBT, TakenUp

log = logging.getLogger(__name__)

_TOO_LATE = "Pasó demasiado tiempo sin poder enviarlo."
_NOT_TAKEN = "No se tomó la primera vez: se intenta otra."
_NOBODY_KNOWS = "No se sabe si salió."
_UNREADABLE = "Lo que decía, o su línea, ya no existe."


IsLegal = Callable[[Connection, str, datetime], bool]


@dataclass(frozen=True)
class PostOffice:
    """What sending needs; the worker keeps one. ``couriers``: by channel, or by kind where a kind has its own;
    ``is_legal``: whether the law lets somebody be written to of a line at a moment."""

    db: Database
    clock: Clock
    couriers: Mapping[str, Courier]
    is_legal: IsLegal = lambda _tx, _line, _now: True

    def send(self, post_id: int) -> None:
        sending.send(self.db, self, post_id)

    def send_again(self) -> int:
        return sending.send_again(self.db, self)

    def forget_texts(self, kept: timedelta) -> None:
        """Erases whom the texts went to that are older than ``kept``, and forgets those that came in."""
        now = self.clock.now()
        with self.db.begin() as tx:
            erased = erase(tx, (post.c.channel != Channel.MAIL) & (post.c.queued_at <= now - kept))
            if erased:
                audit.record(tx, now, "system", "texts.purged", "text", "post", texts=erased)
            stopping.forget(tx, now - kept)

    def waiting(self, tx: Connection) -> list[Row]:
        now = self.clock.now()
        is_due = or_(post.c.not_before.is_(None), post.c.not_before <= now)
        asked = ("id", "channel", "kind", "line", "state", "tries", "tried_at")
        query = select(*(post.c[each] for each in asked)).where(text(IS_WAITING), is_due).order_by(post.c.id)
        due = [row for row in tx.execute(query.limit(AT_ONCE)) if self._is_due(row, now)]
        kept = {row.line for row in due if _is_kept_for_the_hours(row)}
        closed = {line for line in kept if not self.is_legal(tx, line, now)}
        return [row for row in due if not (_is_kept_for_the_hours(row) and row.line in closed)]

    def at_work(self, tx: Connection) -> Container[int]:
        return {arguments["post_id"] for arguments in jobs.arguments_waiting(tx, SEND)}

    def defer(self, tx: Connection, row: Row) -> None:
        defer_sending(tx, row.id, row.channel)

    def take_up(self, tx: Connection, number: int) -> TakenUp | None:
        now = self.clock.now()
        query = select(post).where(post.c.id == number, text(IS_WAITING)).with_for_update(skip_locked=True)
        row = tx.execute(query).first()
        if row is None or (row.not_before or now) > now or (row.state == UNKNOWN and not self._is_due(row, now)):
            return None
        courier, since = self._courier(row), row.not_before or row.queued_at
        if row.state == QUEUED and courier.is_over(row.tries, since, now):
            _give_up(tx, row.id, row.problem or _TOO_LATE)
            return None
        try:
            written = courier.written(row)
            segments = courier.segments(written)
        except Exception as problem:  # a line or a sentence that is no more, another DATA_KEY: no try mends it
            log.error("the post %s of the line %s cannot be sent: %s", number, row.line, where(problem))
            _give_up(tx, row.id, _UNREADABLE)
            return None
        tries = row.tries + (row.state == QUEUED)
        handed = {"state": UNKNOWN, "tries": tries, "tried_at": now, "segments": segments}
        tx.execute(update(post).where(post.c.id == number).values(**handed))
        return TakenUp(row, courier, written, now, since if row.state == UNKNOWN else None)

    def store(self, tx: Connection, taken_up: TakenUp, answer: Answer) -> None:
        now, row = self.clock.now(), taken_up.row
        match answer:
            case Taken(None):
                _change(tx, taken_up, state=SENT, sent_at=now, problem=None)
            case Taken(str(sid), status, code):
                fold(tx, now, row.id, sid, status, code)
            case Never(problem, state, code):
                _change(tx, taken_up, state=state, problem=problem, error_code=code)
            case Later(problem, counts):
                tries = row.tries + counts
                is_over = taken_up.courier.is_over(tries, row.not_before or row.queued_at, now)
                _change(tx, taken_up, state=FAILED if is_over else QUEUED, tries=tries, problem=problem)
            case Doubtful(problem):
                _change(tx, taken_up, problem=problem)

    def settle(self, tx: Connection, taken_up: TakenUp, found: Sequence[Taken] | None) -> None:
        now, row = self.clock.now(), taken_up.row
        if mine := sending.nobodys(tx, post.c.remote_sid, found or ()):
            fold(tx, now, row.id, mine.sid or "", mine.status, mine.code)
        elif taken_up.courier.is_over(row.tries, taken_up.since or now, now):
            log.error("the post %s is given up", row.id)
            _change(tx, taken_up, state=FAILED, problem=_NOBODY_KNOWS if found is None else _TOO_LATE)
        elif found is not None:
            _change(tx, taken_up, state=QUEUED, problem=_NOT_TAKEN)

    def _is_due(self, row: Row, now: datetime) -> bool:
        if row.tried_at is None:
            return True
        return (row.tried_at + DOUBT if row.state == UNKNOWN else self._courier(row).next_try(row)) <= now

    def _courier(self, row: Row) -> Courier:
        return self.couriers.get(row.kind) or self.couriers[row.channel]


def _is_kept_for_the_hours(row: Row) -> bool:
    """A guard goes at once the first time, at any hour, as whoever acts in somebody's name does; what the carrier did
    not take then nobody is woken for."""
    return row.kind in GUARDS and row.state == QUEUED and row.tried_at is not None


def _give_up(tx: Connection, post_id: int, problem: str) -> None:
    """Of one that is locked, and was not handed over."""
    log.error("the post %s is given up", post_id)
    tx.execute(update(post).where(post.c.id == post_id).values(state=FAILED, problem=problem))


def _change(tx: Connection, taken_up: TakenUp, **values: object) -> None:
    """Unless the carrier told meanwhile what became of it, or somebody else took it up."""
    still_mine = (post.c.id == taken_up.row.id, post.c.tried_at == taken_up.at, text(IS_WAITING))
    tx.execute(update(post).where(*still_mine).values(**values))


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
