"""What the worker's clock does for the procedures."""

import logging

from procrastinate import JobContext

from core.jobs import every
from procedures import unanswered, unsaved
from procedures.correcting import Corrections
from procedures.orders import OpenOrders
from procedures.reminding import Reminders

log = logging.getLogger(__name__)


@every("* * * * *", "procedures.watch_tasks", one_at_a_time=True)
def watch_tasks(context: JobContext, timestamp: int) -> None:
    """Each minute: whoever must do something by a time is told."""
    reminders: Reminders = context.additional_context["reminders"]
    if done := reminders.watch():
        log.info("tasks that were told of or rung: %s", done)


@every("* * * * *", "procedures.watch_chats", one_at_a_time=True)
def watch_chats(context: JobContext, timestamp: int) -> None:
    """Each minute: who supervises is told of whoever wrote and is not answered."""
    reminders: Reminders = context.additional_context["reminders"]
    if done := unanswered.watch(reminders):
        log.info("conversations that nobody answers, told of: %s", done)


@every("* * * * *", "procedures.watch_unsaved", one_at_a_time=True)
def watch_unsaved(context: JobContext, timestamp: int) -> None:
    """Each minute: whoever did not save what they attended is told, and then who supervises them."""
    reminders: Reminders = context.additional_context["reminders"]
    if done := unsaved.watch(reminders):
        log.info("attentions that nobody saved, told of: %s", done)


@every("* * * * *", "procedures.follow_orders", one_at_a_time=True)
def follow_orders(context: JobContext, timestamp: int) -> None:
    """Each minute: what was to be linked in the padrón is, and what ran out is annulled."""
    open_orders: OpenOrders = context.additional_context["open_orders"]
    if done := open_orders.follow():
        log.info("orders followed: %s", done)


@every("* * * * *", "procedures.watch_guards", one_at_a_time=True)
def watch_guards(context: JobContext, timestamp: int) -> None:
    """Each minute: what became of the texts that announce a change is told."""
    loop: Corrections = context.additional_context["corrections"]
    if done := loop.guarding.watch():
        log.info("texts that announce a change, told of: %s", done)


@every("* * * * *", "procedures.follow_corrections", one_at_a_time=True)
def follow_corrections(context: JobContext, timestamp: int) -> None:
    """Each minute: whose data was corrected, or was not, is called."""
    corrections: Corrections = context.additional_context["corrections"]
    if done := corrections.follow():
        log.info("corrections followed: %s", done)
