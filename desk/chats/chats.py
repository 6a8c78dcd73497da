"""Written conversations as whoever attends them sees them. Only reads; telephones leave masked, but ``contact_of``."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import ColumnElement, Connection, Row, func, select, text

from core.phones import Phone, parse_phone
from core.privacy import mask_phone
from desk.chats import window
from desk.chats.line import ChatLine
from desk.chats.states import ChatState, MediaKind, MessageState, Paper, Side
from desk.chats.tables import IS_OPEN, IS_TALKING, chat, chat_media, chat_message
from desk.lines import DeskLine, Queue
from desk.world import Desk

SHOWN = 300  #: messages of one conversation, the last ones
WITH_PEOPLE = (ChatState.WAITING, ChatState.TALKING)


@dataclass(frozen=True)
class Chat:
    """One conversation. ``owed_since``: the person wrote, and no person has answered."""

    id: int
    line: DeskLine
    queue: Queue
    state: ChatState
    phone: str | None
    opened_at: datetime
    wrote_at: datetime
    owed_since: datetime | None
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None
    account_id: int | None
    version: int
    phone_print: bytes | None = field(default=None, repr=False)

    @property
    def with_us(self) -> ChatLine:
        """What the line's file says of its written conversations."""
        assert self.line.chat is not None, "only such lines are read"
        return self.line.chat

    @property
    def is_open(self) -> bool:
        return self.state is not ChatState.ENDED

    @property
    def closes_at(self) -> datetime:
        """Until when anything may be written to the person."""
        return window.closes_at(self.wrote_at)

    def is_left_unanswered(self, now: datetime) -> bool:
        """Whether the person waits, and nothing may be written to them any more but a template: they are owed a
        template, a call, or somebody who says why neither."""
        return self.is_open and self.owed_since is not None and not window.is_open(self.wrote_at, now)

    def is_had_by(self, account_id: int) -> bool:
        return self.state is ChatState.TALKING and self.account_id == account_id


@dataclass(frozen=True)
class Media:
    """What came with a message. ``sid``: where its bytes are, at the carrier; None: nowhere any more."""

    id: int
    kind: MediaKind
    sid: str | None
    shows: Paper | None
    is_seen: bool


@dataclass(frozen=True)
class Message:
    """One message. ``text`` None: it was purged."""

    id: int
    at: datetime
    side: Side
    author: str | None
    text: str | None = field(repr=False)
    is_template: bool
    state: MessageState
    error: int | None
    media: list[Media]


def one(tx: Connection, desk: Desk, chat_id: int, *, lock: bool = False) -> Chat | None:
    """This conversation, over or not; None also where its line is written to no more."""
    query = select(chat).where(chat.c.id == chat_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return _chat(desk, row) if row is not None and is_written_to(desk, row.line) else None


def with_people(tx: Connection, desk: Desk) -> list[Chat]:
    """Those that wait for a person, or are had by one: whoever waits longest for an answer first."""
    lines = [line for line in desk.lines if is_written_to(desk, line)]
    open_ones = select(chat).where(text(IS_OPEN), chat.c.state.in_(WITH_PEOPLE), chat.c.line.in_(lines))
    order = (chat.c.owed_since.nulls_last(), chat.c.id)
    return [_chat(desk, row) for row in tx.execute(open_ones.order_by(*order))]


def stamp_of(chats: Iterable[Chat], and_: str = "") -> str:
    """16 hexadecimal digits that change with any of them, and with what else is told."""
    told = ",".join([*(f"{each.id}:{each.version}" for each in chats), and_])
    return blake2b(told.encode(), digest_size=8).hexdigest()


def messages_of(tx: Connection, desk: Desk, chat_id: int) -> list[Message]:
    """What was said in it, in the order in which it came here."""
    newest = select(chat_message).where(chat_message.c.chat_id == chat_id).order_by(chat_message.c.id.desc())
    rows = tx.execute(newest.limit(SHOWN)).all()[::-1]
    came: dict[int, list[Media]] = {}
    which = chat_media.c.message_id.in_([row.id for row in rows])
    for each in tx.execute(select(chat_media).where(which).order_by(chat_media.c.id)):
        shows = Paper(each.shows) if each.shows else None
        came.setdefault(each.message_id, []).append(Media(each.id, MediaKind(each.kind), each.sid, shows, each.is_seen))
    return [
        Message(
            id=row.id,
            at=row.at,
            side=Side(row.side),
            author=row.author,
            text=desk.vault.open(row.body_sealed) if row.body_sealed is not None else None,
            is_template=row.template is not None,
            state=MessageState(row.state),
            error=row.error,
            media=came.get(row.id, []),
        )
        for row in rows
    ]


def earlier(tx: Connection, desk: Desk, now: Chat, limit: int = 3) -> list[Chat]:
    """What the same person wrote to the same line before, newest first."""
    if now.phone_print is None:
        return []
    same = (chat.c.citizen_print == now.phone_print, chat.c.line == now.line.id, chat.c.id < now.id)
    rows = tx.execute(select(chat).where(*same).order_by(chat.c.id.desc()).limit(limit))
    return [_chat(desk, row) for row in rows]


def papers_of(tx: Connection, chat_id: int) -> frozenset[Paper]:
    """Which papers an operator saw among what the person sent (R22)."""
    joined = select(chat_media.c.shows).join(chat_message, chat_message.c.id == chat_media.c.message_id)
    found = joined.where(chat_message.c.chat_id == chat_id, chat_media.c.shows.is_not(None))
    return frozenset(map(Paper, tx.execute(found).scalars()))


def had_by(tx: Connection, account_id: int, *but: ColumnElement[bool]) -> int:
    """How many conversations an operator has at this moment."""
    theirs = select(func.count()).select_from(chat).where(text(IS_TALKING), chat.c.account_id == account_id, *but)
    return tx.execute(theirs).scalar_one()


def contact_of(tx: Connection, desk: Desk, found: Chat) -> str | None:
    """The whole telephone (E.164), for the case alone: never shown."""
    sealed = tx.execute(select(chat.c.citizen_sealed).where(chat.c.id == found.id)).scalar()
    return as_dialled(desk.vault.open(sealed), found.line.country) if sealed is not None else None


def as_dialled(address: str, country: str) -> str:
    """The telephone of a WhatsApp: Mexico's mobiles come with a 1 that nobody dials."""
    phone = parse_phone(address, country)
    return phone.e164 if isinstance(phone, Phone) else address


def is_written_to(desk: Desk, line_id: str) -> bool:
    """Whether people may write to this line."""
    line = desk.lines.get(line_id)
    return line is not None and line.chat is not None


def _chat(desk: Desk, row: Row) -> Chat:
    line = desk.lines[row.line]
    same = ("id", "opened_at", "wrote_at", "owed_since", "queued_at", "answered_at", "ended_at", "ended_as")
    facts = {name: getattr(row, name) for name in (*same, "account_id", "version")}
    return Chat(
        **facts,
        line=line,
        queue=line.queue(row.queue),
        state=ChatState(row.state),
        phone=mask_phone(desk.vault.open(row.citizen_sealed)) if row.citizen_sealed is not None else None,
        phone_print=row.citizen_print,
    )
