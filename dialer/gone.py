"""Calls of a trunk, or of an account, that was taken out of the file: nobody can ask any more what became of them."""

import logging
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Connection, Row, false, func, or_, select

from campaigns import attempts
from campaigns.attempts import of_account
from campaigns.states import LIVE
from campaigns.tables import attempt
from core.clock import Clock
from core.database import Database
from core.one_by_one import one_by_one
from core.trunks import OPERATED, Trunk

log = logging.getLogger(__name__)

GIVEN_UP_AFTER = timedelta(hours=24)  # as a doubt that nothing settles (dialer/reconcile.py)


def give_up_gone(db: Database, clock: Clock, trunks: Collection[Trunk]) -> int:
    """Ends as technical what none of these trunks asked at the account that it has, and was asked a day ago; how many.
    Its own webhook may come until then; nobody is called again on a guess."""
    asked_before = func.clock_timestamp() - GIVEN_UP_AFTER
    theirs = [(attempt.c.trunk == each.name) & of_account(each.account_sid) for each in trunks]
    gone = (attempt.c.trunk != OPERATED, ~or_(false(), *theirs))
    live = select(attempt.c.id).where(attempt.c.state.in_(LIVE), *gone, attempt.c.asked_at < asked_before)
    with db.begin() as tx:
        rows = list(tx.execute(live))

    def end(tx: Connection, row: Row) -> bool:
        still = tx.execute(live.where(attempt.c.id == row.id).with_for_update(of=attempt)).first() is not None
        if still:
            attempts.end_technical(tx, clock.now(), row.id)
        return still

    ended = sum(one_by_one(db, rows, end, "attempt {0.id}".format))
    if ended:
        log.warning("%s attempts of trunks or accounts that are gone were given up", ended)
    return ended
