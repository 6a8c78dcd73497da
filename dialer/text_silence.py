"""Texts that the carrier has and of whose end nothing was heard for long: a callback was lost, or none ever comes."""

from datetime import timedelta

from sqlalchemy import Connection, Row, func, literal_column, select

from campaigns import attempts
from campaigns.rules.facts import IS_CALL
from campaigns.states import AttemptState
from campaigns.tables import attempt
from campaigns.texting import delivery
from carrier.messaging import Messaging
from core.clock import Clock
from core.database import Database
from core.one_by_one import one_by_one

#: Most of what is told of a text is told in seconds. What comes later still puts right what was taken for unconfirmed.
SILENT_AFTER = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(hours=24)  # by then a carrier throws away what it could not send
AT_ONCE = 500  # texts of one look,
ASKED_AT_ONCE = 50  # and those of them that are a question to the carrier each


class TextSilence:
    """Ends the silent texts of one trunk, the oldest first."""

    def __init__(self, db: Database, clock: Clock, messaging: Messaging, trunk: str) -> None:
        self._db, self._clock, self._messaging, self._trunk = db, clock, messaging, trunk
        self._last = 0  # asked after; those that are on their way still must not keep the others from their turn

    def settle(self) -> int:
        """Ends those that left the carrier, and asks it about the others; how many are over. Raises CarrierDown."""
        with self._db.begin() as tx:
            rows = _gone_silent(tx, self._trunk, self._messaging.account_sid)
        sent = [row for row in rows if row.remote_status == delivery.SENT]
        ended = sum(one_by_one(self._db, sent[:AT_ONCE], self._give_up, "attempt {0.id}".format))
        rest = [row for row in rows if row.remote_status != delivery.SENT]
        turn = [row for row in rest if row.id > self._last][:ASKED_AT_ONCE] or rest[:ASKED_AT_ONCE]
        for row in turn:
            ended += self._ask(row)
            self._last = row.id
        return ended

    def _ask(self, row: Row) -> int:
        found = self._messaging.fetch(row.remote_sid)
        if found is None:
            end = self._give_up  # it keeps its texts for a while only
        elif delivery.end_of(found.status) is not None or found.status == delivery.SENT or row.age < GIVEN_UP_AFTER:

            def end(tx: Connection, row: Row) -> bool:
                return _tell(tx, self._clock, row, found.status, found.error_code)
        else:
            end = self._technical
        return sum(one_by_one(self._db, [row], end, "attempt {0.id}".format))

    def _give_up(self, tx: Connection, row: Row) -> bool:
        delivery.give_up_hearing(tx, self._clock.now(), row.id, row.remote_status or delivery.SENT)
        return True

    def _technical(self, tx: Connection, row: Row) -> bool:
        attempts.end_technical(tx, self._clock.now(), row.id)
        return True


def _tell(tx: Connection, clock: Clock, row: Row, status: str, code: int | None) -> bool:
    if status == delivery.SENT:
        delivery.give_up_hearing(tx, clock.now(), row.id, status)
        return True
    return delivery.tell(tx, clock.now(), row.id, status, code)


def _gone_silent(tx: Connection, trunk: str, account: str) -> list[Row]:
    age = (func.clock_timestamp() - attempt.c.asked_at).label("age")
    theirs = (attempt.c.trunk == trunk, attempts.of_account(account), ~IS_CALL)
    silent = attempt.c.asked_at < func.clock_timestamp() - SILENT_AFTER
    placed = (attempt.c.state == literal_column(f"'{AttemptState.PLACED}'"), attempt.c.remote_sid.is_not(None))
    query = select(attempt.c.id, attempt.c.remote_sid, attempt.c.remote_status, age).where(*theirs, silent, *placed)
    return list(tx.execute(query.order_by(attempt.c.asked_at).limit(10 * AT_ONCE)))
