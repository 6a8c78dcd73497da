"""What came with messages and is to be no longer kept, neither here nor at the carrier, where its bytes are."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from core import jobs
from desk.chats.tables import chat_media, chat_message

DELETE_MEDIA = "messages.delete_media"


def forget(tx: Connection, chat_ids: Sequence[int]) -> int:
    """Nobody can look at it from now on, and what was seen in it is forgotten; a job deletes it at the carrier
    (messages/media.py). How many there were."""
    said = select(chat_message.c.id).where(chat_message.c.chat_id.in_(chat_ids))
    mine = chat_media.c.message_id.in_(said)
    tx.execute(update(chat_media).where(mine).values(shows=None))
    gone = {"sid_to_delete": chat_media.c.sid, "sid": None}
    count = tx.execute(update(chat_media).where(mine, chat_media.c.sid.is_not(None)).values(**gone)).rowcount
    if count:
        jobs.defer(tx, DELETE_MEDIA)
    return count
