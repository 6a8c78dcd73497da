"""The background job of campaigns that call nobody any more."""

import logging

from procrastinate import JobContext

from campaigns import clearing
from core.jobs import app

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="campaigns.clear", queueing_lock="campaigns.clear", lock="campaigns.clear", pass_context=True)
def clear(context: JobContext, timestamp: int) -> None:
    """Every minute: lists that ended, and were too long to be cleared at that moment."""
    made = context.additional_context["parts"]
    if count := clearing.clear_due(made.db, made.clock.now()):
        log.info("campaigns cleared: %s", count)
