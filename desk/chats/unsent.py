"""What was written in conversations and did not leave, for whoever watches the house."""

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from desk.chats.states import Side
from desk.chats.tables import IS_UNSENT, chat_message

_MOST = 5_000  # messages that are looked at: no index has when they were written


def oldest(tx: Connection) -> datetime | None:
    """Since when the first message of ours waits to be sent; None: none does."""
    return tx.execute(select(func.min(chat_message.c.at)).where(text(IS_UNSENT))).scalar()


def recent(tx: Connection, since: datetime) -> dict[str, int]:
    """Messages of ours written since a moment, of the newest few thousand, by how they stand."""
    newest = select(chat_message).order_by(chat_message.c.id.desc()).limit(_MOST).subquery()
    ours = (newest.c.side != Side.CITIZEN.value, newest.c.at > since)
    query = select(newest.c.state, func.count()).where(*ours).group_by(newest.c.state)
    return {state: count for state, count in tx.execute(query)}
