"""Texts of which it is not known whether the carrier has them: asked, never guessed, as dialer/reconcile.py does with
calls."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, Row, Text, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns import attempts
from campaigns.rules.candidates import candidate_for
from campaigns.rules.facts import IS_CALL
from campaigns.texting import delivery
from campaigns.texting.wordings import Wordings
from carrier.client import CarrierDown
from carrier.messaging import Messaging, RemoteText
from core.clock import Clock, SystemClock
from core.database import Database
from core.logs import where
from core.one_by_one import one_by_one
from core.post import post
from core.privacy import Vault
from dialer import queries
from dialer.doubts import Doubt, Turns
from dialer.reconcile import known_sids, unknown
from dialer.text_silence import TextSilence

log = logging.getLogger(__name__)

#: The carrier's list is then complete: a text that it takes is in it at once, also while it waits to leave.
CERTAIN_AFTER = timedelta(minutes=5)


class TextReconciler:
    """Settles unknown texts and those gone silent, for one trunk. Those that nothing settles in a day end as technical,
    with the calls (Reconciler)."""

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, messaging: Messaging, trunk: str, real: Clock | None = None
    ) -> None:
        """``real``: as in Reconciler."""
        self._db, self._vault, self._clock, self._messaging, self._trunk = db, vault, clock, messaging, trunk
        self._real = real or SystemClock()
        self._wordings = Wordings(vault)
        self._silence = TextSilence(db, clock, messaging, trunk)
        self._turns = Turns()

    def run(self) -> int:
        """Asks the carrier about everything doubtful whose turn it is; returns how many it settled. While it is down,
        nothing is."""
        with self._db.begin() as tx:
            rows = unknown(tx, self._trunk, self._messaging.account_sid, ~IS_CALL)
            doubts = list(self._doubts(tx, rows))
        self._turns.forget_all_but({row.id for row in rows})
        by_sender = defaultdict(list)
        for doubt in doubts:
            by_sender[doubt.caller_id].append(doubt)
        try:
            return sum(self._ask(each) for each in by_sender.values()) + self._silence.settle()
        except CarrierDown:
            log.warning("no text reconciled: the carrier does not answer")
            return 0

    def _doubts(self, tx: Connection, rows: list[Row]) -> Iterator[Doubt]:
        for row in rows:
            try:
                candidate = candidate_for(tx, self._vault, row.id)
                body = self._wordings.body_for(tx, row.started_at, candidate)
            except Exception as error:  # nobody can be asked about it; the others must not wait for it
                log.error("attempt %s was passed over: %s", row.id, where(error))
            else:
                yield Doubt(row.id, row.age, row.started_at, row.since, row.caller_id, candidate.to, body)

    def _ask(self, doubts: list[Doubt]) -> int:
        """``doubts``: of one sender. Raises CarrierDown."""
        turn = self._turns.take(doubts, self._real.now())
        if not turn:
            return 0
        since, wanted = min(doubt.since for doubt in turn), {doubt.to for doubt in turn}
        listed = self._messaging.sent_since(turn[0].caller_id, since, wanted)
        with self._db.begin() as tx:
            sids = [each.sid for each in listed]
            known = known_sids(tx, sids) | _of_the_post(tx, sids)
        free = [each for each in listed if each.sid not in known]
        return sum(one_by_one(self._db, turn, partial(self._settle, free=free), "attempt {0.id}".format))

    def _settle(self, tx: Connection, doubt: Doubt, free: list[RemoteText]) -> bool:
        theirs = [each for each in free if each.to == doubt.to]
        match = next((each for each in theirs if each.body == doubt.body), None)
        if match is None and theirs:
            return False  # another's, or ours in other letters: it stays unknown rather than be sent again
        if match is not None:
            free.remove(match)
            if not attempts.prove(tx, self._clock.now(), doubt.id, match.sid):
                return False  # a webhook proved another text in the meantime
            delivery.tell(tx, self._clock.now(), doubt.id, match.status, match.error_code)
        elif doubt.age >= CERTAIN_AFTER:
            queries.not_placed(tx, doubt.id, self._clock.now())
        else:
            return False
        return True


def _of_the_post(tx: Connection, sids: list[str]) -> set[str]:
    """Of these texts, those that no campaign sent: their own numbers send them too."""
    query = select(post.c.remote_sid).where(post.c.remote_sid == any_(literal(sids, ARRAY(Text))))
    return {str(sid) for sid in tx.execute(query).scalars()}
