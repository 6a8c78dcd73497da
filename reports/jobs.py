"""The jobs of reporting: each minute what campaigns are owed, each hour the calls, each night what is too old."""

import logging

from procrastinate import JobContext

from core.jobs import app
from reports.lapsing import Lapses
from reports.making import Maker
from reports.retention import Retention
from reports.scheduled import CallReports

log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="reports.watch", queueing_lock="reports.watch", lock="reports.watch", pass_context=True)
def watch(context: JobContext, timestamp: int) -> None:
    """Reports that are due are made and sent, campaigns whose final one left are closed. One at a time."""
    maker: Maker = context.additional_context["maker"]
    maker.watch()


@app.periodic(cron="7,37 * * * *")
@app.task(name="reports.calls", queueing_lock="reports.calls", lock="reports.calls", pass_context=True)
def calls(context: JobContext, timestamp: int) -> None:
    """The calls of the day, the week and the month that ended (R23); what is there already is left."""
    made: CallReports = context.additional_context["call_reports"]
    if names := made.watch():
        log.info("reports of calls made: %s", ", ".join(names))


@app.periodic(cron="20 4 * * *")
@app.task(name="reports.purge", queueing_lock="reports.purge", lock="reports.purge", pass_context=True)
def purge(context: JobContext, timestamp: int) -> None:
    """Every night. What nobody closed is told of, and ended, before what is too old goes."""
    lapses: Lapses = context.additional_context["lapses"]
    if ended := lapses.watch():
        log.warning("lists that nobody closed in time, told of or ended: %s", ended)
    retention: Retention = context.additional_context["campaign_retention"]
    if done := retention.purge():
        log.info("campaigns that no longer say whose they were, files and reports removed: %s", done)
