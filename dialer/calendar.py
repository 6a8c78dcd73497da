"""What happens by the calendar: campaigns begin on their day and finish when nobody is left or their period ended."""

import logging
from datetime import datetime

from sqlalchemy import select

from campaigns import life
from campaigns.approval import plan_more
from campaigns.rules.calendar import windows_for
from campaigns.states import CampaignState
from campaigns.tables import campaign
from campaigns.validation import keeping
from core.clock import Clock
from core.database import Database

log = logging.getLogger(__name__)


def plan_approved_campaigns(db: Database, now: datetime) -> None:
    """A part of each list that was too long to be planned while whoever approved it waited."""
    with db.begin() as tx:
        approved = list(tx.execute(select(campaign.c.id).where(campaign.c.state == CampaignState.APPROVED)).scalars())
    for campaign_id in approved:
        with db.begin() as tx:
            plan_more(tx, now, campaign_id)


def begin_due_campaigns(db: Database, now: datetime) -> int:
    """Scheduled → running, for those whose day has come."""
    with db.begin() as tx:
        due = tx.execute(
            select(campaign.c.id)
            .where(campaign.c.state == CampaignState.SCHEDULED, campaign.c.starts_at <= now)
            .with_for_update(skip_locked=True)
        ).scalars()
        ids = list(due)
        for campaign_id in ids:
            life.move(tx, now, campaign_id, CampaignState.RUNNING, "dialer")
    return len(ids)


def finish_done_campaigns(db: Database, now: datetime) -> int:
    """Running or paused → finished, for those with nobody left, or no legal moment left."""
    with db.begin() as tx:
        states = (CampaignState.RUNNING, CampaignState.PAUSED)
        rows = list(tx.execute(select(campaign).where(campaign.c.state.in_(states))))
    finished = 0
    for row in rows:
        with db.begin() as tx:
            is_over = not any(window.ends_after(now) for window in windows_for(tx, row))
            if not is_over and (life.has_people_left(tx, row.id) or keeping.waiting(tx, row.id)):
                continue  # looked at without a lock: a busy campaign is not held up every second
            finished += life.finish_if_done(tx, now, row.id, period_is_over=is_over)
    return finished


def forget_returned_answers(db: Database, now: datetime) -> None:
    """Thirty days after a list was returned, nobody is going to be asked its questions."""
    with db.begin() as tx:
        life.purge_returned(tx, now)


def keep(db: Database, clock: Clock) -> None:
    """One look at the calendar."""
    plan_approved_campaigns(db, clock.now())
    begin_due_campaigns(db, clock.now())
    finish_done_campaigns(db, clock.now())
