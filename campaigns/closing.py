"""The end of a campaign: closed by a job, once whoever asked for it was sent the report (R49, control point); or ended
by one, where its period is long over and nobody ended it."""

from datetime import datetime

from sqlalchemy import Connection, update

from campaigns import clearing, life
from campaigns.states import CampaignState
from campaigns.tables import campaign

CLOSER = "system"


def close(tx: Connection, now: datetime, campaign_id: int, sent_at: datetime | None) -> bool:
    """Finished → closed, with when the report left as its reason; False where it is not finished, or is closed already.

    ``sent_at``: when the mail server took the letter that tells of the final report. Raises NotAllowed without it, and
    NoSuchCampaign.
    """
    if life.state_of(tx, campaign_id, lock=True) != CampaignState.FINISHED:
        return False
    if sent_at is None:
        raise life.NotAllowed("La campaña no se cierra hasta que su informe final se haya enviado.")
    life.move(tx, now, campaign_id, CampaignState.CLOSED, CLOSER, "el informe final se hizo y se envió")
    return True


def lapse(tx: Connection, now: datetime, campaign_id: int, why: str) -> CampaignState:
    """Ends what nobody ended, and says how: finished where everybody was called, whatever waits to be validated; else
    cancelled. What ended already stays as it is. ``why``: of the trail. Raises NoSuchCampaign."""
    state = life.state_of(tx, campaign_id, lock=True)
    if state in (CampaignState.FINISHED, CampaignState.CLOSED, CampaignState.CANCELLED):
        return state
    was_begun = state in (CampaignState.RUNNING, CampaignState.PAUSED)
    if not was_begun or life.has_people_left(tx, campaign_id):
        life.cancel(tx, now, campaign_id, CLOSER, why)
        return CampaignState.CANCELLED
    life.move(tx, now, campaign_id, CampaignState.FINISHED, CLOSER, why)
    tx.execute(update(campaign).where(campaign.c.id == campaign_id).values(finished_at=now))
    clearing.clear_if_short(tx, now, campaign_id)
    return CampaignState.FINISHED
