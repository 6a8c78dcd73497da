"""The background jobs of uploads: an import, and those whose process was killed."""

import logging

from procrastinate import JobContext, RetryStrategy

from campaigns.counting import tally
from campaigns.importing import Importer
from campaigns.receiving import IMPORT
from core.jobs import app, every

log = logging.getLogger(__name__)


@app.task(name=IMPORT, pass_context=True, retry=RetryStrategy(max_attempts=3, exponential_wait=4))
def import_upload(context: JobContext, campaign_id: int) -> None:
    """What a received file leaves behind, and counts it: whoever looks first does not wait for a million people."""
    _importer(context).import_campaign(campaign_id)
    with context.additional_context["database"].begin() as tx:
        tally.people(tx, campaign_id)


@every("*/5 * * * *", "campaigns.import_forgotten")
def import_forgotten(context: JobContext, timestamp: int) -> None:
    """Every five minutes: files that were received and that nobody is at."""
    if count := _importer(context).import_forgotten():
        log.warning("imports that had been left half done: %s", count)


def _importer(context: JobContext) -> Importer:
    return context.additional_context["importer"]
