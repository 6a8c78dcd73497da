"""The background job of campaigns that call nobody any more."""

import logging

from procrastinate import JobContext

from campaigns import clearing
from core.jobs import every

log = logging.getLogger(__name__)


@every("* * * * *", "campaigns.clear", one_at_a_time=True)
def clear(context: JobContext, timestamp: int) -> None:
    """Every minute: lists that ended, and were too long to be cleared at that moment."""
    made = context.additional_context["parts"]
    if count := clearing.clear_due(made.db, made.clock.now()):
        log.info("campaigns cleared: %s", count)
