"""Deletes at the carrier what came with messages that are nobody's now: a job as they are purged, and each hour."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from procrastinate import JobContext, RetryStrategy
from sqlalchemy import Row, select, update

from carrier.carriers import Carriers
from carrier.client import CarrierDown
from core.database import Database
from core.jobs import app, every
from desk.chats.media import DELETE_MEDIA
from desk.chats.tables import chat, chat_media, chat_message
from desk.lines import DeskLine

log = logging.getLogger(__name__)

AT_ONCE = 500
TRIES, FIRST_WAIT = 8, 4  # as desk/voice_messages/fetching.py: then the hour's look has it

_TO_DELETE = (
    select(chat_media.c.id, chat_media.c.sid_to_delete, chat_message.c.sid, chat.c.line, chat.c.carrier_account)
    .join(chat_message, chat_message.c.id == chat_media.c.message_id)
    .join(chat, chat.c.id == chat_message.c.chat_id)
    .where(chat_media.c.sid_to_delete.is_not(None))
    .order_by(chat_media.c.id)
    .limit(AT_ONCE)
)


@dataclass(frozen=True)
class MediaRemover:
    """What deleting needs; the worker keeps one."""

    db: Database
    carriers: Carriers
    lines: Mapping[str, DeskLine]

    def remove(self) -> int:
        """Deletes them, each in a transaction of its own; how many. Raises CarrierDown where some are left."""
        with self.db.begin() as tx:
            rows = tx.execute(_TO_DELETE).all()
        done = sum(self._is_removed(row) for row in rows)
        if done < len(rows):
            log.warning("photographs that are still at the carrier: %s", len(rows) - done)
            raise CarrierDown
        return done

    def _is_removed(self, row: Row) -> bool:
        """That it was not there any more is as good."""
        line = self.lines.get(row.line)
        number = line.chat.number if line is not None and line.chat is not None else ""
        try:
            self.carriers.messaging(row.carrier_account, number).delete_media(row.sid or "", row.sid_to_delete)
        except CarrierDown:
            return False
        except ValueError:
            log.error("file %s of a message has no name at the carrier: nothing can be deleted there", row.id)
        with self.db.begin() as tx:
            tx.execute(update(chat_media).where(chat_media.c.id == row.id).values(sid_to_delete=None))
        return True


@app.task(
    name=DELETE_MEDIA,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES, exponential_wait=FIRST_WAIT, retry_exceptions={CarrierDown}),
)
def delete_media(context: JobContext) -> None:
    """The job that ``desk.chats.media.forget`` leaves behind."""
    _remover(context).remove()


@every("17 * * * *", "messages.delete_media_again")
def delete_media_again(context: JobContext, timestamp: int) -> None:
    """Each hour: what the jobs gave up."""
    try:
        _remover(context).remove()
    except CarrierDown:
        return  # said in the log


def _remover(context: JobContext) -> MediaRemover:
    return context.additional_context["media_remover"]
