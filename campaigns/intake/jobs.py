"""The jobs that follow a request: letters after each change, the terms of what was returned, a correction compared."""

import logging

from procrastinate import JobContext

from campaigns.intake.reception import Reception
from core.jobs import app

log = logging.getLogger(__name__)


@app.task(name="intake.tell", pass_context=True)
def tell(context: JobContext, campaign_id: int, state: str) -> None:
    """What ``campaigns.life.move`` leaves behind when a requesting area has something to know."""
    _reception(context).tell(campaign_id, state)


@app.task(name="intake.compare", pass_context=True)
def compare(context: JobContext, campaign_id: int) -> None:
    """What a corrected file leaves behind once it was checked."""
    _reception(context).compare(campaign_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="intake.watch_terms", queueing_lock="intake.watch_terms", pass_context=True)
def watch_terms(context: JobContext, timestamp: int) -> None:
    """Every ten minutes: who must be reminded, and whose term is over."""
    if count := _reception(context).watch_terms():
        log.info("requests cancelled because nobody corrected them: %s", count)


def _reception(context: JobContext) -> Reception:
    return context.additional_context["reception"]
