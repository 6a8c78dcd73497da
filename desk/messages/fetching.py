"""Brings messages here from the carrier, deletes them there, and purges them after 30 days."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from procrastinate import JobContext, RetryStrategy
from sqlalchemy import Connection, Row, delete, select, update

from carrier.client import CarrierDown
from carrier.recordings import NoRecording, Recordings
from core import audit, files
from core.clock import Clock
from core.database import Database
from core.jobs import app, every
from core.privacy import Vault
from desk.messages.inbox import FETCH_MESSAGE
from desk.messages.tables import message_note
from desk.states import MessageState
from desk.tables import message

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
TRIES, FIRST_WAIT = 8, 4  # the job waits 4, 16, 64 … seconds: six hours in all; then the sweep has it
_JOB_HAS_IT = timedelta(hours=1)  # before the sweep looks after a message too
_A_SWEEP = 200


@dataclass(frozen=True)
class Fetcher:
    """What fetching needs; the worker keeps one."""

    db: Database
    vault: Vault
    clock: Clock
    recordings: Callable[[str | None], Recordings]  #: those of an account

    def fetch(self, message_id: int) -> None:
        """Brings one message here and deletes it at the carrier, however far an earlier try came.

        Raises CarrierDown, NoRecording: it is tried again.
        """
        row = self._row(message_id)
        if row is not None and row.state == MessageState.LEFT:
            self._keep(message_id, self.recordings(row.carrier_account).fetch(row.recording_sid))
            row = self._row(message_id)
        if row is not None and not row.is_deleted_remotely and row.state != MessageState.LEFT:
            self.recordings(row.carrier_account).delete(row.recording_sid)  # that it was not there any more is as good
            with self.db.begin() as tx:
                tx.execute(update(message).where(message.c.id == message_id).values(is_deleted_remotely=True))

    def sweep(self) -> int:
        """Purges what is 30 days old, then looks after what the jobs gave up. Returns how many are still open."""
        now = self.clock.now()
        with self.db.begin() as tx:
            for row in _overdue(tx, now - KEPT):
                _purge(tx, now, row)
        with self.db.begin() as tx:
            unfinished = _unfinished(tx, now - _JOB_HAS_IT)
        left = 0
        for message_id in unfinished:
            try:
                self.fetch(message_id)
            except (CarrierDown, NoRecording):
                left += 1
        if left:
            log.warning("messages that are still at the carrier: %s", left)
        return left

    def _row(self, message_id: int) -> Row | None:
        with self.db.begin() as tx:
            return tx.execute(select(message).where(message.c.id == message_id)).one_or_none()

    def _keep(self, message_id: int, data: bytes) -> None:
        """Unless another try kept it meanwhile, or it was purged."""
        with self.db.begin() as tx:
            mine = (message.c.id == message_id, message.c.state == MessageState.LEFT)
            if tx.execute(select(message.c.id).where(*mine).with_for_update()).scalar() is None:
                return
            name = f"mensaje-{message_id}.wav"
            file_id = files.keep(tx, self.vault, self.clock.now(), "system", name, data)
            here = {"state": MessageState.FETCHED.value, "file_id": file_id}
            tx.execute(update(message).where(message.c.id == message_id).values(**here))


def _overdue(tx: Connection, before: datetime) -> list[Row]:
    old = (message.c.state != MessageState.PURGED, message.c.left_at <= before)
    return list(tx.execute(select(message).where(*old).with_for_update(skip_locked=True)))


def _purge(tx: Connection, now: datetime, row: Row) -> None:
    """Nothing of it stays but that there was one."""
    if row.file_id is not None:
        files.remove(tx, row.file_id)
    tx.execute(delete(message_note).where(message_note.c.message_id == row.id))
    gone = {"state": MessageState.PURGED.value, "file_id": None, "phone_sealed": None}
    tx.execute(update(message).where(message.c.id == row.id).values(**gone))
    audit.record(tx, now, "system", "message.purged", "message", row.id, line=row.line)


def _unfinished(tx: Connection, before: datetime) -> list[int]:
    asked = select(message.c.id).where(~message.c.is_deleted_remotely, message.c.left_at <= before)
    return list(tx.execute(asked.order_by(message.c.left_at.desc()).limit(_A_SWEEP)).scalars())


@app.task(
    name=FETCH_MESSAGE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=FIRST_WAIT, retry_exceptions={CarrierDown, NoRecording}),
)
def fetch_message(context: JobContext, message_id: int) -> None:
    """The job that ``inbox.note_message`` leaves behind."""
    fetcher: Fetcher = context.additional_context["fetcher"]
    fetcher.fetch(message_id)


@every("7 * * * *", "desk.sweep_messages")
def sweep_messages(context: JobContext, timestamp: int) -> None:
    """Every hour: what is too old goes, and what was left behind at the carrier is fetched or deleted there."""
    fetcher: Fetcher = context.additional_context["fetcher"]
    fetcher.sweep()
