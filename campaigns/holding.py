"""After a restore nothing is dialled until somebody says so: who was called since the copy was made is not in it."""

from datetime import datetime

import psycopg
from sqlalchemy import Connection, select

from campaigns import approval, life
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit

#: On the tables of whichever version the copy is: it names only what the first revision made.
_STOP = """
    with begun as (select id, state from campaign where state in ('running', 'scheduled') for update)
    update campaign set state = 'paused' from begun where campaign.id = begun.id returning campaign.id, begun.state
"""


def stop_all(tx: psycopg.Connection) -> dict[int, str]:
    """Pauses every campaign that is being called or waits for its day; the state that each had."""
    return dict(tx.execute(_STOP).fetchall())


def write_down(tx: Connection, now: datetime, actor: str, reason: str, stopped: dict[int, str]) -> int:
    """Says in the history of each why it is paused, and pauses what was approved and not planned yet; how many are."""
    for campaign_id, state in stopped.items():
        audit.record(tx, now, actor, "campaign.paused", "campaign", campaign_id, reason, before=state)
    approved = select(campaign.c.id).where(campaign.c.state == CampaignState.APPROVED).order_by(campaign.c.id)
    ids = list(tx.execute(approved).scalars())
    for campaign_id in ids:
        while life.state_of(tx, campaign_id) == CampaignState.APPROVED:
            approval.plan_more(tx, now, campaign_id)
        life.move(tx, now, campaign_id, CampaignState.PAUSED, actor, reason)
    return len(stopped) + len(ids)
