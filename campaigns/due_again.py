"""The one way back to due, for an attempt that was to be asked of the carrier and was not."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from campaigns.clearing import OVER, one_of
from campaigns.states import AttemptState, CampaignState
from campaigns.tables import attempt, campaign, recipient

_NEVER_ASKED = {"asked_at": None, "started_at": None}


def due_again(tx: Connection, now: datetime, *which: ColumnElement[bool], due_at: datetime | None = None) -> int:
    """These attempts (``which``) wait again, until ``due_at`` or their own moment, as if nobody had been asked; how
    many do. Of a campaign that ended meanwhile, or was cancelled, they are withdrawn, and their people's answers go:
    whoever ended it took them for calls on the line, and left both to what would come of those."""
    query = select(attempt.c.id, attempt.c.campaign_id, attempt.c.recipient_id).where(*which)
    rows = tx.execute(query.order_by(attempt.c.id).with_for_update()).all()
    over = _over(tx, {row.campaign_id for row in rows})
    waiting = [row.id for row in rows if row.campaign_id not in over]
    ended = [row for row in rows if row.campaign_id in over]
    if waiting:
        due = {"state": AttemptState.DUE, "due_at": func.coalesce(due_at, attempt.c.due_at)}
        tx.execute(update(attempt).where(one_of(attempt.c.id, waiting)).values(**due, **_NEVER_ASKED))
    if ended:
        withdrawn = {"state": AttemptState.WITHDRAWN, "ended_at": now, **_NEVER_ASKED}
        tx.execute(update(attempt).where(one_of(attempt.c.id, [row.id for row in ended])).values(**withdrawn))
        people = one_of(recipient.c.id, [row.recipient_id for row in ended])
        tx.execute(update(recipient).where(people).values(answers=None))
    return len(waiting)


def _over(tx: Connection, campaign_ids: set[int]) -> set[int]:
    """Which of these campaigns call nobody any more. Their rows are shared, so that nobody ends one between here and
    the attempt: whoever does would not see that it is due."""
    query = select(campaign.c.id, campaign.c.state).where(one_of(campaign.c.id, sorted(campaign_ids)))
    rows = tx.execute(query.order_by(campaign.c.id).with_for_update(read=True)).all() if campaign_ids else []
    return {row.id for row in rows if CampaignState(row.state) in OVER}
