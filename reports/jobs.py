"""The jobs of reporting: each minute what campaigns are owed, each hour the calls, each night what is too old."""

import logging

from procrastinate import JobContext

from core.jobs import every
from reports.lapsing import Lapses
from reports.making import Maker
from reports.measures import Noting
from reports.retention import Retention
from reports.scheduled import CallReports

log = logging.getLogger(__name__)


@every("* * * * *", "reports.watch", one_at_a_time=True)
def watch(context: JobContext, timestamp: int) -> None:
    """Reports that are due are made and sent, campaigns whose final one left are closed. One at a time."""
    maker: Maker = context.additional_context["maker"]
    maker.watch()


@every("* * * * *", "reports.in_force", one_at_a_time=True)
def in_force(context: JobContext, timestamp: int) -> None:
    """What reports measure by is written down as the service starts, and where it changes under it."""
    noting: Noting = context.additional_context["noting"]
    if changed := noting.note():
        log.info("in force from now on: %s", ", ".join(changed))


@every("7,37 * * * *", "reports.calls", one_at_a_time=True)
def calls(context: JobContext, timestamp: int) -> None:
    """The calls of the day, the week and the month that ended (R23); what is there already is left."""
    made: CallReports = context.additional_context["call_reports"]
    if names := made.watch():
        log.info("reports of calls made: %s", ", ".join(names))


@every("20 4 * * *", "reports.purge", one_at_a_time=True, is_nightly=True)
def purge(context: JobContext, timestamp: int) -> None:
    """Every night. What nobody closed is told of, and ended, before what is too old goes."""
    lapses: Lapses = context.additional_context["lapses"]
    if ended := lapses.watch():
        log.warning("lists that nobody closed in time, told of or ended: %s", ended)
    retention: Retention = context.additional_context["campaign_retention"]
    if done := retention.purge():
        log.info("campaigns that no longer say whose they were, files and reports removed: %s", done)
