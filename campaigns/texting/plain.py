"""Whoever approves chooses in which letters the texts of a campaign go."""

from datetime import datetime

from sqlalchemy import Connection, update

from campaigns import life
from campaigns.life import NotAllowed
from campaigns.states import CampaignState
from campaigns.tables import campaign
from core import audit


def set_plain(tx: Connection, now: datetime, campaign_id: int, actor: str, *, is_plain: bool) -> None:
    """In those of GSM-7, or as they are written; before it is approved. Raises NoSuchCampaign, NotAllowed."""
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.UNDER_REVIEW:
        raise NotAllowed("Las letras del mensaje se eligen antes de aprobar la campaña.")
    mine = (campaign.c.id == campaign_id, campaign.c.is_plain_text != is_plain, campaign.c.texting.is_not(None))
    if tx.execute(update(campaign).where(*mine).values(is_plain_text=is_plain)).rowcount:
        audit.record(tx, now, actor, "campaign.letters_chosen", "campaign", campaign_id, is_plain=is_plain)
