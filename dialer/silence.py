"""Calls that the carrier has and of which nothing was heard for long: a callback was lost, or they talk long."""

from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from sqlalchemy import BigInteger, ColumnElement, Connection, any_, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns import attempts
from campaigns.rules.facts import IS_CALL
from campaigns.states import AttemptState
from campaigns.tables import attempt
from carrier.client import Carrier, RemoteCall
from carrier.statuses import is_final
from core.clock import Clock
from core.database import Database
from core.one_by_one import one_by_one

SILENT_AFTER = timedelta(seconds=90)  # a placed call that told us nothing for so long is asked about
AT_ONCE = 100  # calls of one look: each is a question to the carrier


class Silence:
    """Asks after the silent calls of one trunk, at the account that has them, each once before any is asked after
    again."""

    def __init__(self, db: Database, clock: Clock, carrier: Carrier, trunk: str) -> None:
        self._db, self._clock, self._carrier, self._trunk = db, clock, carrier, trunk
        self._waiting: deque[int] = deque()  # for their turn; of a trunk never more than may be live at once

    def settle(self) -> int:
        """Ends those of the next hundred that are over; how many.

        Raises CarrierDown; the next look goes on after the call that it was raised for, which keeps none of the others
        from its turn.
        """
        told = one_by_one(self._db, self._asked_after(), self._end, lambda each: f"attempt {each[0]}")
        return sum(told)

    def _asked_after(self) -> Iterator[tuple[int, RemoteCall | None]]:
        with self._db.begin() as tx:
            if not self._waiting:
                self._waiting.extend(_gone_silent(tx, self._trunk, self._carrier.account_sid))
            turn = list(islice(self._waiting, AT_ONCE))
            sids = _still_silent(tx, turn)
        for attempt_id in turn:
            self._waiting.popleft()
            if attempt_id in sids:
                yield attempt_id, self._carrier.fetch(sids[attempt_id])

    def _end(self, tx: Connection, asked_after: tuple[int, RemoteCall | None]) -> bool:
        attempt_id, call = asked_after
        if call is not None:
            return end_if_over(tx, self._clock, attempt_id, call)
        # The carrier knows nothing of its own sid: nobody will ever tell us more.
        attempts.end_technical(tx, self._clock.now(), attempt_id)
        return True


def end_if_over(tx: Connection, clock: Clock, attempt_id: int, call: RemoteCall) -> bool:
    """The attempt is over where its call is, by the carrier's own word; whether it was, and nobody had told us."""
    if not is_final(call.status):
        return False
    return attempts.end_call(tx, clock.now(), attempt_id, call.status, call.duration_s, call.answered_by)


def _gone_silent(tx: Connection, trunk: str, account: str) -> list[int]:
    theirs = (attempt.c.trunk == trunk, attempts.of_account(account))
    silent = attempt.c.asked_at < func.clock_timestamp() - SILENT_AFTER  # of texts: dialer/text_silence.py
    query = select(attempt.c.id).where(*_HAS_A_CALL, *theirs, silent, IS_CALL)
    return list(tx.execute(query.order_by(attempt.c.asked_at)).scalars())


def _still_silent(tx: Connection, attempt_ids: list[int]) -> dict[int, str]:
    """The sids of those whose end nobody told us while they waited for their turn."""
    wanted = attempt.c.id == any_(literal(attempt_ids, ARRAY(BigInteger)))
    query = select(attempt.c.id, attempt.c.remote_sid).where(*_HAS_A_CALL, wanted)
    return {row.id: row.remote_sid for row in tx.execute(query)}


_HAS_A_CALL: tuple[ColumnElement[bool], ...] = (
    attempt.c.state == literal_column(f"'{AttemptState.PLACED}'"),  # written out: see campaigns.rules.facts.IS_LIVE
    attempt.c.remote_sid.is_not(None),
)
