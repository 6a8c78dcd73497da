"""The end of a campaign: closed by a job, once whoever asked for it was sent the report (R49, control point)."""

from datetime import datetime

from sqlalchemy import Connection

from campaigns import life
from campaigns.states import CampaignState

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
