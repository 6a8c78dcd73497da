"""Keeps the counts short where nobody looks: who comes to look after a day must not have to add up a day."""

from procrastinate import JobContext

from campaigns.counting import tally
from core.jobs import every


@every("*/5 * * * *", "counting.gather")
def gather(context: JobContext, timestamp: int) -> None:
    """Every five minutes: counts what was imported since, and gathers the lines of whatever was called."""
    tally.gather_all(context.additional_context["database"])
