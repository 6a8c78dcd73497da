"""What the worker's clock does for the procedures."""

import logging

from procrastinate import JobContext

from core.jobs import every
from procedures.correcting import Corrections
from procedures.reminding import Reminders

log = logging.getLogger(__name__)


@every("* * * * *", "procedures.watch_tasks", one_at_a_time=True)
def watch_tasks(context: JobContext, timestamp: int) -> None:
    """Each minute: whoever must do something by a time is told."""
    reminders: Reminders = context.additional_context["reminders"]
    if done := reminders.watch():
        log.info("tasks that were told of or rung: %s", done)


@every("* * * * *", "procedures.follow_corrections", one_at_a_time=True)
def follow_corrections(context: JobContext, timestamp: int) -> None:
    """Each minute: whose data was corrected, or was not, is called."""
    corrections: Corrections = context.additional_context["corrections"]
    if done := corrections.follow():
        log.info("corrections followed: %s", done)
