"""Sends what waits in the outbox: one job a try, again each minute for an hour while the carrier does not answer.

A job that failed, or whose worker was killed, leaves its text where it was: each minute those are given new ones.
A text that cannot be sent ends as failed, whatever the cause, and is on the page Correos until its telephone is erased.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from procrastinate import JobContext
from sqlalchemy import Connection, Row, select, update

from carrier.carriers import Carriers
from carrier.client import CarrierDown, MessageRefused, MessageUnknown
from core import audit, jobs
from core.clock import Clock
from core.database import Database, may_take_its_time
from core.jobs import app, every
from core.logs import where
from core.outbox import SEND_SMS, WAITING, erase, fail_forgotten, outbox, waiting
from core.privacy import Vault
from core.troubles import DATABASE_ERRORS
from prompts.catalog import Catalog

log = logging.getLogger(__name__)

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
        """Sends one text, once: whoever finds it being sent, or sent, leaves it. Raises CarrierDown: try again.

        The row stays locked while the carrier is spoken to: a process that is killed then, or a database that goes
        then, leaves it as it was, and a text may come twice. So may one that the carrier took without saying so: it is
        asked for once more, and never a third time.
        """
        with self.db.begin() as tx:
            query = select(outbox).where(outbox.c.id == message_id, outbox.c.state.in_(WAITING))
            row = tx.execute(query.with_for_update(skip_locked=True)).first()
            if row is None:
                return
            try:
                from_, to, body = self._written(row)
            except Exception as problem:  # a line or a sentence that is no more, another DATA_KEY: no try mends it
                log.error("the text %s of the line %s cannot be sent: %s", message_id, row.line, where(problem))
                return self._store(tx, row, "failed")
            may_take_its_time(tx)
            try:
                sid = self.carriers.of_number(from_).send_sms(to, from_, body)
            except MessageRefused:
                self._store(tx, row, "refused")  # a number that takes no texts, such as a fixed line
            except MessageUnknown:
                self._store(tx, row, "unknown" if row.state == "queued" else "failed")
            else:
                self._store(tx, row, "sent", sid)

    def send_again(self) -> int:
        """Leaves a job for each text that waits and has none; how many."""
        with self.db.begin() as tx:
            at_work = {arguments["message_id"] for arguments in jobs.arguments_waiting(tx, SEND_SMS)}
            left = [message_id for message_id in waiting(tx) if message_id not in at_work]
            for message_id in left:
                jobs.defer(tx, SEND_SMS, message_id=message_id)
        return len(left)

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

    def _store(self, tx: Connection, row: Row, state: str, sid: str | None = None) -> None:
        values = {"state": state, "remote_sid": sid, "sent_at": self.clock.now()}
        tx.execute(update(outbox).where(outbox.c.id == row.id).values(**values))


@app.task(name=SEND_SMS, pass_context=True)
def send_sms(context: JobContext, message_id: int) -> None:
    """The job that ``core.outbox.queue_sms`` leaves behind. Where the carrier or the database is down the text waits
    for ``send_sms_again``."""
    try:
        _sender(context).send(message_id)
    except CarrierDown:
        log.warning("text %s is left to the next look: the carrier does not answer", message_id)
    except DATABASE_ERRORS as error:
        log.warning("text %s is left to the next look: %s", message_id, where(error))


@every("* * * * *", "messages.send_sms_again")
def send_sms_again(context: JobContext, timestamp: int) -> None:
    """Each minute."""
    if count := _sender(context).send_again():
        log.info("texts that are tried again: %s", count)


@every("25 * * * *", "messages.look_after_texts")
def look_after_texts(context: JobContext, timestamp: int) -> None:
    """Each hour. Who was texted is known for as long as who called (ivr/housekeeping.py)."""
    _sender(context).look_after(context.additional_context["kept"])


def _sender(context: JobContext) -> Sender:
    return context.additional_context["sender"]
