"""What somebody wrote, and sent pictures of, in written conversations: for whoever must not ask them for it as if
nobody knew (procedures/facts.py)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from core.privacy import Vault
from desk.chats.states import MediaKind, Paper, Side
from desk.chats.tables import chat, chat_media, chat_message

_PICTURES = (MediaKind.IMAGE, MediaKind.FILE)


@dataclass(frozen=True)
class Written:
    """``words``: of the person alone; ``may_show_a_bill``: whether they sent a bill, or a picture of which nobody said
    what it shows."""

    words: tuple[str, ...] = field(repr=False)
    may_show_a_bill: bool


def written_in(tx: Connection, vault: Vault, rooms: Collection[int], phone_prints: Collection[bytes]) -> Written:
    """In these conversations, and in those from these telephones; of what was purged, nothing."""
    theirs = or_(chat.c.id.in_(list(rooms)), chat.c.citizen_print.in_(list(phone_prints)))
    ids = tx.execute(select(chat.c.id).where(theirs)).scalars().all()
    said = (chat_message.c.chat_id.in_(ids), chat_message.c.side == Side.CITIZEN)
    bodies = tx.execute(select(chat_message.c.body_sealed).where(*said, chat_message.c.body_sealed.is_not(None)))
    unnamed = chat_media.c.shows.is_(None) & chat_media.c.sid.is_not(None) & chat_media.c.kind.in_(_PICTURES)
    came = select(chat_media.c.id).join(chat_message, chat_message.c.id == chat_media.c.message_id)
    pictured = came.where(*said, or_(chat_media.c.shows == Paper.BILL, unnamed)).limit(1)
    words = tuple(vault.open(each) for each in bodies.scalars())
    return Written(words, tx.execute(pictured).first() is not None)
