"""What happens by the calendar: campaigns begin on their day and finish when nobody is left or their period ended.

Each campaign in a transaction of its own: what one of them fails at keeps no other from its day.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select

from campaigns import life
from campaigns.approval import plan_more
from campaigns.rules.calendar import windows_for
from campaigns.states import CampaignState
from campaigns.tables import campaign
from campaigns.validation import keeping
from core.clock import Clock
from core.database import Database
from core.one_by_one import one_by_one


def plan_approved_campaigns(db: Database, now: datetime) -> None:
    """A part of each list that was too long to be planned while whoever approved it waited."""
    with db.begin() as tx:
        query = select(campaign.c.id).where(campaign.c.state == CampaignState.APPROVED).order_by(campaign.c.id)
        approved = list(tx.execute(query).scalars())
    one_by_one(db, approved, lambda tx, campaign_id: plan_more(tx, now, campaign_id), "campaign {}".format)


def begin_due_campaigns(db: Database, now: datetime) -> int:
    """Scheduled → running, for those whose day has come; how many."""
    with db.begin() as tx:
        due = list(tx.execute(select(campaign.c.id).where(*_is_due(now)).order_by(campaign.c.id)).scalars())
    return sum(one_by_one(db, due, lambda tx, campaign_id: _begin(tx, now, campaign_id), "campaign {}".format))


def _is_due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return campaign.c.state == CampaignState.SCHEDULED, campaign.c.starts_at <= now


def _begin(tx: Connection, now: datetime, campaign_id: int) -> bool:
    """One that another dialer begins at this moment, or somebody decides of, is theirs: nobody waits for it here."""
    still_due = select(campaign.c.id).where(campaign.c.id == campaign_id, *_is_due(now))
    if tx.execute(still_due.with_for_update(skip_locked=True, key_share=True)).first() is None:
        return False
    life.move(tx, now, campaign_id, CampaignState.RUNNING, "dialer")
    return True


def finish_done_campaigns(db: Database, now: datetime) -> int:
    """Running or paused → finished, for those with nobody left, or no legal moment left; how many."""
    with db.begin() as tx:
        states = (CampaignState.RUNNING, CampaignState.PAUSED)
        rows = list(tx.execute(select(campaign).where(campaign.c.state.in_(states)).order_by(campaign.c.id)))
    return sum(one_by_one(db, rows, lambda tx, row: _finish_if_done(tx, now, row), "campaign {0.id}".format))


def _finish_if_done(tx: Connection, now: datetime, row: Row) -> bool:
    is_over = not any(window.ends_after(now) for window in windows_for(tx, row))
    if not is_over and (life.has_people_left(tx, row.id) or keeping.is_any_waiting(tx, row.id)):
        return False  # looked at without a lock: a busy campaign is not held up every second
    return life.finish_if_done(tx, now, row.id, period_is_over=is_over)


def forget_returned_answers(db: Database, now: datetime) -> None:
    """Thirty days after a list was returned, nobody is going to be asked its questions."""
    with db.begin() as tx:
        life.purge_returned(tx, now)


def keep(db: Database, clock: Clock) -> None:
    """One look at the calendar."""
    plan_approved_campaigns(db, clock.now())
    begin_due_campaigns(db, clock.now())
    finish_done_campaigns(db, clock.now())
