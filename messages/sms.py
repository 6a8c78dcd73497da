"""Sends what waits in the outbox: one job a text, tried again for ten minutes while the carrier does not answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from procrastinate import JobContext, RetryStrategy
from sqlalchemy import select, update

from carrier.client import Carrier, CarrierDown, MessageRefused
from core.clock import Clock
from core.database import Database
from core.jobs import app
from core.outbox import SEND_SMS, outbox
from core.privacy import Vault
from prompts.catalog import Catalog

TRIES, WAIT_SECONDS = 20, 30


@dataclass(frozen=True)
class Sender:
    """What sending needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    carrier: Carrier
    catalogs: Mapping[str, Catalog]
    line_values: Mapping[str, Mapping[str, object]]  #: by line: entidad, operador, numero

    def send(self, message_id: int) -> None:
        """Sends one text. Raises CarrierDown: the job is tried again, and in the worst case a text comes twice."""
        with self.db.begin() as tx:
            row = tx.execute(select(outbox).where(outbox.c.id == message_id)).one()
        if row.state != "queued":
            return
        values = self.line_values[row.line]
        body = self.catalogs[row.line].say(row.prompt, values).text
        try:
            sid = self.carrier.send_sms(self.vault.open(row.to_sealed), str(values["numero"]), body)
            self._store(message_id, "sent", sid)
        except MessageRefused:
            self._store(message_id, "refused", None)  # a number that takes no texts, such as a fixed line

    def give_up(self, message_id: int) -> None:
        """Nobody waits for a text of an hour ago."""
        self._store(message_id, "failed", None)

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
            sender.give_up(message_id)
        raise
