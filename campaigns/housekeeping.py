"""What is kept no longer than it is needed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, select

from campaigns.life import purge_answers
from campaigns.states import CampaignState
from campaigns.tables import campaign, recipient
from core.audit import audit
from core.database import Database
from core.jobs import app

RETURNED_FOR = timedelta(days=30)  # formato-v1, bank of security questions


@app.periodic(cron="27 * * * *")
@app.task(name="campaigns.purge_returned", queueing_lock="campaigns.purge_returned", pass_context=True)
def purge_returned(context: JobContext, timestamp: int) -> None:
    """Security answers of requests that were returned a month ago and never came back."""
    db: Database = context.additional_context["db"]
    now: Callable[[], datetime] = context.additional_context["now"]
    with db.begin() as tx:
        purge_answers_of_returned(tx, now())


def purge_answers_of_returned(tx: Connection, now: datetime) -> int:
    """Purges them; returns in how many campaigns."""
    returned_before = (
        select(audit.c.subject_id)
        .where(
            audit.c.subject == "campaign",
            audit.c.action == f"campaign.{CampaignState.RETURNED}",
            audit.c.at < now - RETURNED_FOR,
        )
        .distinct()
    )
    old = set(tx.execute(returned_before).scalars())
    with_answers = select(campaign.c.id).where(
        campaign.c.state == CampaignState.RETURNED,
        select(recipient.c.id)
        .where(recipient.c.campaign_id == campaign.c.id, recipient.c.answers.is_not(None))
        .exists(),
    )
    found = [campaign_id for campaign_id in tx.execute(with_answers).scalars() if str(campaign_id) in old]
    for campaign_id in found:
        purge_answers(tx, campaign_id)
    return len(found)
