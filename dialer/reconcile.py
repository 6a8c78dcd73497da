"""What is not known is asked of the carrier, never guessed (architecture, decision 5)."""

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Row, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns import attempts
from campaigns.attempts import phones_of
from campaigns.states import AttemptState
from campaigns.tables import attempt, campaign, recipient
from carrier.client import Carrier, CarrierDown, RemoteCall
from carrier.statuses import is_final
from core.clock import Clock
from core.database import Database
from core.privacy import Vault
from dialer import queries

log = logging.getLogger(__name__)

SILENT_AFTER = timedelta(seconds=90)  # a placed call that told us nothing for so long is asked about
CERTAIN_AFTER = timedelta(seconds=60)  # beyond the ring time-out: the carrier's list is then complete
HOPELESS_AFTER = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(minutes=1)  # ours and the carrier's, as a rule
CLOCKS_MAY_DIFFER = timedelta(hours=1)  # and beyond belief: an older call is somebody else's


class Reconciler:
    """Settles unknown attempts and calls gone silent, for one trunk."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        carrier: Carrier,
        trunk: str,
        ring_seconds: int,
        calls_of_others: Callable[[Connection, list[str]], set[str]] = lambda tx, sids: set(),
    ) -> None:
        """``calls_of_others``: of these calls of the carrier's, those that are no attempt's: the desk, and who tries a
        campaign, call from the same number, and perhaps the same person."""
        self._db, self._vault, self._clock, self._carrier, self._trunk = db, vault, clock, carrier, trunk
        self._calls_of_others = calls_of_others
        self._certain_after = timedelta(seconds=ring_seconds) + CERTAIN_AFTER

    def run(self) -> int:
        """Asks the carrier about everything doubtful; returns how many it settled. While it is down, nothing is."""
        try:
            settled = self._settle_unknown() + self._settle_silent()
        except CarrierDown:
            log.warning("nothing reconciled: the carrier does not answer")
            settled = 0
        return settled + self._give_up_hopeless()

    def _settle_unknown(self) -> int:
        with self._db.begin() as tx:
            doubtful = _unknown(tx, self._trunk)
        by_caller = defaultdict(list)
        for row in doubtful:
            by_caller[row.caller_id].append(row)
        settled = 0
        for caller_id, rows in by_caller.items():
            asked_at = datetime.now(UTC)
            listed = self._carrier.calls_from(caller_id, min(row.since for row in rows))
            with self._db.begin() as tx:
                sids = [call.sid for call in listed]
                known = _known_sids(tx, sids) | self._calls_of_others(tx, sids)
            free = [call for call in listed if call.sid not in known]
            settled += sum(self._settle_one(row, free, asked_at, rows) for row in rows)
        return settled

    def _settle_one(self, row: Row, free: list[RemoteCall], asked_at: datetime, rows: list[Row]) -> bool:
        to = self._to(row)
        theirs = [call for call in free if call.to == to and _made_after(call, row.started_at - CLOCKS_MAY_DIFFER)]
        match = next((call for call in theirs if _made_after(call, row.started_at - CLOCKS_DIFFER)), None)
        if match is None and theirs:
            return False  # a clock is wrong, or the call is another's: it stays unknown rather than be dialled again
        if match is not None:
            if not is_final(match.status) and sum(self._to(other) == to for other in rows) > 1:
                return False  # two unknown calls to one telephone: its own webhook will say which is which
            free.remove(match)
        with self._db.begin() as tx:
            if match is not None:
                if not attempts.prove(tx, row.id, match.sid):
                    return False  # a webhook proved another call in the meantime
                self._end_if_over(tx, row.id, match)
            elif asked_at - row.asked_at >= self._certain_after:
                queries.not_placed(tx, row.id, self._clock.now())
            else:
                return False
        return True

    def _to(self, row: Row) -> str:
        return phones_of(self._vault, row.data_sealed)[row.phone]

    def _give_up_hopeless(self) -> int:
        """A day without a carrier to ask, or with one whose list neither proves the call nor its absence: the
        coordinator is told, and nobody is called on a guess."""
        hopeless = datetime.now(UTC) - HOPELESS_AFTER
        with self._db.begin() as tx:
            rows = [row for row in _unknown(tx, self._trunk) if row.asked_at < hopeless]
            for row in rows:
                attempts.end_technical(tx, self._vault, self._clock.now(), row.id)
        return len(rows)

    def _settle_silent(self) -> int:
        with self._db.begin() as tx:
            silent = _silent(tx, self._trunk, SILENT_AFTER)
        settled = 0
        for row in silent:
            call = self._carrier.fetch(row.remote_sid)
            with self._db.begin() as tx:
                if call is None:  # the carrier knows nothing of its own sid: nobody will ever tell us more
                    attempts.end_technical(tx, self._vault, self._clock.now(), row.id)
                    settled += 1
                else:
                    settled += self._end_if_over(tx, row.id, call)
        return settled

    def _end_if_over(self, tx: Connection, attempt_id: int, call: RemoteCall) -> bool:
        if not is_final(call.status):
            return False
        return attempts.end_call(
            tx, self._vault, self._clock.now(), attempt_id, call.status, call.duration_s, call.answered_by
        )


def _made_after(call: RemoteCall, moment: datetime) -> bool:
    return call.created_at is None or call.created_at >= moment


def _unknown(tx: Connection, trunk: str) -> list[Row]:
    query = (
        select(
            attempt.c.id,
            attempt.c.asked_at,
            # A rehearsing carrier dates its calls by the citizen's clock: the list begins at the earlier of the two.
            func.least(attempt.c.asked_at, attempt.c.started_at).label("since"),
            attempt.c.started_at,
            attempt.c.phone,
            recipient.c.data_sealed,
            func.coalesce(attempt.c.caller_id, campaign.c.caller_id).label("caller_id"),
        )
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(attempt.c.trunk == trunk, attempt.c.state == AttemptState.UNKNOWN)
        .order_by(attempt.c.asked_at)
        .limit(500)
    )
    return list(tx.execute(query))


def _known_sids(tx: Connection, listed: list[str]) -> set[str]:
    """Of these calls, those that belong to another attempt already. The list reaches back further than a day."""
    query = select(attempt.c.remote_sid).where(attempt.c.remote_sid == any_(literal(listed, ARRAY(Text))))
    return set(tx.execute(query).scalars())


def _silent(tx: Connection, trunk: str, after: timedelta) -> list[Row]:
    query = (
        select(attempt.c.id, attempt.c.remote_sid)
        .where(
            attempt.c.trunk == trunk,
            attempt.c.state == AttemptState.PLACED,
            attempt.c.remote_sid.is_not(None),
            attempt.c.asked_at < func.clock_timestamp() - after,
        )
        .order_by(attempt.c.asked_at)
        .limit(100)
    )
    return list(tx.execute(query))
