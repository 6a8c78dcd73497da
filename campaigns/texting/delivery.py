"""How far a text came, by a callback or by the carrier's own word: once, twice, late, or in another order.

As campaigns/attempts.py has it of calls; the transaction comes first and none commits.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from campaigns.attempts import NotItsCall, proven
from campaigns.conclusion import conclude
from campaigns.outcomes import Outcome
from campaigns.states import LIVE, AttemptState
from campaigns.tables import attempt, recipient
from core.prepared import Prepared

SENT = "sent"  #: it left the carrier; whether it arrives may never be told
#: What the carrier's final words mean (twilio.md, messaging). Any other says that it is on its way.
_MEANS = {
    **dict.fromkeys(("delivered", "read"), Outcome.TEXT_DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), Outcome.TEXT_UNDELIVERED),
}
_LOCK = Prepared(
    select(*(attempt.c[name] for name in ("state", "remote_sid", "carrier_account", "outcome", "recipient_id")))
    .where(attempt.c.id == bindparam("attempt"))
    .with_for_update()
)
_NOTE = update(attempt).where(attempt.c.id == bindparam("attempt")).values(remote_status=bindparam("told"))
#: Believed, until now, to have arrived or not: only that may still be put right.
_PUT_RIGHT = (
    update(recipient)
    .where(recipient.c.id == bindparam("person"), recipient.c.outcome == Outcome.TEXT_UNCONFIRMED)
    .values(outcome=bindparam("known"))
)


def end_of(status: str) -> Outcome | None:
    """What a status of the carrier's ends a text as; None: it is not over."""
    return _MEANS.get(status)


def tell(
    tx: Connection,
    now: datetime,
    attempt_id: int,
    status: str,
    code: int | None = None,
    *,
    sid: str | None = None,
    account: str | None = None,
) -> bool:
    """Takes in one word of the carrier's about a text; whether it was its end, and news. A final one is never taken
    back. ``code``: why it did not arrive; ``sid``, ``account``: as in ``attempts.end_call``. Raises NotItsCall."""
    row = _LOCK.first(tx, {"attempt": attempt_id})
    state = row.state if row is not None else None
    if sid is not None:
        state = proven(tx, now, attempt_id, row, sid, account) if row is not None else None
        if state is None:
            raise NotItsCall
    outcome = end_of(status)
    facts: dict[str, object] = {
        "remote_status": status,
        "refused_code": code if outcome is Outcome.TEXT_UNDELIVERED else None,
    }
    if row is None:
        return False
    if state in LIVE:
        if outcome is not None:
            conclude(tx, now, attempt_id, outcome, facts, was_placed=True)
        elif status == SENT:
            tx.execute(_NOTE, {"attempt": attempt_id, "told": SENT})
        return outcome is not None
    return state == AttemptState.ENDED and outcome is not None and _put_right(tx, attempt_id, row, outcome, facts)


def give_up_hearing(tx: Connection, now: datetime, attempt_id: int, status: str) -> None:
    """The carrier sent it, and nobody tells whether it arrived."""
    conclude(tx, now, attempt_id, Outcome.TEXT_UNCONFIRMED, {"remote_status": status}, was_placed=True)


def _put_right(tx: Connection, attempt_id: int, row: object, outcome: Outcome, facts: dict[str, object]) -> bool:
    """Of a text that was given up: what became of it after all. Nobody is sent another for it."""
    if row.outcome != Outcome.TEXT_UNCONFIRMED:  # type: ignore[attr-defined]
        return False
    tx.execute(update(attempt).where(attempt.c.id == attempt_id).values(outcome=outcome, **facts))
    tx.execute(_PUT_RIGHT, {"person": row.recipient_id, "known": outcome})  # type: ignore[attr-defined]
    return True
