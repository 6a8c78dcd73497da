"""What came with a message: fetched from the carrier when somebody looks, never kept; what they saw in it is (R22)."""

from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from carrier.client import CarrierDown
from carrier.messaging import Bytes, NoMedia
from core import audit
from desk.chats import writing
from desk.chats.states import Paper
from desk.chats.tables import chat, chat_media, chat_message
from desk.world import Desk


class NotThere(Exception):
    """Ese archivo ya no está en la red de mensajes."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotNow(Exception):
    """La red de mensajes no contesta. Inténtelo otra vez en un momento."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


class NotSeen(Exception):
    """Ábralo con «Ver» antes de decir qué es."""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


def fetch(desk: Desk, chat_id: int, media_id: int, actor: str) -> Bytes:
    """Brings one from the carrier; that it was looked at goes on the trail. No transaction is open meanwhile.

    Raises NotThere, NotNow.
    """
    with desk.db.begin() as tx:
        row = _row(tx, chat_id, media_id)
    if row is None or row.sid is None or row.message_sid is None:
        raise NotThere
    line = desk.lines.get(row.line)
    number = line.chat.number if line is not None and line.chat is not None else ""
    try:
        found = desk.carriers.messaging(row.carrier_account, number).fetch_media(row.message_sid, row.sid)
    except NoMedia:
        raise NotThere from None
    except CarrierDown:
        raise NotNow from None
    with desk.db.begin() as tx:
        now = desk.clock.now()
        audit.record(tx, now, actor, "chat.file_seen", "chat", chat_id, file=media_id, kind=row.kind)
        if not row.is_seen:
            tx.execute(update(chat_media).where(chat_media.c.id == media_id).values(is_seen=True))
            writing.changed(tx, chat_id)
    return found


def say_what_it_shows(
    tx: Connection, now: datetime, chat_id: int, media_id: int, paper: Paper | None, actor: str
) -> None:
    """The operator saw the document in it, or the bill; None: neither. Raises NotThere; NotSeen: nobody opened it."""
    row = _row(tx, chat_id, media_id)
    if row is None:
        raise NotThere
    if paper and not row.is_seen:
        raise NotSeen
    values = {"shows": paper.value if paper else None, "shown_by": actor}
    tx.execute(update(chat_media).where(chat_media.c.id == media_id).values(**values))
    audit.record(tx, now, actor, "chat.paper", "chat", chat_id, file=media_id, shows=values["shows"])
    writing.changed(tx, chat_id)


def _row(tx: Connection, chat_id: int, media_id: int) -> Row | None:
    asked = select(chat_media, chat_message.c.sid.label("message_sid"), chat.c.line, chat.c.carrier_account)
    joined = asked.join(chat_message, chat_message.c.id == chat_media.c.message_id).join(
        chat, chat.c.id == chat_message.c.chat_id
    )
    return tx.execute(joined.where(chat.c.id == chat_id, chat_media.c.id == media_id)).one_or_none()
