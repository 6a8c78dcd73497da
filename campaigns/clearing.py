"""What is left to do once a campaign calls nobody: what was not dialled is withdrawn, and security answers go.

That nobody is called, the state alone says: the dialer asks it at each look. So all of this may come later, and of a
long list it does, in parts: whoever cancels a million people does not wait, nor does the cancelling.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    any_,
    cast,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from campaigns.rules.facts import IS_LIVE
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import attempt, campaign, recipient
from core import audit
from core.database import Database

AT_ONCE = 5000  # people of one transaction
CLEARED = "campaign.answers_purged"  #: of a campaign that was not cleared as it ended: in its trail
ACTOR = "system"
OVER = (CampaignState.CANCELLED, CampaignState.FINISHED, CampaignState.CLOSED)  #: nobody is called any more

# Written out, so that the server sees at once that the index of due attempts serves.
_IS_DUE = attempt.c.state == literal_column(f"'{AttemptState.DUE}'")


def clear_if_short(tx: Connection, now: datetime, campaign_id: int) -> None:
    """Clears a list that one transaction is enough for; of a longer one nothing, which is a job's (``clear_due``)."""
    if _people(tx, campaign_id) <= AT_ONCE:
        withdraw(tx, now, campaign_id)
        _purge_answers(tx, campaign_id)


def clear_due(db: Database, now: datetime) -> int:
    """Clears what waits for it; how many campaigns. Killed, it does them again, which changes nothing that was done."""
    with db.begin() as tx:
        ids = _due(tx)
    for campaign_id in ids:
        _clear(db, now, campaign_id)
    return len(ids)


def on_the_line(campaign_id: int) -> Select:
    """Ids of those who are, or may be, on the telephone: they keep their answers until the call ends, for without them
    nobody could be verified."""
    return select(attempt.c.recipient_id).where(attempt.c.campaign_id == campaign_id, IS_LIVE)


def one_of(column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether it is among a part's ids: handed over as one array, which no guess of the planner's makes slow."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def withdraw(tx: Connection, now: datetime, campaign_id: int, *which: ColumnElement[bool]) -> int:
    """Attempts of the campaign that were never asked for, and of these ``which``, never will be; how many."""
    mine = (attempt.c.campaign_id == campaign_id, _IS_DUE, *which)
    return tx.execute(update(attempt).where(*mine).values(state=AttemptState.WITHDRAWN, ended_at=now)).rowcount


def _people(tx: Connection, campaign_id: int) -> int:
    return tx.execute(select(campaign.c.recipients).where(campaign.c.id == campaign_id)).scalar_one()


def _due(tx: Connection) -> list[int]:
    """Long lists that ended, and campaigns that only wait for answers to be validated: nobody is left to call."""
    about = (audit.audit.c.subject == "campaign", audit.audit.c.subject_id == cast(campaign.c.id, Text))
    is_cleared = select(audit.audit.c.id).where(*about, audit.audit.c.action == CLEARED).exists()
    is_somebody_left = (
        select(recipient.c.id).where(recipient.c.campaign_id == campaign.c.id, ~recipient.c.is_final).exists()
    )
    under_way = campaign.c.state.in_((CampaignState.RUNNING, CampaignState.PAUSED))
    calls_nobody = or_(
        and_(campaign.c.state.in_(OVER), campaign.c.recipients > AT_ONCE),
        and_(under_way, campaign.c.must_validate, ~is_somebody_left),
    )
    query = select(campaign.c.id).where(calls_nobody, campaign.c.people_purged_at.is_(None), ~is_cleared)
    return list(tx.execute(query.order_by(campaign.c.id)).scalars())


def _clear(db: Database, now: datetime, campaign_id: int) -> None:
    withdrawn = AT_ONCE
    while withdrawn == AT_ONCE:
        with db.begin() as tx:
            withdrawn = _withdraw_some(tx, now, campaign_id)
    row: int | None = 0
    while row is not None:
        with db.begin() as tx:
            row = _purge_some(tx, campaign_id, row)
    with db.begin() as tx:
        audit.record(tx, now, ACTOR, CLEARED, "campaign", campaign_id)


def _withdraw_some(tx: Connection, now: datetime, campaign_id: int) -> int:
    """Those due first, at most AT_ONCE."""
    due = select(attempt.c.id).where(attempt.c.campaign_id == campaign_id, _IS_DUE)
    ids = tx.execute(due.order_by(attempt.c.due_at, attempt.c.id).limit(AT_ONCE).with_for_update()).scalars().all()
    return withdraw(tx, now, campaign_id, one_of(attempt.c.id, ids))


def _purge_some(tx: Connection, campaign_id: int, after: int) -> int | None:
    """The answers of the next AT_ONCE people after a row of the upload; the last one's row, or None at the end."""
    query = select(recipient.c.row).where(recipient.c.campaign_id == campaign_id, recipient.c.row > after)
    rows = tx.execute(query.order_by(recipient.c.row).limit(AT_ONCE)).scalars().all()
    if not rows:
        return None
    _purge_answers(tx, campaign_id, recipient.c.row.between(rows[0], rows[-1]))
    return rows[-1]


def _purge_answers(tx: Connection, campaign_id: int, *which: ColumnElement[bool]) -> None:
    """Security answers are needed by no one once nobody is called (formato-v1, bank of security questions)."""
    tx.execute(
        update(recipient)
        .where(recipient.c.campaign_id == campaign_id, recipient.c.answers.is_not(None), *which)
        .where(recipient.c.id.not_in(on_the_line(campaign_id)))
        .values(answers=None)
    )
