"""Sends what waits in the outbox: one job a text, tried again for ten minutes while the carrier does not answer.

A text that cannot be sent ends as failed, whatever the cause, and is on the page Correos until its telephone is erased.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from procrastinate import JobContext, RetryStrategy
from sqlalchemy import Row, select, update

from carrier.carriers import Carriers
from carrier.client import CarrierDown, MessageRefused
from core import audit
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.logs import where
from core.outbox import SEND_SMS, erase, fail_forgotten, outbox
from core.privacy import Vault
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

TRIES, WAIT_SECONDS = 20, 30
TOO_LATE = timedelta(hours=1)  #: nobody waits for a text of an hour ago


@dataclass(frozen=True)
class Sender:
    """What sending needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    carriers: Carriers
    catalogs: Mapping[str, Catalog]
    line_values: Mapping[str, Mapping[str, object]]  #: by line: entidad, operador, numero

    def send(self, message_id: int) -> None:
        """Sends one text. Raises CarrierDown: the job is tried again, and in the worst case a text comes twice."""
        with self.db.begin() as tx:
            row = tx.execute(select(outbox).where(outbox.c.id == message_id)).one()
        if row.state != "queued":
            return
        try:
            from_, to, body = self._written(row)
        except Exception as problem:  # a line or a sentence that there is no more, another DATA_KEY: no try mends it
            log.error("the text %s of the line %s cannot be sent: %s", message_id, row.line, where(problem))
            return self.give_up(message_id)
        try:
            self._store(message_id, "sent", self.carriers.of_number(from_).send_sms(to, from_, body))
        except MessageRefused:
            self._store(message_id, "refused", None)  # a number that takes no texts, such as a fixed line

    def give_up(self, message_id: int) -> None:
        """It will not be sent: where people see it."""
        self._store(message_id, "failed", None)

    def look_after(self, kept: timedelta) -> None:
        """Gives up what was forgotten, and erases whom the texts went to that are older than ``kept``."""
        now = self.clock.now()
        with self.db.begin() as tx:
            forgotten, erased = fail_forgotten(tx, now, now - TOO_LATE), erase(tx, now - kept)
            if erased:
                audit.record(tx, now, "system", "texts.purged", "text", "outbox", texts=erased)
        if forgotten:
            log.error("texts that nobody sent in an hour, and nobody will: %s", forgotten)

    def _written(self, row: Row) -> tuple[str, str, str]:
        """(from, to, text) of one."""
        values = self.line_values[row.line]
        body = self.catalogs[row.line].say(row.prompt, values).text
        return str(values["numero"]), self.vault.open(row.to_sealed), body

    def _store(self, message_id: int, state: str, sid: str | None) -> None:
        with self.db.begin() as tx:
            tx.execute(
                update(outbox)
                .where(outbox.c.id == message_id)
                .values(state=state, remote_sid=sid, sent_at=self.clock.now())
            )


@app.task(
    name=SEND_SMS,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, wait=WAIT_SECONDS, retry_exceptions={CarrierDown}),
)
def send_sms(context: JobContext, message_id: int) -> None:
    """The job that ``core.outbox.queue_sms`` leaves behind."""
    sender: Sender = context.additional_context["sender"]
    try:
        sender.send(message_id)
    except CarrierDown:
        if context.job is not None and context.job.attempts >= TRIES - 1:
            log.error("the text %s was given up: the carrier does not answer", message_id)
            sender.give_up(message_id)
        raise


@every("25 * * * *", "messages.look_after_texts")
def look_after_texts(context: JobContext, timestamp: int) -> None:
    """Each hour. Who was texted is known for as long as who called (ivr/housekeeping.py)."""
    sender: Sender = context.additional_context["sender"]
    sender.look_after(context.additional_context["kept"])
