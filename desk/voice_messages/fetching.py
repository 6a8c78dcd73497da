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
from desk.states import VoiceMessageState
from desk.tables import voice_message
from desk.voice_messages.inbox import FETCH_VOICE_MESSAGE
from desk.voice_messages.tables import voice_message_note

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
        if row is not None and row.state == VoiceMessageState.LEFT:
            self._keep(message_id, self.recordings(row.carrier_account).fetch(row.recording_sid))
            row = self._row(message_id)
        if row is not None and not row.is_deleted_remotely and row.state != VoiceMessageState.LEFT:
            self.recordings(row.carrier_account).delete(row.recording_sid)  # that it was not there any more is as good
            with self.db.begin() as tx:
                tx.execute(
                    update(voice_message).where(voice_message.c.id == message_id).values(is_deleted_remotely=True)
                )

    def sweep(self) -> int:
        """Purges what is 30 days old, then looks after what the jobs gave up. Returns how many are still open."""
        now = self.clock.now()
        with self.db.begin() as tx:
            for row in _overdue(tx, now - KEPT):
                purge(tx, now, row)
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
            return tx.execute(select(voice_message).where(voice_message.c.id == message_id)).one_or_none()

    def _keep(self, message_id: int, data: bytes) -> None:
        """Unless another try kept it meanwhile, or it was purged."""
        with self.db.begin() as tx:
            mine = (voice_message.c.id == message_id, voice_message.c.state == VoiceMessageState.LEFT)
            if tx.execute(select(voice_message.c.id).where(*mine).with_for_update()).scalar() is None:
                return
            name = f"mensaje-{message_id}.wav"
            file_id = files.keep(tx, self.vault, self.clock.now(), "system", name, data)
            here = {"state": VoiceMessageState.FETCHED.value, "file_id": file_id}
            tx.execute(update(voice_message).where(voice_message.c.id == message_id).values(**here))


def _overdue(tx: Connection, before: datetime) -> list[Row]:
    old = (voice_message.c.state != VoiceMessageState.PURGED, voice_message.c.left_at <= before)
    return list(tx.execute(select(voice_message).where(*old).with_for_update(skip_locked=True)))


def purge(tx: Connection, now: datetime, row: Row, actor: str = "system") -> None:
    """Nothing of it stays but that there was one. Its recording, where the carrier has it still, the sweep deletes."""
    if row.file_id is not None:
        files.remove(tx, row.file_id)
    tx.execute(delete(voice_message_note).where(voice_message_note.c.message_id == row.id))
    gone = {"state": VoiceMessageState.PURGED.value, "file_id": None, "phone_sealed": None, "phone_print": None}
    tx.execute(update(voice_message).where(voice_message.c.id == row.id).values(**gone))
    audit.record(tx, now, actor, "message.purged", "message", row.id, line=row.line)


def _unfinished(tx: Connection, before: datetime) -> list[int]:
    asked = select(voice_message.c.id).where(~voice_message.c.is_deleted_remotely, voice_message.c.left_at <= before)
    return list(tx.execute(asked.order_by(voice_message.c.left_at.desc()).limit(_A_SWEEP)).scalars())


@app.task(
    name=FETCH_VOICE_MESSAGE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=FIRST_WAIT, retry_exceptions={CarrierDown, NoRecording}),
)
def fetch_message(context: JobContext, message_id: int) -> None:
    """The job that ``inbox.note_voice_message`` leaves behind."""
    fetcher: Fetcher = context.additional_context["fetcher"]
    fetcher.fetch(message_id)


@every("7 * * * *", "desk.sweep_messages")
def sweep_messages(context: JobContext, timestamp: int) -> None:
    """Every hour: what is too old goes, and what was left behind at the carrier is fetched or deleted there."""
    fetcher: Fetcher = context.additional_context["fetcher"]
    fetcher.sweep()
