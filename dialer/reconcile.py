"""What is not known is asked of the carrier, never guessed (architecture, decision 5)."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, Row, Text, any_, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns import attempts
from campaigns.attempts import phones_of
from campaigns.rules.facts import IS_CALL
from campaigns.states import AttemptState
from campaigns.tables import attempt, campaign, recipient
from carrier.client import Carrier, CarrierDown, RemoteCall
from carrier.statuses import is_final
from core.clock import Clock, SystemClock
from core.database import Database
from core.logs import where
from core.one_by_one import one_by_one
from core.privacy import Vault
from dialer import queries
from dialer.doubts import Doubt, Turns
from dialer.silence import Silence, end_if_over

log = logging.getLogger(__name__)

CERTAIN_AFTER = timedelta(seconds=60)  # beyond the ring time-out: the carrier's list is then complete
HOPELESS_AFTER = timedelta(hours=24)
CLOCKS_DIFFER = timedelta(minutes=1)  # ours and the carrier's, as a rule
CLOCKS_MAY_DIFFER = timedelta(hours=1)  # and beyond belief: an older call is somebody else's


class Reconciler:
    """Settles unknown attempts and calls gone silent, for one trunk. Of those that another account was asked for this
    one knows nothing: they are left alone (dialer/gone.py)."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        carrier: Carrier,
        trunk: str,
        ring_seconds: int,
        calls_of_others: Callable[[Connection, list[str]], set[str]] = lambda tx, sids: set(),
        real: Clock | None = None,
    ) -> None:
        """``calls_of_others``: of these calls of the carrier's, those that are no attempt's: the desk, and who tries a
        campaign, call from the same number, and perhaps the same person. ``real``: the clock on the wall, by which
        each doubt has its turns. How old one is, the database says: it wrote down when the carrier was asked."""
        self._db, self._vault, self._clock, self._carrier, self._trunk = db, vault, clock, carrier, trunk
        self._calls_of_others = calls_of_others
        self._certain_after = timedelta(seconds=ring_seconds) + CERTAIN_AFTER
        self._real = real or SystemClock()
        self._silence = Silence(db, clock, carrier, trunk)
        self._turns = Turns()

    def run(self) -> int:
        """Asks the carrier about everything doubtful whose turn it is; returns how many it settled. While it is down,
        nothing is."""
        with self._db.begin() as tx:
            rows = unknown(tx, self._trunk, self._carrier.account_sid, IS_CALL)
        self._turns.forget_all_but({row.id for row in rows})
        by_caller = defaultdict(list)
        for doubt in self._doubts(rows):
            by_caller[doubt.caller_id].append(doubt)
        settled = sum(self._while_it_answers(partial(self._ask, doubts)) for doubts in by_caller.values())
        return settled + self._while_it_answers(self._silence.settle) + self._give_up_hopeless()

    def _while_it_answers(self, ask: Callable[[], int]) -> int:
        """One list that cannot be read keeps the others from nothing."""
        try:
            return ask()
        except CarrierDown:
            log.warning("nothing reconciled: the carrier does not answer")
            return 0

    def _doubts(self, rows: list[Row]) -> Iterator[Doubt]:
        for row in rows:
            try:
                to = phones_of(self._vault, row.data_sealed)[row.phone]
            except Exception as error:  # nobody can be asked about it; the others must not wait for it
                log.error("attempt %s was passed over: %s", row.id, where(error))
            else:
                yield Doubt(row.id, row.age, row.started_at, row.since, row.caller_id, to)

    def _ask(self, doubts: list[Doubt]) -> int:
        """``doubts``: of one number of ours. Raises CarrierDown."""
        turn = self._turns.take(doubts, self._real.now())
        if not turn:
            return 0
        since, wanted = min(doubt.since for doubt in turn), {doubt.to for doubt in turn}
        listed = self._carrier.calls_from(turn[0].caller_id, since, wanted)
        with self._db.begin() as tx:
            sids = [call.sid for call in listed]
            known = known_sids(tx, sids) | self._calls_of_others(tx, sids)
        free = [call for call in listed if call.sid not in known]
        settle = partial(self._settle, free=free, turn=turn)
        return sum(one_by_one(self._db, turn, settle, "attempt {0.id}".format))

    def _settle(self, tx: Connection, doubt: Doubt, free: list[RemoteCall], turn: list[Doubt]) -> bool:
        theirs = [
            call for call in free if call.to == doubt.to and _made_after(call, doubt.started_at - CLOCKS_MAY_DIFFER)
        ]
        match = next((call for call in theirs if _made_after(call, doubt.started_at - CLOCKS_DIFFER)), None)
        if match is None and theirs:
            return False  # a clock is wrong, or the call is another's: it stays unknown rather than be dialled again
        if match is not None:
            if not is_final(match.status) and sum(other.to == doubt.to for other in turn) > 1:
                return False  # two unknown calls to one telephone: its own webhook will say which is which
            free.remove(match)
            if not attempts.prove(tx, self._clock.now(), doubt.id, match.sid):
                return False  # a webhook proved another call in the meantime
            end_if_over(tx, self._clock, doubt.id, match)
        elif doubt.age >= self._certain_after:
            queries.not_placed(tx, doubt.id, self._clock.now())
        else:
            return False
        return True

    def _give_up_hopeless(self) -> int:
        """A day without a carrier to ask, or with one whose list neither proves the call nor its absence: the
        coordinator is told, and nobody is called on a guess."""
        with self._db.begin() as tx:
            found = unknown(tx, self._trunk, self._carrier.account_sid)
        rows = [row for row in found if row.age > HOPELESS_AFTER]
        return sum(one_by_one(self._db, rows, self._give_up, "attempt {0.id}".format))

    def _give_up(self, tx: Connection, row: Row) -> bool:
        still_unknown = select(attempt.c.id).where(attempt.c.id == row.id, attempt.c.state == AttemptState.UNKNOWN)
        if tx.execute(still_unknown.with_for_update()).first() is None:
            return False  # a webhook proved it in the meantime
        attempts.end_technical(tx, self._clock.now(), row.id)
        return True


def _made_after(call: RemoteCall, moment: datetime) -> bool:
    return call.created_at is None or call.created_at >= moment


def unknown(tx: Connection, trunk: str, account: str, *which: ColumnElement[bool]) -> list[Row]:
    """Attempts (of ``which``) of which it is not known whether the carrier has them, the oldest first; of a trunk never
    more than may be live at once. ``age``: by the clock that wrote ``asked_at``, and no older than when the carrier's
    list is read."""
    query = (
        select(
            attempt.c.id,
            (func.clock_timestamp() - attempt.c.asked_at).label("age"),
            # A rehearsing carrier dates its calls by the citizen's clock: the list begins at the earlier of the two.
            func.least(attempt.c.asked_at, attempt.c.started_at).label("since"),
            attempt.c.started_at,
            attempt.c.phone,
            recipient.c.data_sealed,
            func.coalesce(attempt.c.caller_id, campaign.c.caller_id).label("caller_id"),
        )
        .join(recipient, recipient.c.id == attempt.c.recipient_id)
        .join(campaign, campaign.c.id == attempt.c.campaign_id)
        .where(attempt.c.trunk == trunk, attempts.of_account(account), *which)
        .where(attempt.c.state == literal_column(f"'{AttemptState.UNKNOWN}'"))
        .order_by(attempt.c.asked_at)
    )
    return list(tx.execute(query))


def known_sids(tx: Connection, listed: list[str]) -> set[str]:
    """Of these calls, or texts, those that belong to another attempt already. The list reaches back over a day."""
    query = select(attempt.c.remote_sid).where(attempt.c.remote_sid == any_(literal(listed, ARRAY(Text))))
    return set(tx.execute(query).scalars())
