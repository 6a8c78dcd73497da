"""The jobs that follow a request: letters after each change, the terms of what was returned, a correction compared."""

import logging

from procrastinate import JobContext, RetryStrategy

from campaigns.intake.reception import Reception
from core.jobs import app, every

log = logging.getLogger(__name__)

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3)  # the last after two hours more


@app.task(name="intake.tell", pass_context=True, retry=_AGAIN)
def tell(context: JobContext, campaign_id: int, state: str) -> None:
    """What ``campaigns.life.move`` leaves behind when a requesting area has something to know."""
    _reception(context).tell(campaign_id, state)


@app.task(name="intake.compare", pass_context=True, retry=_AGAIN)
def compare(context: JobContext, campaign_id: int) -> None:
    """What a corrected file leaves behind once it was checked."""
    _reception(context).compare(campaign_id)


@every("*/10 * * * *", "intake.watch_terms")
def watch_terms(context: JobContext, timestamp: int) -> None:
    """Every ten minutes: who was never told, who must be reminded, and whose term is over."""
    reception = _reception(context)
    if count := reception.tell_forgotten():
        log.warning("requests whose return nobody had been told of: %s", count)
    if count := reception.watch_terms():
        log.info("requests cancelled because nobody corrected them: %s", count)


def _reception(context: JobContext) -> Reception:
    return context.additional_context["reception"]
