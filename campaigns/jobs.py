"""The background jobs of campaigns that call nobody any more, and of who is not to be called."""

import logging

from procrastinate import JobContext

from campaigns import clearing
from campaigns.rules import outreach
from campaigns.rules.exclusion_causes import seal_causes
from core.jobs import every

log = logging.getLogger(__name__)


@every("* * * * *", "campaigns.clear", one_at_a_time=True)
def clear(context: JobContext, timestamp: int) -> None:
    """Every minute: lists that ended, and were too long to be cleared at that moment."""
    made = context.additional_context["parts"]
    if count := clearing.clear_due(made.db, made.clock.now()):
        log.info("campaigns cleared: %s", count)


@every("25 4 * * *", "campaigns.seal_causes", is_nightly=True)
def seal(context: JobContext, timestamp: int) -> None:
    """Each night: what was written before causes were sealed, and what a process of that version wrote meanwhile."""
    made = context.additional_context["parts"]
    if count := seal_causes(made.db, made.vault):
        log.info("exclusions whose cause is sealed now: %s", count)


@every("35 4 * * *", "campaigns.forget_outreach", is_nightly=True)
def forget_outreach(context: JobContext, timestamp: int) -> None:
    """Each night: to whom was written first, longer ago than any limit looks back."""
    made = context.additional_context["parts"]
    with made.db.begin() as tx:
        outreach.forget(tx, made.clock.now())
