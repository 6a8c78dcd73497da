"""The background jobs of rehearsals: one that was asked for, and what those left whose process was killed."""

import logging
from collections.abc import Callable

from procrastinate import JobContext

from campaigns.rehearsals.book import REHEARSE
from core.jobs import app, every
from rehearsal.leaving import give_up_abandoned, sweep

log = logging.getLogger(__name__)


@app.task(name=REHEARSE, pass_context=True)
def rehearse(context: JobContext, rehearsal_id: int) -> None:
    """Waits for it, as long as it takes. Done again after a crash, it begins anew and takes away what was left."""
    run: Callable[[int], int] = context.additional_context["rehearse"]
    if status := run(rehearsal_id):
        log.error("rehearsal %s: its process ended with %s", rehearsal_id, status)
        give_up_abandoned(context.additional_context["parts"].db, waiting_too=True)


@every("*/10 * * * *", "rehearsal.sweep")
def sweep_up(context: JobContext, timestamp: int) -> None:
    """Every ten minutes: copies that nobody uses any more."""
    made = context.additional_context["parts"]
    if give_up_abandoned(made.db) | bool(sweep(made.db.url, made.settings.data_dir)):
        log.warning("what an interrupted rehearsal left was removed")
