"""Who of a campaign is in another one too, that is to be called or may still be approved."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient

#: Campaigns that may call somebody today or later; and those of which nobody has decided yet.
LIVE = (CampaignState.APPROVED, CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
_LOOKED_AT = (*LIVE, CampaignState.UNDER_REVIEW)
MOST = 5


@dataclass(frozen=True)
class Shared:
    """Another ``campaign`` (its row), and how many ``people`` it may still call whom ours may call too."""

    campaign: Row
    people: int


def shared(tx: Connection, row: Row, seen: ColumnElement[bool], most: int | None = MOST) -> list[Shared]:
    """Those that a campaign (its row) has most people in common with, as things stand now, ``most`` at most (None:
    all). ``seen``: which campaigns the reader may know of (campaigns/readers.py)."""
    known = select(campaign).where(campaign.c.state.in_(_LOOKED_AT), seen, campaign.c.id != row.id)
    others = {each.id: each for each in tx.execute(known)}
    if not others:
        return []
    tx.execute(text("set local work_mem = '64MB'"))  # a long list is hashed in memory, not on the disk
    mine, other = recipient.alias(), recipient.alias()
    query = (
        select(other.c.campaign_id, func.count().label("people"))
        .join(mine, mine.c.person_print == other.c.person_print)
        .where(mine.c.campaign_id == row.id, ~mine.c.is_final)
        .where(other.c.campaign_id.in_(list(others)), ~other.c.is_final)
        .group_by(other.c.campaign_id)
        .order_by(func.count().desc(), other.c.campaign_id)
    )
    return [Shared(others[each.campaign_id], each.people) for each in tx.execute(query.limit(most))]
